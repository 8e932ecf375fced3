// How the pods of a Deployment are named: NAME-HASH-SUFFIX, as Kubernetes does.
#pragma once

#include <string>
#include <string_view>

namespace podvisor {

inline constexpr const char* kPodTemplateHash = "pod-template-hash";  ///< label of such pods

/// FNV-1a of the text, in Kubernetes' letters without vowels: "7d9f8b6c5". Always the same.
[[nodiscard]] std::string pod_template_hash(std::string_view text);

/// "web-7d9f8b6c5-x2kqp", whose last five follow from `seed`. What is too long for a host name is
/// cut before them.
[[nodiscard]] std::string replica_name(const std::string& revision_name, std::string_view seed);

}  // namespace podvisor
