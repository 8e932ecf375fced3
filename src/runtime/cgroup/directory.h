// One directory of a cgroup file system, held open: what is in it is read and written through the
// descriptor, so a cgroup of the same name that is made later is never mistaken for this one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor {

class CgroupDirectory {
 public:
  /// No longer kernel file is read; each that is asked for here is far shorter.
  static constexpr std::size_t kMaxFile = 64 * 1024;

  [[nodiscard]] static Result<CgroupDirectory> open(const std::string& path);
  /// Makes it first, unless it is there.
  [[nodiscard]] static Result<CgroupDirectory> make(const std::string& path);
  /// One that is there is removed first, unless something lives in it.
  [[nodiscard]] static Result<CgroupDirectory> make_anew(const std::string& path);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] int fd() const { return fd_.get(); }

  [[nodiscard]] Result<Fd> open_file(const std::string& file, int flags) const;
  /// EFBIG for a file of more than kMaxFile bytes.
  [[nodiscard]] Result<std::string> read(const std::string& file) const;
  [[nodiscard]] Status write(const std::string& file, std::string_view value) const;
  /// A file that is missing or unreadable has no number; nor has one that says "max".
  [[nodiscard]] std::optional<std::int64_t> read_number(const std::string& file) const;
  /// The processes of cgroup.procs, however many; 0 stands for those outside this pid namespace.
  [[nodiscard]] std::vector<pid_t> processes() const;
  /// The cgroups directly below.
  [[nodiscard]] std::vector<CgroupDirectory> children() const;

 private:
  CgroupDirectory(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;
  Fd fd_;
};

/// rmdir. One that is gone is a success; EBUSY means that a process or another cgroup is in it.
[[nodiscard]] Status remove_cgroup(const std::string& path);
/// The same, after the cgroups that were made below it.
[[nodiscard]] Status remove_cgroups_from(const std::string& path);
/// The uids of the cgroups directly below `parent` that are called "pod<uid>".
[[nodiscard]] std::vector<std::string> pods_below(const std::string& parent);

}  // namespace podvisor
