// Where podvisor keeps its files. Pure path arithmetic, so that every part agrees.
#pragma once

#include <string>

#include "podvisor/pod_state.h"

namespace podvisor {

struct Layout {
  std::string runtime_dir = "/run/podvisor";    ///< sockets; gone after a reboot
  std::string state_dir = "/var/lib/podvisor";  ///< volumes and logs

  [[nodiscard]] std::string pod_runtime_dir(const PodUid& pod) const;  ///< runtime_dir/pods/UID
  [[nodiscard]] std::string pause_socket(const PodUid& pod) const;     ///< …/pause.sock
  [[nodiscard]] std::string pod_state_dir(const PodUid& pod) const;    ///< state_dir/pods/UID
  [[nodiscard]] std::string images_dir() const;                        ///< state_dir/images
  [[nodiscard]] std::string volume(const PodUid& pod, const std::string& name) const;
  /// LOG-4: state_dir/logs/NAMESPACE_POD_UID
  [[nodiscard]] std::string pod_log_dir(const ObjectMeta& pod) const;
  /// …/CONTAINER/INSTANCE.log
  [[nodiscard]] std::string log_file(const ObjectMeta& pod, const std::string& container,
                                     int instance) const;
};

}  // namespace podvisor
