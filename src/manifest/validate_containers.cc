#include <set>

#include "manifest/json_access.h"
#include "manifest/scalar.h"
#include "manifest/validate.h"

namespace podvisor::manifest {
namespace {

constexpr const char* kProbeFields[] = {"livenessProbe", "readinessProbe", "startupProbe"};

void validate_name(const Json& container, const std::string& path, std::set<std::string>& names,
                   Report& report) {
  const std::string name = text(container, "name");
  if (!name.empty() && !names.insert(name).second) {
    report.error(path + ".name", duplicate(show(Json(name))));
  }
}

/// VAL-6. Without an image something must say what to run.
void validate_program(const Json& container, const std::string& path, Report& report) {
  const std::string image = text(container, "image");
  constexpr const char* kBlank = " \t\r\n";
  if (!image.empty() &&
      (image.find_first_of(kBlank) == 0 || image.find_last_of(kBlank) == image.size() - 1)) {
    report.error(path + ".image",
                 invalid(show(Json(image)), "must not have leading or trailing whitespace"));
  }
  const Json* command = find(container, "command");
  const bool has_command = command != nullptr && !command->empty();
  if (!image.empty() || has_command) return;
  if (report.is_wrong(path + ".image") || report.is_wrong(path + ".command")) return;
  report.error(path + ".command",
               "Required value: a container without an image is a process of this host, and needs "
               "a command");
}

void validate_plain_process(const Json& container, const std::string& path, Report& report) {
  if (text(container, "image").empty() && flag(container, "tty")) {
    report.error(path + ".tty",
                 forbidden("podvisor gives a process of this host no terminal; a container with "
                           "an image may have one"));
  }
}

/// VAL-21
void validate_only_for_sidecars(const Json& container, const std::string& path, bool is_init,
                                Report& report) {
  if (!is_init || is_sidecar(container)) return;
  for (const char* field : {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"}) {
    if (find(container, field) == nullptr) continue;
    report.error(path + "." + field,
                 forbidden("may not be set for init containers without restartPolicy=Always"));
  }
}

void validate_probes(const Json& container, const std::string& path, Report& report) {
  for (const char* kind : kProbeFields) {
    const Json* probe = find(container, kind);
    if (probe != nullptr) validate_probe(*probe, kind, path + "." + kind, report);
  }
}

void validate_container(const Json& container, const Json& spec, const std::string& path,
                        Report& report) {
  validate_program(container, path, report);
  validate_plain_process(container, path, report);
  validate_env(container, path, report);
  validate_probes(container, path, report);
  validate_lifecycle(container, spec, path, report);
  validate_restart_rules(container, path, report);
  if (const Json* resources = find(container, "resources")) {
    validate_resources(*resources, path + ".resources", report);
  }
}

}  // namespace

void validate_containers(const Json& spec, Report& report) {
  std::set<std::string> names;
  each_container(spec, [&](const Json& container, const std::string& path, bool is_init) {
    validate_name(container, path, names, report);
    validate_container(container, spec, path, report);
    validate_only_for_sidecars(container, path, is_init, report);
  });
}

}  // namespace podvisor::manifest
