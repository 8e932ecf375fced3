// The walker's JSON of a pod without errors as the typed model.
#pragma once

#include <nlohmann/json.hpp>

#include "manifest/manifest.h"

namespace podvisor::manifest {

[[nodiscard]] Pod decode_pod(const nlohmann::json& pod, const LoadOptions& options);

[[nodiscard]] Container decode_container(const nlohmann::json& container,
                                         const nlohmann::json& spec, bool is_init);
[[nodiscard]] Probe decode_probe(const nlohmann::json& probe);
[[nodiscard]] Volume decode_volume(const nlohmann::json& volume);
[[nodiscard]] RestartPolicy decode_restart_policy(const std::string& word);
/// NET-3
[[nodiscard]] std::string decode_hostname(const nlohmann::json& spec, const std::string& pod_name);

}  // namespace podvisor::manifest
