// Which containers' logs `podvisor logs` is asked for.
#pragma once

#include <string>
#include <vector>

#include "cli/fields.h"

namespace podvisor::cli {

/// One container's log.
struct LogSource {
  std::string pod;
  std::string container;
};

/// What is asked of each pod.
struct LogChoice {
  std::string container;        ///< empty: the pod's main one
  bool all_containers = false;  ///< init containers first
};

/// The logs of `pod` that are meant. `note` is what a person is to be told about the choice, or
/// empty.
struct LogSources {
  std::vector<LogSource> sources;
  std::string note;
};
[[nodiscard]] LogSources choose_logs(const Json& pod, const LogChoice& choice);

}  // namespace podvisor::cli
