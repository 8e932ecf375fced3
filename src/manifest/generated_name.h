// metadata.generateName: a name for an object that has none of its own. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "manifest/yaml_tree.h"

namespace podvisor::manifest {

/// As an API server makes it: the prefix, cut so that the rest has room, and five letters and
/// digits. They follow from `seed` instead of from chance: the same file read again shall name the
/// same object, not make another.
[[nodiscard]] std::string generate_name(std::string_view prefix, std::string_view seed);

/// The names made for one file. Two objects of one kind, namespace and prefix are told apart by
/// their order in it, so that other documents may come and go.
class GeneratedNames {
 public:
  explicit GeneratedNames(const std::string& file) : file_(file) {}

  /// Whether there is a prefix, and no name.
  [[nodiscard]] static bool wanted(const Node& document);
  /// Gives the document, for which one is wanted, a name; it stands where the prefix does.
  void name(Node& document);

 private:
  const std::string& file_;
  std::map<std::string, int> made_;  ///< for each kind, namespace and prefix
};

}  // namespace podvisor::manifest
