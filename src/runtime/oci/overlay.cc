#include "runtime/oci/overlay.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

namespace podvisor {
namespace {

namespace fs = std::filesystem;

/// What the kernel says about a mount that it refuses is worth more than the errno.
tl::unexpected<Error> refused(const std::string& lower, int context, int error_number) {
  std::array<char, 512> text{};
  const ssize_t size = ::read(context, text.data(), text.size() - 1);
  std::string message(text.data(), size > 2 ? static_cast<std::size_t>(size) : 0);
  while (!message.empty() && message.back() == '\n') message.pop_back();
  const std::string detail = message.empty() ? message : " (" + message.substr(2) + ")";
  return errno_error("cannot mount a writable layer over " + lower + detail, error_number);
}

struct Layer {
  std::string upper;
  std::string work;
};

/// The root's owner and mode are the upper directory's: as the image has them.
Result<Layer> make_layer(const std::string& lower, const std::string& directory) {
  struct stat facts {};
  if (::stat(lower.c_str(), &facts) != 0) return errno_error("cannot read " + lower, errno);
  std::error_code error;
  fs::remove_all(directory, error);
  fs::create_directories(fs::path(directory).parent_path(), error);
  Layer layer{directory + "/upper", directory + "/work"};
  for (const std::string& path : {directory, layer.upper, layer.work})
    if (::mkdir(path.c_str(), 0700) != 0) return errno_error("cannot make " + path, errno);
  if (::chown(layer.upper.c_str(), facts.st_uid, facts.st_gid) != 0 ||
      ::chmod(layer.upper.c_str(), facts.st_mode & 07777U) != 0)
    return errno_error("cannot give " + layer.upper + " the image's mode", errno);
  return layer;
}

Result<Fd> mount_layer(const std::string& lower, const Layer& layer) {
  const Fd context(::fsopen("overlay", FSOPEN_CLOEXEC));
  if (!context) return errno_error("this kernel has no overlayfs", errno);
  const auto set = [&](const char* key, const std::string& value) {
    return ::fsconfig(context.get(), FSCONFIG_SET_STRING, key, value.c_str(), 0) == 0;
  };
  if (!set("source", "podvisor") || !set("lowerdir", lower) || !set("upperdir", layer.upper) ||
      !set("workdir", layer.work) ||
      ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
    return refused(lower, context.get(), errno);
  Fd mount(::fsmount(context.get(), FSMOUNT_CLOEXEC, 0));
  if (!mount) return refused(lower, context.get(), errno);
  return mount;
}

}  // namespace

Result<Fd> mount_overlay(const std::string& lower, const std::string& directory) {
  const auto layer = make_layer(lower, directory);
  if (!layer) return tl::unexpected(layer.error());
  return mount_layer(lower, *layer);
}

Result<Fd> resume_overlay(const std::string& lower, const std::string& directory) {
  const Layer layer{directory + "/upper", directory + "/work"};
  std::error_code error;
  if (fs::exists(layer.work, error)) return mount_layer(lower, layer);  // made last
  return mount_overlay(lower, directory);
}

}  // namespace podvisor
