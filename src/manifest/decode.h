// The walker's JSON of a document without errors as the typed model.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "manifest/manifest.h"

namespace podvisor::manifest {

[[nodiscard]] Pod decode_pod(const nlohmann::json& pod, const LoadOptions& options);
[[nodiscard]] ConfigObject decode_config_map(const nlohmann::json& map);
[[nodiscard]] ConfigObject decode_secret(const nlohmann::json& secret);
[[nodiscard]] Namespace decode_namespace(const nlohmann::json& object);
[[nodiscard]] Deployment decode_deployment(const nlohmann::json& deployment,
                                           const LoadOptions& options);
[[nodiscard]] Service decode_service(const nlohmann::json& service);

[[nodiscard]] ObjectMeta decode_metadata(const nlohmann::json& metadata);
[[nodiscard]] LabelSelector decode_label_selector(const nlohmann::json& selector);
[[nodiscard]] IntOrPercent decode_int_or_percent(const nlohmann::json& value);

[[nodiscard]] Container decode_container(const nlohmann::json& container,
                                         const nlohmann::json& spec, bool is_init);
[[nodiscard]] std::vector<EnvVar> decode_env(const nlohmann::json& container);
[[nodiscard]] std::vector<EnvFromSource> decode_env_from(const nlohmann::json& container);
/// DWN. Of {fieldRef} and {resourceFieldRef}.
[[nodiscard]] ObjectFieldSelector decode_field_ref(const nlohmann::json& selector);
[[nodiscard]] ResourceFieldSelector decode_resource_field_ref(const nlohmann::json& selector);
/// SEC-1: the container's fields before the pod's.
[[nodiscard]] SecurityContext decode_security(const nlohmann::json& container,
                                              const nlohmann::json& spec);
[[nodiscard]] Lifecycle decode_lifecycle(const nlohmann::json& container);
[[nodiscard]] std::vector<RestartRule> decode_restart_rules(const nlohmann::json& container);
[[nodiscard]] Probe decode_probe(const nlohmann::json& probe);
[[nodiscard]] HttpGetAction decode_http_get(const nlohmann::json& action);
[[nodiscard]] TcpSocketAction decode_tcp_socket(const nlohmann::json& action);
[[nodiscard]] ExecAction decode_exec(const nlohmann::json& action);
[[nodiscard]] Volume decode_volume(const nlohmann::json& volume);
/// Nothing when it is no configMap, secret, downwardAPI or projected volume.
[[nodiscard]] std::optional<ProjectedVolume> decode_projected(const nlohmann::json& volume);
[[nodiscard]] RestartPolicy decode_restart_policy(const std::string& word);
/// securityContext of the pod, as far as it is not the containers'.
void decode_pod_security(const nlohmann::json& spec_json, PodSpec& spec);
/// Host name, /etc/hosts and name resolution.
void decode_names(const nlohmann::json& pod, PodSpec& spec);

}  // namespace podvisor::manifest
