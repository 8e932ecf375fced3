// What annotations say about a pod, read from the walker's JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "manifest/manifest.h"

namespace podvisor::manifest {

inline constexpr const char* kDefaultContainer = "kubectl.kubernetes.io/default-container";
inline constexpr const char* kRestartScope = "podvisor.io/restart-scope";
inline constexpr const char* kNoncritical = "podvisor.io/noncritical";
inline constexpr const char* kHttpSuccess = "podvisor.io/http-success";
inline constexpr const char* kFastReady = "podvisor.io/fast-ready";
inline constexpr const char* kReplace = "podvisor.io/replace";
inline constexpr const char* kMinReady = "podvisor.io/min-ready";
inline constexpr const char* kBake = "podvisor.io/bake";
inline constexpr const char* kProgressDeadline = "podvisor.io/progress-deadline";
inline constexpr const char* kRolloutOnConfig = "podvisor.io/rollout-on-config";
inline constexpr const char* kDoor = "podvisor.io/door";
inline constexpr const char* kHoldTimeout = "podvisor.io/hold-timeout";
inline constexpr const char* kForwardedHeaders = "podvisor.io/forwarded-headers";
inline constexpr const char* kDrainTimeout = "podvisor.io/drain-timeout";
inline constexpr const char* kReadyzDelay = "podvisor.io/readyz-delay";
inline constexpr const char* kNetwork = "podvisor.io/network";

/// The value, or empty.
[[nodiscard]] std::string annotation(const nlohmann::json& pod, const char* name);
/// A comma list, blanks around names left out.
[[nodiscard]] std::vector<std::string> split_names(const std::string& list);
/// DIF-2.1; empty when there is no regular container.
[[nodiscard]] std::string main_container_name(const nlohmann::json& pod);

/// Of a valid pod or Service.
[[nodiscard]] DoorPolicy door_policy(const nlohmann::json& object);
/// Both of a valid pod. decode_policy wants spec.containers filled.
void decode_policy(const nlohmann::json& pod, PodSpec& spec);
void decode_network(const nlohmann::json& pod, NetworkMode default_network, PodSpec& spec);

}  // namespace podvisor::manifest
