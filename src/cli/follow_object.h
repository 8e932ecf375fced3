// Waiting for something to become true of one object.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/api_objects.h"

namespace podvisor::cli {

struct Followed {
  std::string namespace_;
  std::string name;
  std::function<bool(const Json& object)> done;
  /// That there is no such object is what is waited for; otherwise it is the server's NotFound
  /// error.
  bool gone_is_done = false;
  std::string plural = "pods";  ///< as in the API's paths
};

enum class FollowEnd : std::uint8_t { Done, TimedOut };

/// Blocks until the object is `done`, at most until `deadline` (unset: for ever). Survives watches
/// that the server ends.
[[nodiscard]] Result<FollowEnd> follow_object(ApiClient& client, const Followed& wanted,
                                              std::optional<TimePoint> deadline);

}  // namespace podvisor::cli
