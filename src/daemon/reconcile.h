// What a directory of manifests asks for, against what was asked for before. Pure.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "manifest/manifest.h"

namespace podvisor {

using PodName = std::pair<std::string, std::string>;  ///< namespace, name
/// The document of each pod as it was last applied.
using Applied = std::map<PodName, std::string>;

struct Changes {
  std::vector<LoadedPod> apply;  ///< new or changed
  std::vector<PodName> remove;
};

[[nodiscard]] Changes reconcile(const Applied& applied, const std::vector<LoadedPod>& desired);

}  // namespace podvisor
