// What manifest files ask a running podvisor to make.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "cli/command_line.h"

namespace podvisor::cli {

struct ManifestObject {
  std::string kind;    ///< "pod", "configmap", "secret", "service", "deployment": for a person
  std::string plural;  ///< as in the API's paths
  std::string namespace_;
  std::string name;
  std::string document;  ///< JSON
};

struct ManifestObjects {
  std::vector<ManifestObject> objects;
  std::set<std::string> warnings;  ///< those on console.err, in podvisor's own words
};

/// All objects of the files, what pods are made of before the pods. Nothing, with the reasons on
/// console.err, unless every file is sound and of kinds that podvisor acts on.
[[nodiscard]] ManifestObjects load_objects(const std::vector<std::string>& paths,
                                           const Console& console);

}  // namespace podvisor::cli
