#include <set>

#include "manifest/json_access.h"
#include "manifest/scalar.h"
#include "manifest/validate.h"

namespace podvisor::manifest {
namespace {

/// VAL-12: names are unique, and there is exactly one source (none became an emptyDir).
void validate_volume(const Json& volume, const std::string& path, std::set<std::string>& names,
                     Report& report) {
  const std::string name = text(volume, "name");
  if (!name.empty() && !names.insert(name).second) {
    report.error(path + ".name", duplicate(show(Json(name))));
  }
  std::size_t sources = 0;
  for (const auto& [field, value] : volume.items()) {
    if (field == "name" || value.is_null() || ++sources < 2) continue;
    report.error(path + "." + field, forbidden("may not specify more than 1 volume type"));
  }
}

}  // namespace

void validate_volumes(const Json& spec, Report& report) {
  std::set<std::string> names;
  each(spec, "volumes", "spec", [&](const Json& volume, const std::string& path) {
    validate_volume(volume, path, names, report);
    validate_projected(volume, path, report);
  });
  each_container(spec, [&](const Json& container, const std::string& path, bool) {
    validate_mounts(container, path, names, report);
  });
}

}  // namespace podvisor::manifest
