#include "daemon/reconcile.h"

#include <set>

namespace podvisor {
namespace {

PodName name_of(const LoadedPod& loaded) {
  return {loaded.pod->metadata.namespace_, loaded.pod->metadata.name};
}
ConfigName name_of(const Loaded<ConfigObject>& loaded) {
  const ConfigObject& object = *loaded.object;
  return {object.kind, object.metadata.namespace_, object.metadata.name};
}
PodName name_of(const Loaded<Service>& loaded) {
  return {loaded.object->metadata.namespace_, loaded.object->metadata.name};
}
const std::string& document_of(const LoadedPod& loaded) { return loaded.pod->document; }
const std::string& document_of(const Loaded<ConfigObject>& loaded) {
  return loaded.object->document;
}
const std::string& document_of(const Loaded<Service>& loaded) { return loaded.object->document; }

template <typename Name, typename Noun, typename ChangesOf>
void compare(const std::map<Name, std::string>& applied, const std::vector<Noun>& desired,
             ChangesOf& changes) {
  std::set<Name> wanted;
  for (const Noun& loaded : desired) {
    const Name name = name_of(loaded);
    wanted.insert(name);
    const auto before = applied.find(name);
    if (before == applied.end() || before->second != document_of(loaded))
      changes.apply.push_back(loaded);
  }
  for (const auto& [name, document] : applied)
    if (!wanted.contains(name)) changes.remove.push_back(name);
}

std::string full_name(const ObjectMeta& meta) { return meta.namespace_ + "/" + meta.name; }

/// "Deployment shop/web, Service shop/web"; `at` becomes the place of the first.
template <typename T>
void name_all(const char* kind, const std::vector<Loaded<T>>& objects, std::string& names,
              Location& at) {
  for (const Loaded<T>& loaded : objects) {
    if (names.empty()) at = loaded.at;
    names +=
        (names.empty() ? "" : ", ") + std::string(kind) + " " + full_name(loaded.object->metadata);
  }
}

}  // namespace

Changes reconcile(const Applied& applied, const std::vector<LoadedPod>& desired) {
  Changes changes;
  compare(applied, desired, changes);
  return changes;
}

ConfigChanges reconcile(const AppliedConfigs& applied,
                        const std::vector<Loaded<ConfigObject>>& desired) {
  ConfigChanges changes;
  compare(applied, desired, changes);
  return changes;
}

ServiceChanges reconcile(const AppliedServices& applied,
                         const std::vector<Loaded<Service>>& desired) {
  ServiceChanges changes;
  compare(applied, desired, changes);
  return changes;
}

std::string refusal_of_change(const ConfigObject& old, const ConfigObject& fresh) {
  if (old.type != fresh.type)
    return "type: Invalid value: \"" + fresh.type + "\": field is immutable";
  if (!old.immutable) return "";
  const char* changed = !fresh.immutable ? "immutable" : old.data != fresh.data ? "data" : nullptr;
  if (changed == nullptr) return "";
  return std::string(changed) + ": Forbidden: field is immutable when `immutable` is set";
}

std::optional<Diagnostic> idle_objects(const LoadResult& loaded) {
  std::string names;
  Location at;
  name_all("Deployment", loaded.deployments, names, at);
  if (names.empty()) return std::nullopt;
  return Diagnostic{Diagnostic::Severity::Warning, at, "",
                    "checked and kept, but podvisor does not act on them yet: " + names};
}

}  // namespace podvisor
