#include "runtime/oci/host_devices.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

namespace podvisor {
namespace {

namespace fs = std::filesystem;

/// As containerd passes over them, and what runtimes make themselves.
constexpr std::array kOthers = {"pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev"};
constexpr std::array kUsual = {"console", "null",    "zero", "full",
                               "random",  "urandom", "tty",  "ptmx"};

bool is_among(const auto& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

std::optional<OciDevice> device_at(const std::string& path) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) return std::nullopt;
  if (!S_ISCHR(facts.st_mode) && !S_ISBLK(facts.st_mode)) return std::nullopt;
  return OciDevice{path,
                   S_ISCHR(facts.st_mode) ? 'c' : 'b',
                   major(facts.st_rdev),
                   minor(facts.st_rdev),
                   facts.st_mode & 0777U,
                   facts.st_uid,
                   facts.st_gid};
}

/// What goes while it is looked at is passed over, and nothing else with it.
void add_devices_of(const fs::path& directory, bool is_top, std::vector<OciDevice>& devices) {
  const auto skip = fs::directory_options::skip_permission_denied;
  std::error_code error;
  for (fs::directory_iterator each(directory, skip, error), end; each != end;
       each.increment(error)) {
    const std::string name = each->path().filename();
    if (is_top && (is_among(kOthers, name) || is_among(kUsual, name))) continue;
    std::error_code gone;
    if (!each->is_symlink(gone) && each->is_directory(gone))
      add_devices_of(each->path(), false, devices);
    else if (auto device = device_at(each->path()))
      devices.push_back(std::move(*device));
  }
}

}  // namespace

std::vector<OciDevice> host_devices(const std::string& directory) {
  std::vector<OciDevice> devices;
  add_devices_of(directory, true, devices);
  return devices;
}

}  // namespace podvisor
