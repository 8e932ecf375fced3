#include "manifest/decode.h"
#include "manifest/json_access.h"
#include "manifest/signals.h"

namespace podvisor::manifest {
namespace {

std::optional<HookAction> decode_hook(const Json& lifecycle, const char* name) {
  const Json* hook = find(lifecycle, name);
  if (hook == nullptr) return std::nullopt;
  if (const Json* exec = find(*hook, "exec")) return decode_exec(*exec);
  if (const Json* http = find(*hook, "httpGet")) return decode_http_get(*http);
  if (const Json* tcp = find(*hook, "tcpSocket")) return decode_tcp_socket(*tcp);
  return SleepAction{Seconds(number(child(*hook, "sleep"), "seconds"))};
}

RestartRule decode_rule(const Json& json) {
  const Json& exit_codes = child(json, "exitCodes");
  RestartRule rule;
  if (text(json, "action") == "RestartAllContainers") {
    rule.action = RestartRule::Action::RestartAllContainers;
  }
  rule.not_in = text(exit_codes, "operator") == "NotIn";
  if (const Json* values = find(exit_codes, "values")) {
    rule.exit_codes = values->get<std::vector<int>>();
  }
  return rule;
}

}  // namespace

Lifecycle decode_lifecycle(const Json& container) {
  const Json& json = child(container, "lifecycle");
  Lifecycle lifecycle;
  lifecycle.post_start = decode_hook(json, "postStart");
  lifecycle.pre_stop = decode_hook(json, "preStop");
  lifecycle.stop_signal = parse_signal(text(json, "stopSignal")).value_or(0);
  return lifecycle;
}

std::vector<RestartRule> decode_restart_rules(const Json& container) {
  std::vector<RestartRule> rules;
  each(container, "restartPolicyRules", "",
       [&](const Json& item, const std::string&) { rules.push_back(decode_rule(item)); });
  return rules;
}

}  // namespace podvisor::manifest
