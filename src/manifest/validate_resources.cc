#include "manifest/json_access.h"
#include "manifest/names.h"
#include "manifest/quantity.h"
#include "manifest/scalar.h"
#include "manifest/validate.h"

namespace podvisor::manifest {
namespace {

/// VAL-27, as far as podvisor can give what is asked for.
void validate_resource_name(const std::string& name, const std::string& path, Report& report) {
  if (name == "cpu" || name == "memory") return;
  if (name == "ephemeral-storage") {
    return report.ignored(path, "podvisor does not limit disk space");
  }
  if (name.starts_with("hugepages-")) {
    return report.error(path, forbidden("podvisor hands out no huge pages"));
  }
  if (name.find('/') != std::string::npos && check_qualified_name(name).empty()) {
    return report.error(path, forbidden("extended resources come from a cluster's device plugins"));
  }
  report.error(
      path, invalid(show(Json(name)), "must be a standard resource for containers: cpu or memory"));
}

void validate_request(const std::string& name, const Json& request, const Json& limit,
                      const std::string& path, Report& report) {
  const auto wanted = parse_quantity(request.get<std::string>());
  const auto most = parse_quantity(limit.get<std::string>());
  if (!wanted || !most || wanted->nanos <= most->nanos) return;
  report.error(path, invalid(show(request), "must be less than or equal to " + name + " limit of " +
                                                limit.get<std::string>()));
}

}  // namespace

void validate_resources(const Json& resources, const std::string& path, Report& report) {
  const Json none = Json::object();
  const Json& limits = find(resources, "limits") ? resources["limits"] : none;
  const Json& requests = find(resources, "requests") ? resources["requests"] : none;
  for (const auto& item : limits.items()) {
    validate_resource_name(item.key(), at(path + ".limits", item.key()), report);
  }
  for (const auto& [name, request] : requests.items()) {
    const std::string request_path = at(path + ".requests", name);
    // What DEF-2 copied was looked at as a limit.
    if (!limits.contains(name)) validate_resource_name(name, request_path, report);
    if (limits.contains(name)) validate_request(name, request, limits[name], request_path, report);
  }
}

}  // namespace podvisor::manifest
