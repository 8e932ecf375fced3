// Where things are in the API: Kubernetes' paths, everything given percent-encoded.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace podvisor::cli {

/// Percent-encodes everything but RFC 3986's unreserved characters.
[[nodiscard]] std::string encoded(const std::string& text);

using Query = std::vector<std::pair<std::string, std::string>>;

/// An empty namespace means all of them.
/// `plural` as in the API's paths: "secrets".
[[nodiscard]] std::string list_path(const std::string& namespace_, const std::string& plural,
                                    const Query& query = {});
[[nodiscard]] std::string object_path(const std::string& namespace_, const std::string& plural,
                                      const std::string& name, const Query& query = {});
[[nodiscard]] std::string pods_path(const std::string& namespace_, const Query& query = {});
[[nodiscard]] std::string events_path(const std::string& namespace_, const Query& query = {});
[[nodiscard]] std::string pod_path(const std::string& namespace_, const std::string& name,
                                   const Query& query = {});
[[nodiscard]] std::string exec_path(const std::string& namespace_, const std::string& name,
                                    const Query& query = {});
[[nodiscard]] std::string rollout_path(const std::string& namespace_, const std::string& plural,
                                       const std::string& name, const Query& query = {});
[[nodiscard]] std::string log_path(const std::string& namespace_, const std::string& name,
                                   const Query& query = {});

}  // namespace podvisor::cli
