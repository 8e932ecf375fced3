#include "manifest/policy.h"

#include <algorithm>

#include "manifest/duration.h"
#include "manifest/json_access.h"

namespace podvisor::manifest {
namespace {

constexpr Seconds kLongestDrain = std::chrono::hours(24);

RestartScope restart_scope(const std::string& word) {
  if (word == "all") return RestartScope::All;
  if (word == "container") return RestartScope::Container;
  return RestartScope::Sidecars;
}

/// Of a valid pod; `unset` where it has none.
std::chrono::milliseconds duration(const Json& pod, const char* name,
                                   std::chrono::milliseconds unset) {
  return parse_duration(annotation(pod, name)).value_or(unset);
}

RolloutPolicy rollout_policy(const Json& pod) {
  RolloutPolicy policy;
  policy.recreate = annotation(pod, kReplace) == "Recreate";
  policy.min_ready = duration(pod, kMinReady, policy.min_ready);
  policy.bake = duration(pod, kBake, policy.bake);
  policy.progress_deadline = duration(pod, kProgressDeadline, policy.progress_deadline);
  policy.on_mounted_config = annotation(pod, kRolloutOnConfig) == "all";
  return policy;
}

DoorPolicy::Mode door_mode(const std::string& word) {
  if (word == "http") return DoorPolicy::Mode::Http;
  if (word == "tcp") return DoorPolicy::Mode::Tcp;
  return word == "off" ? DoorPolicy::Mode::Off : DoorPolicy::Mode::ByPort;
}

}  // namespace

DoorPolicy door_policy(const Json& object) {
  DoorPolicy policy;
  policy.mode = door_mode(annotation(object, kDoor));
  policy.forwarded_headers = annotation(object, kForwardedHeaders) == "true";
  policy.hold_timeout = duration(object, kHoldTimeout, policy.hold_timeout);
  policy.drain_timeout = duration(object, kDrainTimeout, policy.drain_timeout);
  policy.readyz_delay = duration(object, kReadyzDelay, policy.readyz_delay);
  return policy;
}

std::string annotation(const Json& pod, const char* name) {
  const Json* metadata = find(pod, "metadata");
  const Json* annotations = metadata ? find(*metadata, "annotations") : nullptr;
  return annotations ? text(*annotations, name) : std::string();
}

std::vector<std::string> split_names(const std::string& list) {
  std::vector<std::string> names;
  for (std::size_t start = 0; start <= list.size();) {
    const std::size_t comma = std::min(list.find(',', start), list.size());
    std::string name = list.substr(start, comma - start);
    name.erase(0, name.find_first_not_of(' '));
    name.erase(name.find_last_not_of(' ') + 1);
    if (!name.empty()) names.push_back(std::move(name));
    start = comma + 1;
  }
  return names;
}

std::string main_container_name(const Json& pod) {
  std::string name = annotation(pod, kDefaultContainer);
  if (!name.empty()) return name;
  const Json* spec = find(pod, "spec");
  const Json* containers = spec ? find(*spec, "containers") : nullptr;
  if (containers == nullptr || containers->empty() || containers->front().is_null()) return "";
  return text(containers->front(), "name");
}

void decode_policy(const Json& pod, PodSpec& spec) {
  PodPolicy& policy = spec.policy;
  const std::string main = main_container_name(pod);
  for (std::size_t i = 0; i < spec.containers.size(); ++i) {
    if (spec.containers[i].name == main) policy.main_container = i;
  }
  policy.restart_scope = restart_scope(annotation(pod, kRestartScope));
  for (std::string& name : split_names(annotation(pod, kNoncritical))) {
    policy.noncritical.insert(std::move(name));
  }
  if (annotation(pod, kHttpSuccess) == "200-399") policy.http_success_max = 399;
  policy.fast_ready = annotation(pod, kFastReady) == "true";
  policy.rollout = rollout_policy(pod);
  policy.door = door_policy(pod);
  // OPN-5. Nothing is cut that Kubernetes would give the time to come to its end.
  if (annotation(pod, kDrainTimeout).empty())
    policy.door.drain_timeout = std::max<std::chrono::milliseconds>(
        policy.door.drain_timeout, std::min(spec.termination_grace_period, kLongestDrain));
}

void decode_network(const Json& pod, NetworkMode default_network, PodSpec& spec) {
  const std::string mode = annotation(pod, kNetwork);
  spec.host_network = flag(pod.at("spec"), "hostNetwork");
  spec.network = default_network;
  if (spec.host_network) spec.network = NetworkMode::Host;
  if (mode == "bridge") spec.network = NetworkMode::Bridge;
  if (mode == "none") spec.network = NetworkMode::None;
  if (mode.starts_with("ns:")) {
    spec.network = NetworkMode::Join;
    spec.network_path = mode.substr(3);
  }
  spec.host_network = spec.network == NetworkMode::Host;
}

}  // namespace podvisor::manifest
