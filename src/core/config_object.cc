#include "podvisor/config_object.h"

#include <algorithm>

#include "podvisor/config_use.h"

namespace podvisor {
namespace {

struct ConfigName {
  ConfigKind kind;
  const std::string& name;

  [[nodiscard]] bool is(const auto& reference) const {
    return reference.kind == kind && reference.name == name;
  }
};

bool shows(const Volume& volume, const ConfigName& wanted) {
  const auto* projected = std::get_if<ProjectedVolume>(&volume.source);
  return projected != nullptr && std::ranges::any_of(projected->sources, [&](const auto& source) {
           const auto* files = std::get_if<ConfigFiles>(&source);
           return files != nullptr && wanted.is(*files);
         });
}

bool has_in_environment(const Container& container, const ConfigName& wanted) {
  const auto is_from = [&](const EnvFromSource& source) { return wanted.is(source); };
  const auto is_value = [&](const EnvVar& variable) {
    const auto* key = std::get_if<ConfigKeySelector>(&variable.value_from);
    return key != nullptr && wanted.is(*key);
  };
  return std::ranges::any_of(container.env_from, is_from) ||
         std::ranges::any_of(container.env, is_value);
}

/// A subPath is what it was when the container started (VOL-9).
bool mounts_sub_path(const Container& container, const std::string& volume) {
  return std::ranges::any_of(container.volume_mounts, [&](const VolumeMount& mount) {
    return mount.name == volume && !(mount.sub_path.empty() && mount.sub_path_expr.empty());
  });
}

}  // namespace

bool mounts_config(const Pod& pod, ConfigKind kind, const std::string& name) {
  return std::ranges::any_of(pod.spec.volumes, [wanted = ConfigName{kind, name}](const auto& each) {
    return shows(each, wanted);
  });
}

bool is_made_of(const Pod& pod, ConfigKind kind, const std::string& name) {
  const ConfigName wanted{kind, name};
  if (pod.spec.restart_policy != RestartPolicy::Always) return false;  // its work is done once
  if (pod.spec.policy.rollout.on_mounted_config && mounts_config(pod, kind, name)) return true;
  return std::ranges::any_of(pod.spec.containers, [&](const Container& container) {
    return has_in_environment(container, wanted) ||
           std::ranges::any_of(pod.spec.volumes, [&](const Volume& volume) {
             return shows(volume, wanted) && mounts_sub_path(container, volume.name);
           });
  });
}

}  // namespace podvisor
