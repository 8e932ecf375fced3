#include "cli/manifest_objects.h"

#include <ostream>

#include "manifest/manifest.h"
#include "manifest/present.h"

namespace podvisor::cli {
namespace {

ManifestObject object_of(const char* kind, const ObjectMeta& meta, const std::string& document) {
  return {kind, std::string(kind) + "s", meta.namespace_, meta.name, document};
}

}  // namespace

std::vector<ManifestObject> load_objects(const std::vector<std::string>& paths,
                                         const Console& console) {
  LoadResult all = load_paths(paths, {});
  present(all.diagnostics, console.diagnostics, console.err);
  if (!all.ok()) return {};
  std::vector<ManifestObject> objects;
  for (const auto& each : all.configs) {
    const bool secret = each.object->kind == ConfigKind::Secret;
    objects.push_back(
        object_of(secret ? "secret" : "configmap", each.object->metadata, each.object->document));
  }
  for (const auto& each : all.services)
    objects.push_back(object_of("service", each.object->metadata, each.object->document));
  for (const auto& each : all.deployments)
    objects.push_back(object_of("deployment", each.object->metadata, each.object->document));
  for (const LoadedPod& each : all.pods)
    objects.push_back(object_of("pod", each.pod->metadata, each.pod->document));
  if (objects.empty()) console.err << "error: no objects passed to apply\n";
  return objects;
}

}  // namespace podvisor::cli
