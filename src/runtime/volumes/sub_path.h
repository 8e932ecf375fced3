// The part of a volume that a mount shows: subPath and subPathExpr (VOL-9, VOL-10).
#pragma once

#include <string>
#include <vector>

#include "podvisor/fd.h"
#include "podvisor/pod.h"
#include "podvisor/result.h"

namespace podvisor {

/// The same mounts with sub_path_expr expanded into sub_path. `environment` is the container's
/// final one, NAME=VALUE. An error is a CreateContainerConfigError. Pure.
[[nodiscard]] Result<std::vector<VolumeMount>> with_sub_paths(
    std::vector<VolumeMount> mounts, const std::vector<std::string>& environment);

/// Opens (O_PATH) what `path` names below the volume `root`, making directories of the root's mode
/// for what is missing. Links that a container left in the volume are followed as long as they stay
/// in it, even if it changes them meanwhile; what is returned is in the volume.
[[nodiscard]] Result<Fd> open_sub_path(int root, const std::string& path);

}  // namespace podvisor
