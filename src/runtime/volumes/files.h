// Files below a directory that somebody else may change under our hands: unless said
// otherwise no call here follows a symlink.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor {

/// `name` in `parent`, which must be a directory itself, for reading.
[[nodiscard]] Result<Fd> open_directory_at(int parent, const std::string& name);
/// A new directory of exactly that mode whatever the umask. EEXIST where there is something.
[[nodiscard]] Status make_directory_at(int parent, const std::string& name, mode_t mode);
/// `path` and its missing parents, as mkdir -p. For paths that are ours or the administrator's:
/// follows symlinks.
[[nodiscard]] Status make_directories(const std::string& path);
/// What is in a directory, without "." and "..": for those that only podvisor writes to, as there
/// is no bound. Nothing when it cannot be read.
[[nodiscard]] std::vector<std::string> names_in(int directory);
/// Whether something is mounted on `name` in `parent`.
[[nodiscard]] bool is_mount_point_at(int parent, const std::string& name);

}  // namespace podvisor
