#include "cli/manifest_objects.h"

#include <ostream>

#include "manifest/manifest.h"
#include "manifest/present.h"

namespace podvisor::cli {
namespace {

ManifestObject object_of(const char* kind, const ObjectMeta& meta, const std::string& document) {
  return {kind, std::string(kind) + "s", meta.namespace_, meta.name, document};
}

/// What podvisor says of it, who knows of no file.
std::string sentence(const Diagnostic& diagnostic) {
  return diagnostic.field.empty() ? diagnostic.message
                                  : diagnostic.field + ": " + diagnostic.message;
}

}  // namespace

ManifestObjects load_objects(const std::vector<std::string>& paths, const Console& console) {
  LoadResult all = load_paths(paths, {});
  present(all.diagnostics, console.diagnostics, console.err);
  if (!all.ok()) return {};
  ManifestObjects loaded;
  for (const Diagnostic& each : all.diagnostics) loaded.warnings.insert(sentence(each));
  std::vector<ManifestObject>& objects = loaded.objects;
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
  if (objects.empty()) console.err << "error: there are no objects in it\n";
  return loaded;
}

}  // namespace podvisor::cli
