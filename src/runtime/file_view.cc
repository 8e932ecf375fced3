#include "runtime/file_view.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "runtime/security/pod_namespaces.h"
#include "runtime/shared_memory.h"

namespace podvisor {
namespace {

/// SEC-7.
constexpr const char* kMasked[] = {"/proc/asound",     "/proc/acpi",        "/proc/interrupts",
                                   "/proc/kcore",      "/proc/keys",        "/proc/latency_stats",
                                   "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
                                   "/proc/scsi"};
constexpr const char* kReadOnly[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                     "/proc/sysrq-trigger"};

/// `source` as it is, with all that is mounted below, to be put at `target`.
Status add_clone(std::vector<Mount>& mounts, const std::string& source, std::string target) {
  Fd tree(
      ::open_tree(AT_FDCWD, source.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
  if (!tree) return errno_error("mounting " + source, errno);
  mount_attr attributes{};
  attributes.propagation = MS_PRIVATE;
  if (::mount_setattr(tree.get(), "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
                      sizeof attributes) < 0)
    return errno_error("setting up the mount of " + source, errno);
  mounts.push_back({std::move(tree), std::move(target)});
  return {};
}

/// Links on the way, such as Debian's old /dev/shm, are the host's.
std::string resolved(const std::string& path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  return error ? std::string() : real.string();
}

}  // namespace

FileView file_view(const PodSpec& spec, ContainerIndex index) {
  const SecurityContext& context = spec.containers[index].security_context;
  FileView view;
  view.read_only_root = context.read_only_root_filesystem;
  view.proc = pod_namespaces(spec).pid;
  view.own = view.read_only_root || view.proc;
  if (!view.proc || context.privileged) return view;
  view.masked_paths.assign(std::begin(kMasked), std::end(kMasked));
  view.read_only_paths.assign(std::begin(kReadOnly), std::end(kReadOnly));
  return view;
}

Result<std::vector<Mount>> base_mounts(const Pod& pod, ContainerIndex index, const Layout& layout) {
  std::vector<Mount> mounts;
  const FileView view = file_view(pod.spec, index);
  // These are no files of the root: devices and processes are written to as ever.
  if (view.read_only_root)
    for (const char* path : {"/dev", "/proc"})
      if (Status added = add_clone(mounts, path, path); !added)
        return tl::unexpected(added.error());
  const std::string target = resolved("/dev/shm");
  if (!pod_namespaces(pod.spec).ipc || target.empty()) return mounts;
  const std::string source = shared_memory_path(layout.pod_runtime_dir(pod.metadata.uid));
  if (Status added = add_clone(mounts, source, target); !added)
    return tl::unexpected(added.error());
  return mounts;
}

}  // namespace podvisor
