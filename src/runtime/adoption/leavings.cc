#include "runtime/adoption/leavings.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>

#include "runtime/adoption/container_record.h"
#include "runtime/adoption/pauses.h"
#include "runtime/directories.h"
#include "runtime/process_tree.h"
#include "runtime/volumes/mount_table.h"

namespace podvisor {
namespace {

constexpr std::chrono::milliseconds kClearInterval(2);
constexpr int kMaxClears = 2500;

void keep_first(Status& first, const Status& next) {
  if (first && !next) first = next;
}

/// v1 tells nobody when a cgroup has become empty.
Status clear_cgroups(const CgroupTree& cgroups, const PodUid& pod) {
  Status cleared = cgroups.clear_pod(pod);
  for (int look = 0; look < kMaxClears && !cleared && cleared.error().error_number == EBUSY;
       ++look) {
    std::this_thread::sleep_for(kClearInterval);
    cleared = cgroups.clear_pod(pod);
  }
  return cleared;
}

/// For want of cgroups: what is below the processes that were written down, or in their sessions.
void kill_recorded(const std::string& directory) {
  for (const ContainerRecord& record : read_container_records(directory))
    if (open_process(record.process)) kill_tree(record.process.pid);
}

/// Its containers are dead: the runtime's own `delete` would find no more than these files.
void forget_containers(const Layout& layout, const PodUid& pod) {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(oci_state_root(layout), none))
    if (entry.path().filename().string().starts_with(pod + "-"))
      remove_private_directory(entry.path());
}

}  // namespace

Status SandboxLeavings::remove() const {
  Status first;
  for (const MarkedPause& pause : find_pauses(layout.runtime_dir + "/pods"))
    if (pause.pod == pod) keep_first(first, end_pause(pause.process));
  const std::string directory = layout.pod_runtime_dir(pod);
  if (cgroups != nullptr)
    keep_first(first, clear_cgroups(*cgroups, pod));
  else
    kill_recorded(directory);
  forget_containers(layout, pod);
  keep_first(first, unmount_below(directory));
  if (!first) return first;  // somebody may still be in there
  remove_private_directory(directory);
  remove_private_directory(layout.pod_state_dir(pod) + "/layers");
  return first;
}

bool has_leavings(const Layout& layout, const PodUid& pod) {
  return ::access(layout.pod_runtime_dir(pod).c_str(), F_OK) == 0;
}

std::string oci_state_root(const Layout& layout) { return layout.runtime_dir + "/oci/state"; }

}  // namespace podvisor
