#include "manifest/decode.h"
#include "manifest/json_access.h"

namespace podvisor::manifest {
namespace {

constexpr int kDefaultMode = 0644;

std::optional<int> decode_mode(const Json& json, const char* name) {
  const Json* mode = find(json, name);
  return mode != nullptr ? std::optional(mode->get<int>()) : std::nullopt;
}

/// Of a configMap or secret, as a volume or projected. Only the volume calls it secretName.
ConfigFiles decode_config_files(const Json& json, ConfigKind kind) {
  ConfigFiles files;
  files.kind = kind;
  files.name = text(json, json.contains("secretName") ? "secretName" : "name");
  each(json, "items", "", [&](const Json& item, const std::string&) {
    files.items.push_back({text(item, "key"), text(item, "path"), decode_mode(item, "mode")});
  });
  files.optional = flag(json, "optional");
  return files;
}

DownwardApiFile decode_downward_file(const Json& json) {
  DownwardApiFile file;
  file.path = text(json, "path");
  file.mode = decode_mode(json, "mode");
  if (const Json* field = find(json, "fieldRef")) {
    file.source = decode_field_ref(*field);
  } else {
    file.source = decode_resource_field_ref(child(json, "resourceFieldRef"));
  }
  return file;
}

DownwardApiFiles decode_downward_files(const Json& json) {
  DownwardApiFiles files;
  each(json, "items", "", [&](const Json& item, const std::string&) {
    files.items.push_back(decode_downward_file(item));
  });
  return files;
}

/// `json` has the source under its kind: a volume, or one of the sources of a projected one.
void add_source(const Json& json, ProjectedVolume& volume) {
  if (const Json* config_map = find(json, "configMap")) {
    volume.sources.emplace_back(decode_config_files(*config_map, ConfigKind::ConfigMap));
  } else if (const Json* secret = find(json, "secret")) {
    volume.sources.emplace_back(decode_config_files(*secret, ConfigKind::Secret));
    volume.secret = true;
  } else if (const Json* downward = find(json, "downwardAPI")) {
    volume.sources.emplace_back(decode_downward_files(*downward));
  }
}

const Json* source_of(const Json& volume) {
  for (const char* kind : {"configMap", "secret", "downwardAPI", "projected"}) {
    if (const Json* source = find(volume, kind)) return source;
  }
  return nullptr;
}

}  // namespace

std::optional<ProjectedVolume> decode_projected(const Json& json) {
  const Json* source = source_of(json);
  if (source == nullptr) return std::nullopt;
  ProjectedVolume volume;
  volume.default_mode = decode_mode(*source, "defaultMode").value_or(kDefaultMode);
  add_source(json, volume);
  each(*source, "sources", "",
       [&](const Json& item, const std::string&) { add_source(item, volume); });
  return volume;
}

}  // namespace podvisor::manifest
