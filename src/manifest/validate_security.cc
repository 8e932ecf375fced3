#include <algorithm>

#include "manifest/json_access.h"
#include "manifest/scalar.h"
#include "manifest/validate.h"
#include "podvisor/sysctls.h"

namespace podvisor::manifest {
namespace {

/// Localhost and nothing else wants the name of a profile.
void validate_profile(const Json& context, const char* name, const char* noun,
                      const std::string& path, Report& report) {
  const Json* profile = find(context, name);
  if (profile == nullptr || text(*profile, "type").empty()) return;
  const bool localhost = text(*profile, "type") == "Localhost";
  const std::string which = text(*profile, "localhostProfile");
  const std::string which_path = path + "." + name + ".localhostProfile";
  if (localhost && which.empty() && !report.is_wrong(which_path)) {
    report.error(which_path,
                 std::string("Required value: must be set when ") + noun + " type is Localhost");
  } else if (!localhost && !which.empty()) {
    report.error(which_path, invalid(show(Json(which)), std::string("can only be set when ") +
                                                            noun + " type is Localhost"));
  }
}

void validate_profiles(const Json& context, const std::string& path, Report& report) {
  validate_profile(context, "seccompProfile", "seccomp", path, report);
  validate_profile(context, "appArmorProfile", "AppArmor", path, report);
}

bool adds_cap_sys_admin(const Json& context) {
  const std::vector<std::string> added = strings(child(context, "capabilities"), "add");
  return std::find(added.begin(), added.end(), "CAP_SYS_ADMIN") != added.end();
}

/// VAL-25
void validate_escalation(const Json& context, const std::string& path, Report& report) {
  const Json* allow = find(context, "allowPrivilegeEscalation");
  if (allow == nullptr || allow->get<bool>()) return;
  const std::string allow_path = path + ".allowPrivilegeEscalation";
  if (flag(context, "privileged")) {
    report.error(allow_path, invalid("false",
                                     "cannot set `allowPrivilegeEscalation` to false and "
                                     "`privileged` to true"));
  }
  if (adds_cap_sys_admin(context)) {
    report.error(allow_path, invalid("false",
                                     "cannot set `allowPrivilegeEscalation` to false and "
                                     "`capabilities.Add` CAP_SYS_ADMIN"));
  }
}

void validate_context(const Json& container, const std::string& path, Report& report) {
  const Json& context = child(container, "securityContext");
  const std::string context_path = path + ".securityContext";
  validate_escalation(context, context_path, report);
  validate_profiles(context, context_path, report);
}

/// Where the pod has no namespace of its own, the host's would be changed.
void validate_sysctl(const Json& sysctl, const Json& spec, const std::string& path,
                     Report& report) {
  const std::string shown = show(Json(text(sysctl, "name")));
  const std::string name = dotted_sysctl(text(sysctl, "name"));
  if (name.empty()) return;
  const std::vector<std::string>& safe = safe_sysctls();
  if (std::find(safe.begin(), safe.end(), name) == safe.end()) {
    return report.error(path, unsupported(shown, safe));
  }
  const char* host = name.starts_with("net.") ? "hostNetwork" : "hostIPC";
  if (!flag(spec, host)) return;
  report.error(path,
               invalid(shown, std::string("may not be specified when '") + host + "' is true"));
}

void validate_sysctls(const Json& spec, Report& report) {
  std::vector<std::string> taken;
  each(child(spec, "securityContext"), "sysctls", "spec.securityContext",
       [&](const Json& sysctl, const std::string& path) {
         const std::string name = dotted_sysctl(text(sysctl, "name"));
         if (std::find(taken.begin(), taken.end(), name) != taken.end()) {
           report.error(path + ".name", duplicate(show(sysctl.at("name"))));
         }
         if (!name.empty()) taken.push_back(name);
         validate_sysctl(sysctl, spec, path + ".name", report);
       });
}

}  // namespace

void validate_security(const Json& spec, Report& report) {
  if (flag(spec, "hostPID") && flag(spec, "shareProcessNamespace")) {
    report.error("spec.shareProcessNamespace",
                 invalid("true", "ShareProcessNamespace and HostPID cannot both be enabled"));
  }
  validate_profiles(child(spec, "securityContext"), "spec.securityContext", report);
  validate_sysctls(spec, report);
  each_container(spec, [&](const Json& container, const std::string& path, bool) {
    validate_context(container, path, report);
  });
}

}  // namespace podvisor::manifest
