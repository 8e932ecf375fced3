#include "runtime/volumes/projection.h"

#include <string_view>
#include <utility>
#include <vector>

namespace podvisor {
namespace {

constexpr std::size_t kLongestPath = 4095;
constexpr std::size_t kLongestName = 255;

/// What one source adds, and what it lacks.
class Projector {
 public:
  Projector(const ProjectedVolume& volume, const Pod& pod, const ConfigSource& configs,
            const NodeFacts& node)
      : volume_(volume), pod_(pod), configs_(configs), node_(node) {}

  Status operator()(const ConfigFiles& source) {
    const ConfigObject* object =
        configs_.find_config(source.kind, pod_.metadata.namespace_, source.name);
    if (object == nullptr) return source.optional ? Status{} : missing_object(source);
    if (source.items.empty()) {
      for (const auto& [key, value] : object->data)
        if (Status added = add(key, value, std::nullopt); !added) return added;
      return {};
    }
    for (const KeyToPath& item : source.items) {
      const auto found = object->data.find(item.key);
      if (found == object->data.end() && source.optional) continue;
      if (found == object->data.end()) return missing_key(source, item.key);
      if (Status added = add(item.path, found->second, item.mode); !added) return added;
    }
    return {};
  }

  Status operator()(const DownwardApiFiles& source) {
    for (const DownwardApiFile& item : source.items) {
      auto value = std::visit([this](const auto& selector) { return read(selector); }, item.source);
      if (!value) return tl::unexpected(value.error());
      if (Status added = add(item.path, std::move(*value), item.mode); !added) return added;
    }
    return {};
  }

  [[nodiscard]] Projection take() { return std::move(projection_); }

 private:
  static Status missing_object(const ConfigFiles& source) {
    const char* kind = source.kind == ConfigKind::ConfigMap ? "configmap" : "secret";
    return make_error(std::string(kind) + " \"" + source.name + "\" not found");
  }

  static Status missing_key(const ConfigFiles& source, const std::string& key) {
    if (source.kind == ConfigKind::ConfigMap)
      return make_error("configmap references non-existent config key: " + key);
    return make_error("references non-existent secret key: " + key);
  }

  [[nodiscard]] Result<std::string> read(const ObjectFieldSelector& selector) const {
    // Where the pod runs is known only later.
    if (!selector.field_path.starts_with("metadata."))
      return make_error("a file cannot have the field " + selector.field_path);
    return field_value(pod_, selector.field_path, "", node_);
  }

  [[nodiscard]] Result<std::string> read(const ResourceFieldSelector& selector) const {
    if (selector.container_name.empty())
      return make_error("a file's resource needs a containerName");
    return resource_value(pod_, {}, selector, node_);
  }

  Status add(const std::string& path, std::string content, std::optional<int> mode) {
    if (Status checked = check_projected_path(path); !checked) return checked;
    const int bits = mode.value_or(volume_.default_mode) & 0777;
    projection_.insert_or_assign(path,
                                 ProjectedFile{std::move(content), static_cast<mode_t>(bits)});
    return {};
  }

  const ProjectedVolume& volume_;
  const Pod& pod_;
  const ConfigSource& configs_;
  const NodeFacts& node_;
  Projection projection_;
};

/// As kubelet joins the errors of several sources.
Status joined(const std::vector<std::string>& failures) {
  if (failures.empty()) return {};
  if (failures.size() == 1) return make_error(failures.front());
  std::string text;
  for (const std::string& failure : failures) text += (text.empty() ? "[" : ", ") + failure;
  return make_error(text + "]");
}

}  // namespace

Result<Projection> project(const ProjectedVolume& volume, const Pod& pod,
                           const ConfigSource& configs, const NodeFacts& node) {
  Projector projector(volume, pod, configs, node);
  std::vector<std::string> failures;
  for (const auto& source : volume.sources)
    if (Status added = std::visit(projector, source); !added)
      failures.push_back(added.error().message);
  if (Status all = joined(failures); !all) return tl::unexpected(all.error());
  return projector.take();
}

Status check_projected_path(const std::string& path) {
  if (path.empty() || path.size() > kLongestPath || path.find('\0') != std::string::npos ||
      path.starts_with(".."))
    return make_error("\"" + path + "\" is not a path that a file of a volume can have");
  std::string_view rest = path;
  while (true) {
    const std::string_view name = rest.substr(0, rest.find('/'));
    if (name.empty() || name == "." || name == ".." || name.size() > kLongestName)
      return make_error("\"" + path + "\" is not a path that a file of a volume can have");
    if (name.size() == rest.size()) return {};
    rest.remove_prefix(name.size() + 1);
  }
}

}  // namespace podvisor
