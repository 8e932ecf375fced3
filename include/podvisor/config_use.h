// What a change of a ConfigMap or Secret means to a pod.
#pragma once

#include <string>

#include "podvisor/pod.h"

namespace podvisor {

/// It is part of what the pod is: its containers were started with it, as environment or by
/// subPath, or the pod says so of what it mounts (RolloutPolicy::on_mounted_config).
[[nodiscard]] bool is_made_of(const Pod& pod, ConfigKind kind, const std::string& name);

}  // namespace podvisor
