// The kinds of objects that verbs are asked about, and the words for them.
#pragma once

#include <string>
#include <vector>

#include "cli/columns.h"
#include "cli/fields.h"
#include "podvisor/result.h"
#include "podvisor/time.h"

namespace podvisor::cli {

struct Resource {
  const char* singular;  ///< "secret", as in secret/NAME
  const char* plural;    ///< "secrets", as in the API's paths
  const char* abbreviation;
  bool namespaced;
  std::vector<std::string> (*header)(RowColumns columns);
  std::vector<std::string> (*cells)(const Json& object, RowColumns columns, WallTime now);
};

extern const Resource kPods;
extern const Resource kConfigMaps;
extern const Resource kSecrets;
extern const Resource kNodes;
extern const Resource kDeployments;
extern const Resource kServices;
extern const Resource kEndpoints;

/// What kubectl calls one when it says what became of it: "pod/web", "deployment.apps/web".
[[nodiscard]] std::string full_name(const Resource& resource, const std::string& name);
/// "pod", "deployment.apps"
[[nodiscard]] std::string kind_name(const Resource& resource);

/// `pods`, `pod web db` or `pod/web pod/db`: one kind, and names; none for all.
struct Selection {
  const Resource* resource = nullptr;
  std::vector<std::string> names;
};
/// Only of the kinds in `allowed`.
[[nodiscard]] Result<Selection> select(const std::vector<std::string>& words,
                                       const std::vector<const Resource*>& allowed);
/// The same of several kinds: `configmaps,secrets`, then names that count for each; or `all`.
[[nodiscard]] Result<std::vector<Selection>> select_each(
    const std::vector<std::string>& words, const std::vector<const Resource*>& allowed);

}  // namespace podvisor::cli
