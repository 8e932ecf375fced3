// Who a process is, beyond its pid, which another may have by now. Loop or any other thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "podvisor/fd.h"

namespace podvisor {

struct ProcessIdentity {
  pid_t pid = 0;
  std::uint64_t started = 0;  ///< field 22 of /proc/PID/stat: clock ticks since this boot
  friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

/// Of a process that is there; `started` is 0 where there is none.
[[nodiscard]] ProcessIdentity identify(pid_t pid);
/// A pidfd of that very process; empty when it is no more.
[[nodiscard]] Fd open_process(const ProcessIdentity& process);
/// What /proc/PID/ns/NAME is, such as "net:[4026531840]"; empty when it can't be read.
[[nodiscard]] std::string namespace_name(pid_t pid, const char* name);
/// Of this boot: pids and start times begin anew with the next.
[[nodiscard]] std::string boot_id();

}  // namespace podvisor
