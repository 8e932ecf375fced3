#include <array>

#include "manifest/json_access.h"
#include "manifest/validate.h"
#include "manifest/validate_downward.h"

namespace podvisor::manifest {
namespace {

constexpr std::array kValueSources = {"fieldRef", "resourceFieldRef", "configMapKeyRef",
                                      "secretKeyRef", "fileKeyRef"};
constexpr std::array kEnvSources = {"configMapRef", "secretRef"};

/// A source that was refused is there all the same.
std::size_t count_sources(const Json& object, const auto& names, const std::string& path,
                          const Report& report) {
  std::size_t count = 0;
  for (const char* name : names) {
    if (object.contains(name) || report.is_wrong(path + "." + name)) ++count;
  }
  return count;
}

/// VAL-10
void validate_value_from(const Json& variable, const std::string& path, Report& report) {
  const Json& source = variable.at("valueFrom");
  const std::string source_path = path + ".valueFrom";
  const std::size_t sources = count_sources(source, kValueSources, source_path, report);
  if (sources == 0) {
    report.error(source_path, invalid("\"\"",
                                      "must specify one of: `fieldRef`, `resourceFieldRef`, "
                                      "`configMapKeyRef` or `secretKeyRef`"));
  } else if (!text(variable, "value").empty()) {
    report.error(source_path, invalid("\"\"", "may not be specified when `value` is not empty"));
  } else if (sources > 1) {
    report.error(source_path,
                 invalid("\"\"", "may not have more than one field specified at a time"));
  }
  if (const Json* field = find(source, "fieldRef")) {
    validate_field_ref(*field, DownwardUse::Env, source_path + ".fieldRef", report);
  }
  if (const Json* resource = find(source, "resourceFieldRef")) {
    validate_resource_field_ref(*resource, DownwardUse::Env, source_path + ".resourceFieldRef",
                                report);
  }
}

/// VAL-11
void validate_env_from(const Json& source, const std::string& path, Report& report) {
  const std::size_t sources = count_sources(source, kEnvSources, path, report);
  if (sources == 0) {
    report.error(path, invalid("\"\"", "must specify one of: `configMapRef` or `secretRef`"));
  } else if (sources > 1) {
    report.error(path, invalid("\"\"", "may not have more than one field specified at a time"));
  }
}

}  // namespace

void validate_env(const Json& container, const std::string& path, Report& report) {
  each(container, "env", path, [&](const Json& variable, const std::string& variable_path) {
    if (find(variable, "valueFrom")) validate_value_from(variable, variable_path, report);
  });
  each(container, "envFrom", path, [&](const Json& source, const std::string& source_path) {
    validate_env_from(source, source_path, report);
  });
}

}  // namespace podvisor::manifest
