#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "manifest/manifest.h"
#include "manifest/report.h"
#include "manifest/scalar.h"

namespace podvisor {
namespace manifest {
namespace {

/// Kind, namespace, name: what may exist once.
using Identity = std::tuple<std::string, std::string, std::string>;
using Taken = std::map<Identity, Location>;

Identity identity(const char* kind, const ObjectMeta& meta) {
  return {kind, meta.namespace_, meta.name};
}

Identity identity(const LoadedPod& loaded) { return identity("pod", loaded.pod->metadata); }
Identity identity(const Loaded<ConfigObject>& loaded) {
  return identity(to_string(loaded.object->kind), loaded.object->metadata);
}
Identity identity(const Loaded<Deployment>& loaded) {
  return identity("Deployment", loaded.object->metadata);
}
Identity identity(const Loaded<Service>& loaded) {
  return identity("Service", loaded.object->metadata);
}
Identity identity(const Loaded<Namespace>& loaded) {
  return identity("Namespace", loaded.object->metadata);
}

Location name_at(const LoadedPod& loaded) { return locate(loaded, "metadata.name"); }
template <typename T>
Location name_at(const Loaded<T>& loaded) {
  return loaded.at;
}

Diagnostic doubled(const Identity& identity, const Location& second, const Location& first) {
  const auto& [kind, namespace_, name] = identity;
  const std::string full = namespace_.empty() ? name : namespace_ + "/" + name;
  return {Diagnostic::Severity::Error, second, "metadata.name",
          duplicate(show(nlohmann::json(full))) + ": this " + kind + " is already at " +
              to_string(first)};
}

template <typename Noun>
void add(std::vector<Noun>& all, std::vector<Noun>& more, Taken& taken,
         std::vector<Diagnostic>& diagnostics) {
  for (Noun& noun : more) {
    const auto [same, added] = taken.emplace(identity(noun), name_at(noun));
    if (added) {
      all.push_back(std::move(noun));
    } else {
      diagnostics.push_back(doubled(same->first, name_at(noun), same->second));
    }
  }
}

}  // namespace
}  // namespace manifest

bool LoadResult::ok() const {
  return std::ranges::none_of(diagnostics, [](const Diagnostic& diagnostic) {
    return diagnostic.severity == Diagnostic::Severity::Error;
  });
}

std::size_t LoadResult::size() const {
  return pods.size() + configs.size() + deployments.size() + services.size() + namespaces.size();
}

LoadResult merge(std::vector<LoadResult> parts) {
  LoadResult all;
  manifest::Taken taken;
  for (LoadResult& part : parts) {
    std::ranges::move(part.diagnostics, std::back_inserter(all.diagnostics));
    const auto add = [&](auto& into, auto& from) {
      manifest::add(into, from, taken, all.diagnostics);
    };
    add(all.pods, part.pods);
    add(all.configs, part.configs);
    add(all.deployments, part.deployments);
    add(all.services, part.services);
    add(all.namespaces, part.namespaces);
  }
  return all;
}

Location locate(const LoadedPod& loaded, const std::string& field) {
  return manifest::nearest_location(loaded.fields, field);
}

std::string to_string(const Location& location) {
  if (location.line == 0) return location.file;
  return location.file + ":" + std::to_string(location.line) + ":" +
         std::to_string(location.column);
}

std::string to_string(const Diagnostic& diagnostic) {
  std::string text = to_string(diagnostic.at) + ": ";
  if (!diagnostic.field.empty()) text += diagnostic.field + ": ";
  if (diagnostic.severity == Diagnostic::Severity::Warning) text += "warning: ";
  return text + diagnostic.message;
}

}  // namespace podvisor
