#include "runtime/adoption/strays.h"

#include <filesystem>
#include <string>
#include <system_error>

#include "runtime/adoption/pauses.h"
#include "runtime/directories.h"
#include "runtime/volumes/volumes.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(directory, none))
    names.push_back(entry.path().filename());
  return names;
}

}  // namespace

Status Stray::remove() const {
  if (Status removed = SandboxLeavings::remove(); !removed) return removed;
  Pod named;
  named.metadata.uid = pod;
  if (Status removed = remove_volumes(named, layout); !removed) return removed;
  remove_pod_state_directory(layout.pod_state_dir(pod));
  const std::string logs = layout.state_dir + "/logs";
  for (const std::string& name : names_in(logs))
    if (name.ends_with("_" + pod)) remove_private_directory(logs + "/" + name);
  return {};
}

std::vector<Stray> find_strays(const Layout& layout, const CgroupTree* cgroups,
                               const std::set<PodUid>& known) {
  std::set<PodUid> found;
  for (const std::string& directory : {layout.runtime_dir + "/pods", layout.state_dir + "/pods"})
    for (const std::string& name : names_in(directory)) found.insert(name);
  for (const MarkedPause& pause : find_pauses(layout.runtime_dir + "/pods"))
    found.insert(pause.pod);
  std::vector<Stray> strays;
  for (const PodUid& pod : found)
    if (!known.contains(pod)) strays.push_back({{layout, cgroups, pod}});
  return strays;
}

}  // namespace podvisor
