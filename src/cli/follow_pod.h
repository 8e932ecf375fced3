// Waiting for something to become true of one pod.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/api_objects.h"

namespace podvisor::cli {

struct FollowedPod {
  std::string namespace_;
  std::string name;
  std::function<bool(const Json& pod)> done;
  /// That there is no such pod is what is waited for; otherwise it is the server's NotFound error.
  bool gone_is_done = false;
};

enum class FollowEnd : std::uint8_t { Done, TimedOut };

/// Blocks until the pod is `done`, at most until `deadline` (unset: for ever). Survives watches
/// that the server ends.
[[nodiscard]] Result<FollowEnd> follow_pod(ApiClient& client, const FollowedPod& pod,
                                           std::optional<TimePoint> deadline);

}  // namespace podvisor::cli
