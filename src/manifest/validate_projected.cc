#include <array>
#include <set>

#include "manifest/json_access.h"
#include "manifest/scalar.h"
#include "manifest/validate.h"
#include "manifest/validate_downward.h"

namespace podvisor::manifest {
namespace {

constexpr std::array kSources = {
    "secret",        "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle",
    "podCertificate"};

/// VAL-14
void validate_downward_file(const Json& file, const std::string& path, Report& report) {
  const Json* field = find(file, "fieldRef");
  const Json* resource = find(file, "resourceFieldRef");
  if (field) validate_field_ref(*field, DownwardUse::VolumeFile, path + ".fieldRef", report);
  if (field && resource) {
    report.error(path, invalid("\"resource\"",
                               "fieldRef and resourceFieldRef can not be specified "
                               "simultaneously"));
  } else if (resource) {
    validate_resource_field_ref(*resource, DownwardUse::VolumeFile, path + ".resourceFieldRef",
                                report);
  } else if (!field && !report.is_wrong(path + ".fieldRef") &&
             !report.is_wrong(path + ".resourceFieldRef")) {
    report.error(path, "Required value: one of fieldRef and resourceFieldRef is required");
  }
}

void validate_downward_files(const Json& holder, const std::string& path, Report& report) {
  each(child(holder, "downwardAPI"), "items", path + ".downwardAPI",
       [&](const Json& file, const std::string& file_path) {
         validate_downward_file(file, file_path, report);
       });
}

/// VAL-13: two sources may not both name a file. Of whole objects the later one wins.
void validate_paths(const Json& source, const std::string& path, std::set<std::string>& taken,
                    Report& report) {
  for (const char* kind : {"secret", "configMap", "downwardAPI"}) {
    each(child(source, kind), "items", path + "." + kind,
         [&](const Json& item, const std::string& item_path) {
           const std::string file = text(item, "path");
           if (file.empty() || taken.insert(file).second) return;
           report.error(item_path + ".path",
                        invalid(show(Json(file)), "conflicting duplicate paths"));
         });
  }
}

void validate_source(const Json& source, const std::string& path, std::set<std::string>& taken,
                     Report& report) {
  std::size_t kinds = 0;
  for (const char* kind : kSources) {
    const std::string kind_path = path + "." + kind;
    if (!source.contains(kind) && !report.is_wrong(kind_path)) continue;
    if (++kinds > 1) {
      report.error(kind_path, forbidden("may not specify more than 1 volume type"));
    }
  }
  validate_paths(source, path, taken, report);
  validate_downward_files(source, path, report);
}

}  // namespace

void validate_projected(const Json& volume, const std::string& path, Report& report) {
  validate_downward_files(volume, path, report);
  std::set<std::string> taken;
  each(child(volume, "projected"), "sources", path + ".projected",
       [&](const Json& source, const std::string& source_path) {
         validate_source(source, source_path, taken, report);
       });
}

}  // namespace podvisor::manifest
