#include "podvisor/node.h"

#include <algorithm>

namespace podvisor {
namespace {

/// As Go, and so Kubernetes, spells it.
std::string architecture(const std::string& machine) {
  if (machine == "x86_64") return "amd64";
  if (machine == "aarch64") return "arm64";
  if (machine == "i686" || machine == "i386") return "386";
  return machine.starts_with("armv") ? "arm" : machine;
}

bool matches(const std::map<std::string, std::string>& selector, const Node& node) {
  return std::ranges::all_of(selector, [&](const auto& wanted) {
    const auto label = node.labels.find(wanted.first);
    return label != node.labels.end() && label->second == wanted.second;
  });
}

}  // namespace

std::map<std::string, std::string> default_labels(const std::string& name,
                                                  const std::string& machine) {
  return {{"kubernetes.io/hostname", name},
          {"kubernetes.io/os", "linux"},
          {"kubernetes.io/arch", architecture(machine)}};
}

std::optional<std::string> why_not_on(const Node& node, const PodSpec& spec) {
  const std::string nowhere = "0/1 nodes are available: 1 node(s) didn't match ";
  if (!spec.node_name.empty() && spec.node_name != node.name)
    return nowhere + "the requested node name.";
  if (!matches(spec.node_selector, node)) return nowhere + "Pod's node affinity/selector.";
  return std::nullopt;
}

}  // namespace podvisor
