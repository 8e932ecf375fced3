#include "podvisor/config_object.h"

#include <algorithm>

namespace podvisor {

bool mounts_config(const Pod& pod, ConfigKind kind, const std::string& name) {
  const auto is_it = [&](const auto& source) {
    const auto* files = std::get_if<ConfigFiles>(&source);
    return files != nullptr && files->kind == kind && files->name == name;
  };
  return std::ranges::any_of(pod.spec.volumes, [&](const Volume& volume) {
    const auto* projected = std::get_if<ProjectedVolume>(&volume.source);
    return projected != nullptr && std::ranges::any_of(projected->sources, is_it);
  });
}

}  // namespace podvisor
