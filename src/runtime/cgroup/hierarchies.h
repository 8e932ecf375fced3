// Which cgroup hierarchies this host has, and where in each this process is. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace podvisor {

/// One mounted hierarchy.
struct Hierarchy {
  std::vector<std::string> controllers;  ///< v1: more than one when they are mounted together
  std::string mount;                     ///< where it is mounted
  std::string own;                       ///< directory of the cgroup that this process is in
  friend bool operator==(const Hierarchy&, const Hierarchy&) = default;
};

struct Hierarchies {
  std::vector<Hierarchy> v1;         ///< those with a controller that podvisor uses
  std::optional<Hierarchy> unified;  ///< v2; beside v1 (hybrid) it has no controllers
  std::vector<Hierarchy> others;     ///< v1: those that only OCI runtimes use, such as devices
};

/// Reads the texts of /proc/self/mountinfo and /proc/self/cgroup. Mounts that are not at `root` or
/// below it do not count, nor do those in which this process's cgroup cannot be seen (as when
/// only a part of the hierarchy is mounted into a container).
[[nodiscard]] Hierarchies find_hierarchies(std::string_view mountinfo, std::string_view self_cgroup,
                                           const std::string& root);

/// The hierarchy with that controller, or nullptr.
[[nodiscard]] const Hierarchy* find_controller(const std::vector<Hierarchy>& hierarchies,
                                               std::string_view controller);

}  // namespace podvisor
