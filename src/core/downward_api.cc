#include "podvisor/downward_api.h"

#include <charconv>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace podvisor {
namespace {

using Strings = std::map<std::string, std::string>;
/// 1Ei in thousandths is beyond 64 bits.
__extension__ using Int128 = __int128;

/// DWN-1.
std::string whole_map(const Strings& strings) {
  std::string text;
  for (const auto& [key, value] : strings)
    text += (text.empty() ? "" : "\n") + key + "=" + go_quote(value);
  return text;
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

/// "metadata.labels['app']" -> "app" for "metadata.labels".
std::optional<std::string> subscript(std::string_view path, std::string_view map) {
  if (!path.starts_with(map)) return std::nullopt;
  path.remove_prefix(map.size());
  if (!path.starts_with("['") || !path.ends_with("']") || path.size() < 4) return std::nullopt;
  return std::string(path.substr(2, path.size() - 4));
}

std::string value_or_empty(const Strings& strings, const std::string& key) {
  const auto found = strings.find(key);
  return found == strings.end() ? std::string() : found->second;
}

std::vector<std::string> pod_addresses(const Pod& pod, const std::string& pod_ip,
                                       const NodeFacts& node) {
  if (!pod_ip.empty()) return {pod_ip};
  return pod.spec.host_network ? node.addresses() : std::vector<std::string>();
}

std::string first(const std::vector<std::string>& words) {
  return words.empty() ? std::string() : words.front();
}

std::optional<std::string> metadata_value(const ObjectMeta& meta, const std::string& path) {
  if (path == "metadata.name") return meta.name;
  if (path == "metadata.namespace") return meta.namespace_;
  if (path == "metadata.uid") return meta.uid;
  if (path == "metadata.labels") return whole_map(meta.labels);
  if (path == "metadata.annotations") return whole_map(meta.annotations);
  if (const auto key = subscript(path, "metadata.labels")) return value_or_empty(meta.labels, *key);
  if (const auto key = subscript(path, "metadata.annotations"))
    return value_or_empty(meta.annotations, *key);
  return std::nullopt;
}

/// A quantity's suffix in thousandths: "m" is 1, "" is 1000, "Ki" 1024000.
std::optional<Int128> suffix_millis(std::string_view suffix) {
  if (suffix == "m") return 1;
  if (suffix.empty()) return 1000;
  const bool binary = suffix.size() == 2 && suffix[1] == 'i';
  if (suffix.size() != (binary ? 2U : 1U)) return std::nullopt;
  const std::size_t power = std::string_view(binary ? "KMGTPE" : "kMGTPE").find(suffix[0]);
  if (power == std::string_view::npos) return std::nullopt;
  Int128 scale = 1000;
  for (std::size_t i = 0; i <= power; ++i) scale *= binary ? 1024 : 1000;
  return scale;
}

/// VAL-28 allows few more than the suffixes. Unset and 0 mean 1.
std::optional<Int128> divisor_millis(const std::string& text) {
  if (text.empty()) return 1000;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0) return std::nullopt;
  if (number == 0) return 1000;
  const auto scale =
      suffix_millis(std::string_view(text).substr(static_cast<std::size_t>(end - text.data())));
  if (!scale) return std::nullopt;
  return *scale * number;
}

/// The quantity in thousandths of a CPU or in bytes; no such resource: nothing.
std::optional<std::int64_t> amount(const ResourceRequirements& resources,
                                   const std::string& resource, const NodeFacts& node) {
  // DEF-2: a limit alone is a request too.
  const auto request = [](const auto& own, const auto& limit) {
    return own.value_or(limit.value_or(0));
  };
  if (resource == "limits.cpu") return resources.cpu_limit.value_or(node.cpu_millis);
  if (resource == "limits.memory") return resources.memory_limit.value_or(node.memory_bytes);
  if (resource == "limits.ephemeral-storage")
    return resources.ephemeral_storage_limit.value_or(node.ephemeral_storage);
  if (resource == "requests.cpu") return request(resources.cpu_request, resources.cpu_limit);
  if (resource == "requests.memory")
    return request(resources.memory_request, resources.memory_limit);
  if (resource == "requests.ephemeral-storage")
    return request(resources.ephemeral_storage_request, resources.ephemeral_storage_limit);
  if (resource.starts_with("limits.hugepages-") || resource.starts_with("requests.hugepages-"))
    return 0;  // no container may ask for any
  return std::nullopt;
}

const Container* find_container(const PodSpec& spec, const std::string& name) {
  for (const Container& container : spec.containers)
    if (container.name == name) return &container;
  return nullptr;
}

}  // namespace

Result<std::string> field_value(const Pod& pod, const std::string& field_path,
                                const std::string& pod_ip, const NodeFacts& node) {
  if (auto value = metadata_value(pod.metadata, field_path)) return std::move(*value);
  if (field_path == "spec.nodeName") return node.name;
  if (field_path == "spec.serviceAccountName") return pod.spec.service_account_name;
  if (field_path == "status.hostIP") return first(node.addresses());
  if (field_path == "status.hostIPs") return join(node.addresses());
  if (field_path == "status.podIP") return first(pod_addresses(pod, pod_ip, node));
  if (field_path == "status.podIPs") return join(pod_addresses(pod, pod_ip, node));
  return make_error("unsupported fieldPath: " + field_path);
}

Result<std::string> resource_value(const Pod& pod, const Container& own,
                                   const ResourceFieldSelector& selector, const NodeFacts& node) {
  const Container* container =
      selector.container_name.empty() ? &own : find_container(pod.spec, selector.container_name);
  if (container == nullptr)
    return make_error("container " + selector.container_name + " not found");
  const auto quantity = amount(container->resources, selector.resource, node);
  if (!quantity) return make_error("unsupported container resource: " + selector.resource);
  const auto divisor = divisor_millis(selector.divisor);
  if (!divisor) return make_error("unsupported divisor: " + selector.divisor);
  // Rounded up, in whole numbers: thousandths by thousandths.
  const bool cpu = selector.resource.ends_with(".cpu");
  const Int128 thousandths = Int128{*quantity} * (cpu ? 1 : 1000);
  return std::to_string(static_cast<std::int64_t>((thousandths + *divisor - 1) / *divisor));
}

}  // namespace podvisor
