// podvisor as PID 1 of somebody's container: an init of its own stands in front of it, which is all
// that a PID namespace wants of its first process. It reaps whoever became an orphan, passes
// signals on, and ends as podvisor ends; the kernel ends everything else with it.
#pragma once

#include <optional>

namespace podvisor {

struct Init {
  std::optional<int> exit_code;  ///< set in the init itself, when it is over
  bool above = false;            ///< we are podvisor, and an init is above us
};

/// Where this process is PID 1: forks, and returns in the child at once. Elsewhere it does nothing.
/// Before there is a thread or a loop. The init's standard streams are podvisor's. A SIGTERM, which
/// says that the container ends, is passed on as `terminate`. Should the fork fail podvisor goes on
/// without an init.
[[nodiscard]] Init stand_behind_init(int terminate);

}  // namespace podvisor
