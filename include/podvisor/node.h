// The host as the node that pods are placed on: what nodeSelector and nodeName are held against.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "podvisor/pod.h"

namespace podvisor {

struct Node {
  std::string name;
  std::map<std::string, std::string> labels;
};

/// The labels that every node has, kubernetes.io/hostname, kubernetes.io/os and kubernetes.io/arch,
/// for a host of that name and machine, as uname spells it ("x86_64").
[[nodiscard]] std::map<std::string, std::string> default_labels(const std::string& name,
                                                                const std::string& machine);

/// Why the pod may not run on this node, in the scheduler's words: nodeName must be this node, and
/// every entry of nodeSelector one of its labels. Nothing: it may.
[[nodiscard]] std::optional<std::string> why_not_on(const Node& node, const PodSpec& spec);

}  // namespace podvisor
