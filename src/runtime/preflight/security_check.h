// What of a securityContext the host cannot give. Pure.
#pragma once

#include <string>
#include <vector>

#include "podvisor/pod.h"
#include "runtime/preflight/host.h"
#include "runtime/preflight/preflight.h"

namespace podvisor {

/// Of the pod as a whole: sysctls, shareProcessNamespace.
[[nodiscard]] std::vector<Problem> pod_security_problems(const PodSpec& spec,
                                                         const HostFacts& facts);
/// Of one container, whose path in the manifest is `field`.
[[nodiscard]] std::vector<Problem> container_security_problems(const SecurityContext& context,
                                                               const HostFacts& facts,
                                                               const std::string& field);

}  // namespace podvisor
