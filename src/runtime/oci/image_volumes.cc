#include "runtime/oci/image_volumes.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "runtime/oci/overlay.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;

/// What the image has at `path`, whatever its links say; none: nothing, or no directory.
Fd open_inside(const std::string& rootfs, const std::string& path) {
  const Fd root(::open(rootfs.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return {};
  open_how how{};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return Fd(static_cast<int>(::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
}

Result<Fd> bind(const std::string& directory) {
  Fd tree(::open_tree(AT_FDCWD, directory.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
  if (!tree) return errno_error("cannot mount the image's volume " + directory, errno);
  return tree;
}

Result<Fd> make_volume(const std::string& rootfs, const std::string& path,
                       const std::string& directory) {
  const Fd content = open_inside(rootfs, path);
  if (content) return resume_overlay("/proc/self/fd/" + std::to_string(content.get()), directory);
  std::error_code error;
  fs::create_directories(directory, error);
  if (::chmod(directory.c_str(), 0755) != 0) return errno_error("cannot make " + directory, errno);
  return bind(directory);
}

}  // namespace

std::string volume_path(const std::string& path) {
  std::string whole = fs::path(path).lexically_normal();
  while (whole.ends_with('/')) whole.pop_back();
  if (!whole.starts_with('/') || fs::path(path).string().find("..") != std::string::npos) return {};
  for (const char* other : {"/proc", "/sys", "/dev"})
    if (whole == other || whole.starts_with(std::string(other) + "/")) return {};
  return whole;
}

Result<std::vector<ImageVolume>> make_image_volumes(const std::vector<std::string>& paths,
                                                    const std::vector<std::string>& taken,
                                                    const std::string& rootfs,
                                                    const std::string& directory) {
  std::vector<std::string> targets;
  for (const std::string& path : paths) targets.push_back(volume_path(path));
  std::ranges::sort(targets);  // what is inside another comes after it
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  std::vector<ImageVolume> volumes;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const std::string& target = targets[i];
    const auto is_it = [&](const std::string& each) { return volume_path(each) == target; };
    if (target.empty() || std::ranges::any_of(taken, is_it)) continue;
    auto tree = make_volume(rootfs, target, directory + "/" + std::to_string(i));
    if (!tree) return tl::unexpected(tree.error());
    volumes.push_back({std::move(*tree), target});
  }
  return volumes;
}

}  // namespace podvisor
