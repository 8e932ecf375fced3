// A container's environment (ENV): envFrom, then env in order, then what a login would set. Pure:
// nothing is inherited from podvisor.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "podvisor/downward_api.h"
#include "podvisor/pod.h"
#include "podvisor/ports/config_source.h"
#include "podvisor/result.h"

namespace podvisor {

using Environment = std::map<std::string, std::string, std::less<>>;

/// What a pod's variables can refer to, besides the pod itself. All is borrowed.
struct EnvironmentSources {
  const NodeFacts& node;
  const ConfigSource* configs = nullptr;  ///< nullptr: there are no ConfigMaps and no Secrets
  std::string pod_ip;                     ///< empty: the pod has none
};

/// What the manifest says (ENV-1 … ENV-8). An error is a CreateContainerConfigError (ENV-7); it
/// names objects and keys, never a value.
[[nodiscard]] Result<Environment> manifest_environment(const Pod& pod, const Container& container,
                                                       const EnvironmentSources& sources);

/// $(NAME) replaced by what the environment has (EXP).
[[nodiscard]] std::string expand_with(const Environment& environment, std::string_view text);

}  // namespace podvisor
