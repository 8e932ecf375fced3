#include "manifest/capabilities.h"
#include "manifest/decode.h"
#include "manifest/json_access.h"
#include "podvisor/sysctls.h"

namespace podvisor::manifest {
namespace {

/// SEC-1: the container's own value, else the pod's.
const Json* merged(const Json& own, const Json& of_pod, const char* name) {
  const Json* value = find(own, name);
  return value != nullptr ? value : find(of_pod, name);
}

template <typename T>
std::optional<T> merged_value(const Json& own, const Json& of_pod, const char* name) {
  const Json* value = merged(own, of_pod, name);
  return value != nullptr ? std::optional(value->get<T>()) : std::nullopt;
}

SecurityProfile::Type profile_type(const std::string& word) {
  if (word == "RuntimeDefault") return SecurityProfile::Type::RuntimeDefault;
  if (word == "Localhost") return SecurityProfile::Type::Localhost;
  return SecurityProfile::Type::Unconfined;
}

std::optional<SecurityProfile> profile(const Json* json) {
  if (json == nullptr) return std::nullopt;
  return SecurityProfile{profile_type(text(*json, "type")), text(*json, "localhostProfile")};
}

std::vector<std::string> capability_names(const Json& json, const char* name) {
  std::vector<std::string> names = strings(json, name);
  for (std::string& one : names) one = bare_capability(one);
  return names;
}

std::optional<Capabilities> capabilities(const Json& own) {
  const Json* json = find(own, "capabilities");
  if (json == nullptr) return std::nullopt;
  return Capabilities{capability_names(*json, "add"), capability_names(*json, "drop")};
}

std::vector<std::uint32_t> supplemental_groups(const Json& of_pod) {
  const Json* groups = find(of_pod, "supplementalGroups");
  return groups != nullptr ? groups->get<std::vector<std::uint32_t>>()
                           : std::vector<std::uint32_t>{};
}

}  // namespace

SecurityContext decode_security(const Json& container, const Json& spec) {
  const Json& own = child(container, "securityContext");
  const Json& of_pod = child(spec, "securityContext");
  SecurityContext security;
  security.run_as_user = merged_value<std::uint32_t>(own, of_pod, "runAsUser");
  security.run_as_group = merged_value<std::uint32_t>(own, of_pod, "runAsGroup");
  security.run_as_non_root = merged_value<bool>(own, of_pod, "runAsNonRoot");
  security.supplemental_groups = supplemental_groups(of_pod);
  security.strict_supplemental_groups = text(of_pod, "supplementalGroupsPolicy") == "Strict";
  if (const Json* allow = find(own, "allowPrivilegeEscalation")) {
    security.allow_privilege_escalation = allow->get<bool>();
  }
  security.privileged = flag(own, "privileged");
  security.capabilities = capabilities(own);
  security.read_only_root_filesystem = flag(own, "readOnlyRootFilesystem");
  security.seccomp = profile(merged(own, of_pod, "seccompProfile"));
  security.app_armor = profile(merged(own, of_pod, "appArmorProfile"));
  return security;
}

void decode_pod_security(const Json& spec_json, PodSpec& spec) {
  const Json& security = child(spec_json, "securityContext");
  if (const Json* group = find(security, "fsGroup")) spec.fs_group = group->get<std::uint32_t>();
  each(security, "sysctls", "", [&](const Json& item, const std::string&) {
    spec.sysctls.push_back({dotted_sysctl(text(item, "name")), text(item, "value")});
  });
}

}  // namespace podvisor::manifest
