// Watching the rollout of a pod or a Deployment until it has come to its end.
#pragma once

#include <optional>
#include <string>

#include "cli/api_client.h"
#include "cli/command_line.h"
#include "cli/resource.h"

namespace podvisor::cli {

/// Shows on console.out what it waits for whenever that changes. The exit code: 0, or 1 with the
/// reason on console.err (what the new pod's probe answered) when the rollout failed, or did not
/// end within `timeout` (unset: for ever).
int follow_rollout(ApiClient& client, const std::string& namespace_, const Resource& resource,
                   const std::string& name, std::optional<Duration> timeout,
                   const Console& console);

}  // namespace podvisor::cli
