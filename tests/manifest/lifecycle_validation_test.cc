// VAL-20 to VAL-22, RAC-4 to RAC-6: hooks, and rules for restarts.
#include "expecting.h"

namespace podvisor {
namespace {

const std::string kLifecycle = "spec.containers[0].lifecycle.";

std::string with_hook(const std::string& action, const std::string& spec = "") {
  return pod_text("lifecycle: {preStop: {" + action + "}}", spec);
}

std::string with_rules(const std::string& rules) {
  return with_container("restartPolicy: Never\nrestartPolicyRules: " + rules);
}

TEST(LifecycleValidation, VAL20_HooksHaveOneHandler) {
  expect({
      {with_hook("exec: {command: [a]}"), ""},
      {with_hook("httpGet: {port: 80}"), ""},
      {with_hook("tcpSocket: {port: 80}"), ""},
      {with_hook("sleep: {seconds: 5}"), ""},
      {with_container("lifecycle: {postStart: {exec: {command: [a]}}}"), ""},
      {with_hook(""),
       kLifecycle +
           "preStop: Required value: must specify a handler type: exec, httpGet, tcpSocket or "
           "sleep"},
      {with_hook("exec: {command: [a]}, sleep: {seconds: 1}"),
       kLifecycle + "preStop.sleep: Forbidden: may not specify more than 1 handler type"},
      {with_hook("exec: {}"), kLifecycle + "preStop.exec.command: Required value"},
      {with_hook("httpGet: {port: 80, scheme: http}"),
       kLifecycle + "preStop.httpGet.scheme: Unsupported value: \"http\""},
      {with_hook("sleep: {seconds: 1}, grpc: {port: 80}"),
       kLifecycle + "preStop.grpc: unknown field \"grpc\" in LifecycleHandler"},
  });
}

TEST(LifecycleValidation, VAL20_ASleepFitsIntoTheGracePeriod) {
  const std::string path = kLifecycle + "preStop.sleep.seconds: Invalid value: ";
  const std::string wrong = ": must be non-negative and less than terminationGracePeriodSeconds (";
  expect({
      {with_hook("sleep: {seconds: 30}"), ""},
      {with_hook("sleep: {seconds: 0}"), ""},
      {with_hook("sleep: {}"), ""},
      {with_hook("sleep: {seconds: 31}"), path + "31" + wrong + "30)"},
      {with_hook("sleep: {seconds: -1}"), path + "-1" + wrong + "30)"},
      {with_hook("sleep: {seconds: 31}", "terminationGracePeriodSeconds: 60"), ""},
      {with_hook("sleep: {seconds: 6}", "terminationGracePeriodSeconds: 5"),
       path + "6" + wrong + "5)"},
  });
}

TEST(LifecycleValidation, StopSignalsAreKnownByName) {
  const std::string path = kLifecycle + "stopSignal: Invalid value: ";
  const auto signal = [](const std::string& name) {
    return with_container("lifecycle: {stopSignal: " + name + "}");
  };
  for (const char* name : {"SIGTERM", "SIGQUIT", "SIGRTMIN", "SIGRTMIN+15", "SIGRTMAX-14"}) {
    expect({{signal(name), ""}});
  }
  expect({
      {signal("TERM"), path + "\"TERM\": must be the name of a signal, such as SIGTERM, SIGINT or "
                              "SIGRTMIN+3; did you mean SIGTERM?"},
      {signal("SIGRTMIN+16"), path + "\"SIGRTMIN+16\": must be the name of a signal"},
      {signal("SIGRTMAX+1"), path + "\"SIGRTMAX+1\": must be the name of a signal"},
      {signal("SIGRTMIN+03"), path + "\"SIGRTMIN+03\": must be the name of a signal"},
      {signal("15"), kLifecycle + "stopSignal: Invalid value: 15: must be a string"},
  });
}

TEST(LifecycleValidation, VAL21_InitContainersHaveNoHooksOrProbes) {
  const std::string fields =
      "livenessProbe: {exec: {command: [a]}}, readinessProbe: {exec: {command: [a]}}, "
      "startupProbe: {exec: {command: [a]}}, lifecycle: {preStop: {exec: {command: [a]}}}";
  const std::string init = "initContainers: [{name: init, command: [a], " + fields;
  const LoadResult result = load(with_spec(init + "}]"));
  EXPECT_EQ(result.diagnostics.size(), 4U) << messages(result);
  for (const char* field : {"livenessProbe", "readinessProbe", "startupProbe", "lifecycle"}) {
    EXPECT_THAT(messages(result),
                testing::HasSubstr(std::string("spec.initContainers[0].") + field +
                                   ": Forbidden: may not be set for init containers without "
                                   "restartPolicy=Always"));
  }
  expect({{with_spec(init + ", restartPolicy: Always}]"), ""}});
}

TEST(LifecycleValidation, VAL22_AnEmptyRestartPolicyOfAContainerIsUnsupported) {
  expect({
      {with_container("restartPolicy: \"\""),
       "spec.containers[0].restartPolicy: Unsupported value: \"\": supported values: \"Always\", "
       "\"Never\", \"OnFailure\""},
      {with_container("restartPolicy: Never"), ""},
      {with_spec("restartPolicy: \"\""), ""},
  });
}

TEST(LifecycleValidation, RAC4_RulesWantAPolicyForTheRest) {
  const std::string rule = "[{action: Restart, exitCodes: {operator: In, values: [42]}}]";
  expect({
      {with_rules(rule), ""},
      {with_container("restartPolicyRules: []"), ""},
      {with_container("restartPolicyRules: " + rule),
       "spec.containers[0].restartPolicy: Required value: must be set together with "
       "restartPolicyRules"},
      {with_container("restartPolicy: Sometimes\nrestartPolicyRules: " + rule),
       "spec.containers[0].restartPolicy: Unsupported value: \"Sometimes\""},
  });
}

TEST(LifecycleValidation, RAC2_TheConditionIsExitCodes) {
  const std::string path = "spec.containers[0].restartPolicyRules[0].";
  expect({
      {with_rules("[{action: Restart}]"), path + "exitCodes: Required value"},
      {with_rules("[{action: Restart, exitCodes: {operator: In}, when: {}}]"),
       path + "when: unknown field \"when\" in ContainerRestartRule"},
  });
}

TEST(LifecycleValidation, RAC5_RulesAreBounded) {
  const std::string path = "spec.containers[0].restartPolicyRules";
  const std::string rule =
      "{action: RestartAllContainers, exitCodes: {operator: NotIn, values: [0, 0]}}";
  const auto many = [](const std::string& item, int count) {
    std::string list = "[";
    for (int i = 0; i < count; ++i) list += (i == 0 ? "" : ", ") + item;
    return list + "]";
  };
  const auto values = [&](int count) {
    return with_rules("[{action: Restart, exitCodes: {operator: In, values: " + many("1", count) +
                      "}}]");
  };
  expect({
      {with_rules(many(rule, 20)), ""},
      {with_rules(many(rule, 21)), path + ": Too many: 21: must have at most 20 items"},
      {values(255), ""},
      {values(256), path + "[0].exitCodes.values: Too many: 256: must have at most 255 items"},
      {with_rules("[{action: Stop, exitCodes: {operator: In}}]"),
       path + "[0].action: Unsupported value: \"Stop\": supported values: \"Restart\", "
              "\"RestartAllContainers\""},
      {with_rules("[{action: \"\", exitCodes: {operator: In}}]"),
       path + "[0].action: Unsupported value: \"\""},
      {with_rules("[{action: Restart, exitCodes: {operator: Equals}}]"),
       path + "[0].exitCodes.operator: Unsupported value: \"Equals\": supported values: \"In\", "
              "\"NotIn\""},
      {with_rules("[{action: Restart, exitCodes: {operator: \"\"}}]"),
       path + "[0].exitCodes.operator: Unsupported value: \"\""},
  });
}

TEST(LifecycleValidation, RAC6_SidecarsMayHaveRules) {
  expect(
      {{with_spec("initContainers:\n- name: proxy\n  command: [a]\n  restartPolicy: Always\n  "
                  "restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: In, "
                  "values: [1]}}]"),
        ""}});
}

}  // namespace
}  // namespace podvisor
