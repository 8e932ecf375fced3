// A process that somebody has stopped (SIGSTOP): whoever waits for it would wait for ever.
#pragma once

#include <sys/types.h>

#include "podvisor/time.h"

namespace podvisor {

/// How often is looked at processes that podvisor depends on.
inline constexpr Duration kStoppedLook = std::chrono::seconds(2);

/// By a signal, not by a debugger. Of a process that is no more: false.
[[nodiscard]] bool is_stopped(pid_t pid);

}  // namespace podvisor
