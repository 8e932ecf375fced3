#include <array>

#include "manifest/json_access.h"
#include "manifest/validate.h"
#include "manifest/validate_handler.h"

namespace podvisor::manifest {
namespace {

constexpr std::array kHandlers = {"exec", "httpGet", "tcpSocket", "sleep"};
constexpr std::size_t kMaxRules = 20;
constexpr std::size_t kMaxExitCodes = 255;

std::string too_many(std::size_t count, std::size_t most) {
  return "Too many: " + std::to_string(count) + ": must have at most " + std::to_string(most) +
         " items";
}

/// VAL-20
void validate_sleep(const Json& sleep, const Json& spec, const std::string& path, Report& report) {
  const Json* grace = find(spec, "terminationGracePeriodSeconds");
  const std::int64_t seconds = number(sleep, "seconds");
  if (grace == nullptr || (seconds >= 0 && seconds <= grace->get<std::int64_t>())) return;
  report.error(path + ".seconds",
               invalid(std::to_string(seconds),
                       "must be non-negative and less than terminationGracePeriodSeconds (" +
                           std::to_string(grace->get<std::int64_t>()) + ")"));
}

void validate_hook(const Json& hook, const Json& spec, const std::string& path, Report& report) {
  validate_handler(hook, kHandlers, path, report);
  if (const Json* sleep = find(hook, "sleep")) {
    validate_sleep(*sleep, spec, path + ".sleep", report);
  }
}

/// RAC-5
void validate_rules(const Json& rules, const std::string& path, Report& report) {
  if (rules.size() > kMaxRules) report.error(path, too_many(rules.size(), kMaxRules));
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Json* codes = rules[i].is_null() ? nullptr : find(rules[i], "exitCodes");
    const Json* values = codes ? find(*codes, "values") : nullptr;
    if (values == nullptr || values->size() <= kMaxExitCodes) continue;
    report.error(at(path, i) + ".exitCodes.values", too_many(values->size(), kMaxExitCodes));
  }
}

}  // namespace

void validate_lifecycle(const Json& container, const Json& spec, const std::string& path,
                        Report& report) {
  const Json& lifecycle = child(container, "lifecycle");
  for (const char* name : {"postStart", "preStop"}) {
    const Json* hook = find(lifecycle, name);
    if (hook) validate_hook(*hook, spec, path + ".lifecycle." + name, report);
  }
}

void validate_restart_rules(const Json& container, const std::string& path, Report& report) {
  const Json* rules = find(container, "restartPolicyRules");
  if (rules == nullptr || rules->empty()) return;
  const std::string policy_path = path + ".restartPolicy";
  if (!container.contains("restartPolicy") && !report.is_wrong(policy_path)) {  // RAC-4
    report.error(policy_path, "Required value: must be set together with restartPolicyRules");
  }
  validate_rules(*rules, path + ".restartPolicyRules", report);
}

}  // namespace podvisor::manifest
