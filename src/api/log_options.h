// GET …/pods/NAME/log: which file it means and what of it, or why there is none.
#pragma once

#include <string>

#include "api/context.h"
#include "api/router.h"
#include "log/log_reader.h"

namespace podvisor {

struct LogOptions {
  std::string container;
  bool follow = false;
  bool previous = false;
  LogQuery query;
};

/// `container` may be empty still.
[[nodiscard]] Result<LogOptions> parse_log_options(const HttpRequest& request, WallTime now);

/// The container that is meant; the error's text is Kubernetes'.
[[nodiscard]] Result<std::string> choose_container(const Pod& pod, const std::string& asked);

/// One run of a container, by the ID in its status.
struct LogInstance {
  std::string container_id;
  int instance = 0;
};

/// The instance whose log is meant, by kubelet's rules: the running one, else the last that ended;
/// with `previous` the one before. The error's text is kubelet's.
[[nodiscard]] Result<LogInstance> choose_instance(const PodObject& pod, const LogOptions& options);

/// That instance of the container still runs.
[[nodiscard]] bool is_running(const PodStatus& status, const std::string& container,
                              const std::string& container_id);

}  // namespace podvisor
