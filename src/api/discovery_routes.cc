#include "api/discovery_routes.h"

#include <algorithm>

#include "api/json.h"
#include "api/pod_address.h"

namespace podvisor {
namespace {

constexpr const char* kMeta = "__meta_kubernetes_";

/// Prometheus' rule for what may not be in the name of a label.
std::string sanitized(std::string name) {
  std::ranges::replace_if(
      name,
      [](char c) {
        return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
      },
      '_');
  return name;
}

void add_all(Json& labels, const std::string& prefix,
             const std::map<std::string, std::string>& values) {
  for (const auto& [key, value] : values) {
    labels[prefix + "_" + sanitized(key)] = value;
    labels[prefix + "present_" + sanitized(key)] = "true";
  }
}

Json pod_labels(const PodObject& object) {
  const ObjectMeta& meta = object.pod->metadata;
  const std::string pod = std::string(kMeta) + "pod_";
  Json labels{{std::string(kMeta) + "namespace", meta.namespace_},
              {pod + "name", meta.name},
              {pod + "uid", meta.uid},
              {pod + "ip", pod_ip(object)},
              {pod + "host_ip", object.host_ip},
              {pod + "node_name", object.node_name},
              {pod + "phase", to_string(object.status.phase)},
              {pod + "ready", gets_traffic(object) ? "true" : "false"}};
  add_all(labels, pod + "label", meta.labels);
  add_all(labels, pod + "annotation", meta.annotations);
  return labels;
}

std::string target(const std::string& address, std::uint16_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  return (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

void add_pod(const PodObject& object, Json& groups) {
  const std::string& address = pod_ip(object);
  if (address.empty()) return;
  const Json common = pod_labels(object);
  const std::string container_ = std::string(kMeta) + "pod_container_";
  for (const Container& container : object.pod->spec.containers) {
    for (const ContainerPort& port : container.ports) {
      if (port.protocol != "TCP") continue;
      Json labels = common;
      labels[container_ + "name"] = container.name;
      labels[container_ + "image"] = container.image;
      labels[container_ + "port_name"] = port.name;
      labels[container_ + "port_number"] = std::to_string(port.container_port);
      labels[container_ + "port_protocol"] = port.protocol;
      groups.push_back({{"targets", Json::array({target(address, port.container_port)})},
                        {"labels", std::move(labels)}});
    }
  }
}

}  // namespace

HttpReply get_scrape_targets(ApiContext& context, const ApiRequest&) {
  Json groups = Json::array();
  for (const auto& [name, object] : context.store.pods()) add_pod(object, groups);
  return json_response(groups);
}

}  // namespace podvisor
