// ConfigMaps and Secrets, as the manifests give them. Both are maps from keys to bytes; what
// differs is who may see them: a Secret's values never reach a log, an event, a metric or an
// argument list.
#pragma once

#include <map>
#include <string>

#include "podvisor/pod.h"

namespace podvisor {

struct ConfigObject {
  ConfigKind kind = ConfigKind::ConfigMap;
  ObjectMeta metadata;
  /// data and binaryData, or data and stringData, decoded.
  std::map<std::string, std::string> data;
  bool immutable = false;
  std::string type;  ///< of a Secret: "Opaque", "kubernetes.io/dockerconfigjson", …
  /// As accepted: what the API shows. Of a Secret with its values.
  std::string document;
};

/// A volume of the pod shows files of it: they are written anew when it changes.
[[nodiscard]] bool mounts_config(const Pod& pod, ConfigKind kind, const std::string& name);

[[nodiscard]] inline const char* to_string(ConfigKind kind) {
  return kind == ConfigKind::ConfigMap ? "ConfigMap" : "Secret";
}

}  // namespace podvisor
