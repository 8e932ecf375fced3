// A pod as one line of `get pods`: kubectl's columns, computed as kubectl's printer does. Pure.
#pragma once

#include <string>

#include "cli/fields.h"
#include "podvisor/time.h"

namespace podvisor::cli {

struct PodRow {
  std::string name;
  std::string ready;     ///< "1/2", native sidecars counted
  std::string status;    ///< "Init:0/1", "CrashLoopBackOff", "NotReady", "Terminating", …
  std::string restarts;  ///< "3 (5m ago)"
  std::string age;
};

[[nodiscard]] PodRow pod_row(const Json& pod, WallTime now);

}  // namespace podvisor::cli
