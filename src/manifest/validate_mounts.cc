#include "manifest/json_access.h"
#include "manifest/scalar.h"
#include "manifest/validate.h"

namespace podvisor::manifest {
namespace {

void validate_sub_path(const Json& mount, const std::string& path, Report& report) {
  const std::string expression = text(mount, "subPathExpr");
  if (expression.empty() || text(mount, "subPath").empty()) return;
  report.error(path + ".subPathExpr",
               invalid(show(Json(expression)), "subPathExpr and subPath are mutually exclusive"));
}

void validate_propagation(const Json& mount, bool privileged, const std::string& path,
                          Report& report) {
  if (text(mount, "mountPropagation") != "Bidirectional" || privileged) return;
  report.error(path + ".mountPropagation",
               forbidden("Bidirectional mount propagation is available only to privileged "
                         "containers"));
}

void validate_recursive(const Json& mount, const std::string& path, Report& report) {
  const std::string recursive = text(mount, "recursiveReadOnly");
  if (recursive.empty() || recursive == "Disabled") return;
  const std::string recursive_path = path + ".recursiveReadOnly";
  if (!flag(mount, "readOnly")) {
    report.error(recursive_path, forbidden("may only be specified when readOnly is true"));
  }
  const std::string propagation = text(mount, "mountPropagation");
  if (!propagation.empty() && propagation != "None") {
    report.error(recursive_path,
                 forbidden("may only be specified when mountPropagation is None or not specified"));
  }
}

}  // namespace

void validate_mounts(const Json& container, const std::string& path,
                     const std::set<std::string>& volumes, Report& report) {
  std::set<std::string> targets;
  const bool privileged = flag(child(container, "securityContext"), "privileged");
  each(container, "volumeMounts", path, [&](const Json& mount, const std::string& mount_path) {
    const std::string name = text(mount, "name");
    if (!name.empty() && !volumes.contains(name)) {
      report.error(mount_path + ".name",
                   not_found(show(Json(name)), {volumes.begin(), volumes.end()}));
    }
    const std::string target = text(mount, "mountPath");
    if (!target.empty() && !targets.insert(target).second) {
      report.error(mount_path + ".mountPath",
                   invalid(show(Json(target)), "must be unique in the container"));
    }
    validate_sub_path(mount, mount_path, report);
    validate_propagation(mount, privileged, mount_path, report);
    validate_recursive(mount, mount_path, report);
  });
}

}  // namespace podvisor::manifest
