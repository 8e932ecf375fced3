// Small files in a directory that is held open: nobody can move it away from under us.
#pragma once

#include <string>
#include <vector>

#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor::state {

/// Of one file; a longer one is an error.
inline constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

/// `directory` below `parent`, made if need be, for its owner alone.
[[nodiscard]] Result<Fd> open_directory(int parent, const std::string& directory);
/// The error's number is ENOENT where there is none.
[[nodiscard]] Result<std::string> read_file(int directory, const std::string& name);
/// In one step: written beside it and renamed. The file, and then the directory, have to be synced
/// before it survives a power loss; the file is what is returned.
[[nodiscard]] Result<Fd> replace_file(int directory, const std::string& name,
                                      const std::string& text);
/// In one step, too, but it goes with a power loss: the file changes places with a spare one, and
/// no filesystem flushes for that, or makes and frees an inode.
[[nodiscard]] Status rewrite_file(int directory, const std::string& name, const std::string& text);
/// What writes that were cut short have left. Nobody may be writing there.
void remove_unfinished(int directory);
/// One that is not there is removed.
[[nodiscard]] Status remove_file(int directory, const std::string& name);
/// As NAME.set-aside, in place of an earlier one.
[[nodiscard]] Status set_aside(int directory, const std::string& name);
/// Without those that begin with a dot and those that were set aside; sorted.
[[nodiscard]] std::vector<std::string> names_in(int directory);

}  // namespace podvisor::state
