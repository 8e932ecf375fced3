// What the files of a configMap, secret, downwardAPI or projected volume are to hold (VOL-7, VOL-8,
// DWN). Pure: no file is touched here.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>

#include "podvisor/downward_api.h"
#include "podvisor/pod.h"
#include "podvisor/ports/config_source.h"
#include "podvisor/result.h"

namespace podvisor {

struct ProjectedFile {
  std::string content;
  mode_t mode = 0644;
  friend bool operator==(const ProjectedFile&, const ProjectedFile&) = default;
};

/// By path below the volume: relative, without "." and "..", and not beginning with "..".
using Projection = std::map<std::string, ProjectedFile>;

/// Sources in order, later ones win. The error says in kubelet's words what is missing.
[[nodiscard]] Result<Projection> project(const ProjectedVolume& volume, const Pod& pod,
                                         const ConfigSource& configs, const NodeFacts& node);

/// Nothing that is written below the volume leaves it or gets in the way of its `..data`.
[[nodiscard]] Status check_projected_path(const std::string& path);

}  // namespace podvisor
