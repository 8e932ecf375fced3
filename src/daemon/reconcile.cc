#include "daemon/reconcile.h"

#include <set>

namespace podvisor {

Changes reconcile(const Applied& applied, const std::vector<LoadedPod>& desired) {
  Changes changes;
  std::set<PodName> wanted;
  for (const LoadedPod& loaded : desired) {
    const PodName name{loaded.pod->metadata.namespace_, loaded.pod->metadata.name};
    wanted.insert(name);
    const auto before = applied.find(name);
    if (before == applied.end() || before->second != loaded.pod->document)
      changes.apply.push_back(loaded);
  }
  for (const auto& [name, document] : applied)
    if (!wanted.contains(name)) changes.remove.push_back(name);
  return changes;
}

}  // namespace podvisor
