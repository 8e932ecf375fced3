// One case a rule of kubernetes-semantics.md's VAL: a pod that breaks it, and what is said then.
#include "expecting.h"

namespace podvisor {
namespace {

using testing::HasSubstr;

std::string bare(const std::string& metadata, const std::string& spec) {
  return "apiVersion: v1\nkind: Pod\nmetadata: " + metadata + "\nspec: " + spec + "\n";
}

constexpr const char* kMain = "{containers: [{name: main, command: [a]}]}";

TEST(Validation, VAL1_ReportsEverythingAtOnceInTheOrderOfTheText) {
  EXPECT_EQ(messages_of(pod_text("ports:\n- containerPort: 70000\nimagePullPolicy: Sometimes",
                                 "restartPolicy: No\nhostNetwork: maybe")),
            "pod.yaml:6:18: spec.restartPolicy: Invalid value: No: must be a string; put it in "
            "quotes: \"No\"\n"
            "pod.yaml:7:16: spec.hostNetwork: Invalid value: \"maybe\": must be true or false\n"
            "pod.yaml:12:24: spec.containers[0].ports[0].containerPort: Invalid value: 70000: must "
            "be between 1 and 65535, inclusive\n"
            "pod.yaml:13:24: spec.containers[0].imagePullPolicy: Unsupported value: \"Sometimes\": "
            "supported values: \"Always\", \"IfNotPresent\", \"Never\"\n");
}

TEST(Validation, VAL1_EachKindOfErrorHasItsWords) {
  const std::string path = "spec.containers[0].";
  expect({
      {with_container("ports: [{name: a}]"), path + "ports[0].containerPort: Required value"},
      {with_container("workingDir: \"a\\0b\""), path + "workingDir: Invalid value: "},
      {with_container("imagePullPolicy: always"),
       path + "imagePullPolicy: Unsupported value: \"always\": supported values: \"Always\", "
              "\"IfNotPresent\", \"Never\"; did you mean \"Always\"?"},
      {with_spec("volumes: [{name: a}, {name: a}]"),
       "spec.volumes[1].name: Duplicate value: \"a\""},
      {with_container("tty: true"), path + "tty: Forbidden: "},
      {with_container("volumeMounts: [{name: a, mountPath: /a}]"),
       path + "volumeMounts[0].name: Not found: \"a\""},
      {with_metadata("annotations: {a: " + std::string(262144, 'b') + "}"),
       "metadata.annotations: Too long: may not be more than 262144 bytes"},
  });
}

TEST(Validation, VAL2_ChecksNames) {
  expect({
      {bare("{name: Web}", kMain), "metadata.name: Invalid value: \"Web\": a lowercase RFC 1123"},
      {bare("{name: a.b}", kMain), ""},
      {bare("{name: a, namespace: a.b}", kMain), "metadata.namespace: Invalid value: \"a.b\""},
      {bare("{name: a}", "{containers: [{name: a.b, command: [a]}]}"),
       "spec.containers[0].name: Invalid value: \"a.b\""},
      {with_container("ports: [{containerPort: 1, name: a_b}]"),
       "spec.containers[0].ports[0].name: Invalid value: \"a_b\": must contain only"},
      {with_container("env: [{name: a=b}]"), "spec.containers[0].env[0].name: Invalid value"},
      {with_container("env: [{name: a b}]"), ""},
      {with_spec("hostname: a.b"), "spec.hostname: Invalid value: \"a.b\""},
      {with_metadata("labels: {-a: b}"), "metadata.labels[-a]: Invalid value: \"-a\": name part"},
      {with_metadata("labels: {a: b c}"), "metadata.labels[a]: Invalid value: \"b c\": a valid"},
      {with_metadata("annotations: {A/b: c}"), ""},
      {with_metadata("annotations: {a/b/c: d}"), "metadata.annotations[a/b/c]: Invalid value"},
  });
}

TEST(Validation, VAL2_IdsAreNumbersOfThirtyOneBits) {
  expect({
      {with_spec("securityContext: {runAsUser: 2147483647}"), ""},
      {with_spec("securityContext: {runAsUser: -1}"),
       "spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647"},
      {with_container("securityContext: {runAsGroup: 2147483648}"),
       "spec.containers[0].securityContext.runAsGroup: Invalid value: 2147483648"},
      {with_spec("securityContext: {supplementalGroups: [1, -2]}"),
       "spec.securityContext.supplementalGroups[1]: Invalid value: -2"},
  });
}

TEST(Validation, AnswersAUserNameWithItsNumber) {
  expect({
      {with_container("securityContext: {runAsUser: daemon}"),
       "spec.containers[0].securityContext.runAsUser: Invalid value: \"daemon\": must be a number "
       "from 0 to 2147483647, not a name; \"daemon\" is 1 on this host"},
      {with_container("securityContext: {runAsGroup: daemon}"),
       "spec.containers[0].securityContext.runAsGroup: Invalid value: \"daemon\": must be a number "
       "from 0 to 2147483647, not a name; \"daemon\" is 1 on this host"},
      {with_spec("securityContext: {runAsUser: no-such-user-here}"),
       "spec.securityContext.runAsUser: Invalid value: \"no-such-user-here\": must be a number "
       "from "
       "0 to 2147483647, not a name; there is no user \"no-such-user-here\" on this host"},
  });
}

TEST(Validation, VAL3_WantsANameAndAContainer) {
  expect({
      {bare("{namespace: a}", kMain), "metadata.name: Required value"},
      {bare("{name: \"\"}", kMain), "metadata.name: Required value"},
      {bare("{name: a}", "{containers: []}"), "spec.containers: Required value"},
      {bare("{name: a}", "{restartPolicy: Never}"), "spec.containers: Required value"},
      {bare("{name: a}", "{containers: [{command: [a]}]}"),
       "spec.containers[0].name: Required value"},
      {with_spec("ephemeralContainers: [{name: a}]"),
       "spec.ephemeralContainers: Forbidden: may not be set in a manifest"},
      {"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", "spec: Required value"},
      {"kind: Pod\nmetadata: {name: a}\nspec: " + std::string(kMain), "apiVersion: Required value"},
      {"apiVersion: v2\nkind: Pod\nmetadata: {name: a}\nspec: " + std::string(kMain),
       "apiVersion: Unsupported value: \"v2\": supported values: \"v1\""},
  });
}

TEST(Validation, VAL4_ChecksThePolicyOfThePod) {
  expect({
      {with_spec("restartPolicy: Sometimes"),
       "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", "
       "\"Never\", \"OnFailure\""},
      {with_spec("dnsPolicy: Default"), ""},
      {with_spec("dnsPolicy: Cluster"), "spec.dnsPolicy: Unsupported value: \"Cluster\""},
      {with_spec("activeDeadlineSeconds: 0"), "spec.activeDeadlineSeconds: Invalid value: 0"},
      {with_spec("activeDeadlineSeconds: 2147483647"), ""},
      {with_spec("terminationGracePeriodSeconds: -1"),
       "spec.terminationGracePeriodSeconds: Invalid value: -1: must be greater than or equal to 0"},
      {with_spec("terminationGracePeriodSeconds: 99999999999"), ""},
  });
}

TEST(Validation, VAL5_ContainerNamesAreUniqueAcrossInitContainers) {
  expect({
      {with_spec("initContainers: [{name: main, command: [a]}]"),
       "spec.initContainers[0].name: Duplicate value: \"main\""},
      {bare("{name: a}", "{containers: [{name: b, command: [a]}, {name: b, command: [a]}]}"),
       "spec.containers[1].name: Duplicate value: \"b\""},
  });
}

TEST(Validation, VAL6_ImageMayBeLeftOutButNotPadded) {
  expect({
      {with_container("image: nginx"), ""},
      {bare("{name: a}", "{containers: [{name: b, image: nginx}]}"), ""},
      {with_container("image: \" nginx\""),
       "spec.containers[0].image: Invalid value: \" nginx\": "
       "must not have leading or trailing whitespace"},
      {with_container("image: \"nginx \""), "spec.containers[0].image: Invalid value"},
      {bare("{name: a}", "{containers: [{name: b}]}"),
       "spec.containers[0].command: Required value: a container without an image"},
      {bare("{name: a}", "{containers: [{name: b, command: ~}]}"),
       "spec.containers[0].command: Required value: a container without an image"},
      {bare("{name: a}", "{containers: [{name: b, command: []}]}"),
       "spec.containers[0].command: Required value: a container without an image"},
      {bare("{name: a}", "{containers: [{name: b, command: sleep}]}"),
       "spec.containers[0].command: Invalid value: \"sleep\": must be a list"},
  });
}

TEST(Validation, VAL7_ChecksPullAndMessagePolicies) {
  expect({
      {with_container("imagePullPolicy: always"),
       "spec.containers[0].imagePullPolicy: Unsupported value: \"always\""},
      {with_container("terminationMessagePolicy: Log"),
       "spec.containers[0].terminationMessagePolicy: Unsupported value: \"Log\""},
      {with_container("terminationMessagePolicy: FallbackToLogsOnError"), ""},
      {with_container("terminationMessagePath: /tmp/x"), ""},
      {with_container("imagePullPolicy: Never"), ""},
  });
}

TEST(Validation, VAL8_ChecksPorts) {
  const std::string path = "spec.containers[0].ports[";
  expect({
      {with_container("ports: [{containerPort: 0}]"), path + "0].containerPort: Required value"},
      {with_container("ports: [{name: a}]"), path + "0].containerPort: Required value"},
      {with_container("ports: [{containerPort: 65536}]"),
       path + "0].containerPort: Invalid value: 65536: must be between 1 and 65535, inclusive"},
      {with_container("ports: [{containerPort: 1, protocol: tcp}]"),
       path + "0].protocol: Unsupported value: \"tcp\": supported values: \"SCTP\", \"TCP\", "
              "\"UDP\""},
      {with_container("ports: [{containerPort: 1, name: a}, {containerPort: 2, name: a}]"),
       path + "1].name: Duplicate value: \"a\""},
      {with_container("ports: [{containerPort: 1}, {containerPort: 1}]"), ""},
      {with_container("ports: [{containerPort: 1, hostPort: 0}, {containerPort: 2, hostPort: 0}]"),
       ""},
      {with_container(
           "ports: [{containerPort: 1, hostPort: 80}, {containerPort: 2, hostPort: 80}]"),
       path + "1].hostPort: Duplicate value: \"TCP//80\""},
      {with_container("ports: [{containerPort: 1, hostPort: 80},\n  {containerPort: 2, hostPort: "
                      "80, protocol: UDP}]"),
       ""},
      {with_container("ports: [{containerPort: 1, hostIP: here}]"),
       path + "0].hostIP: Invalid value: \"here\": must be a valid IP address"},
  });
}

TEST(Validation, VAL8_HostPortsAreUniqueAcrossRegularContainersOnly) {
  const std::string ports = "ports: [{containerPort: 1, hostPort: 80}]";
  const std::string other = "{name: other, command: [a], " + ports + "}";
  expect({
      {pod_text(ports) + "    - " + other + "\n",
       "spec.containers[1].ports[0].hostPort: Duplicate value: \"TCP//80\""},
      {pod_text(ports, "initContainers: [" + other + "]"), ""},
  });
}

TEST(Validation, VAL9_HostNetworkTakesPortsAsTheyAre) {
  expect({
      {pod_text("ports: [{containerPort: 1, hostPort: 2}]", "hostNetwork: true"),
       "spec.containers[0].ports[0].hostPort: Invalid value: 2: must match `containerPort`"},
      {pod_text("ports: [{containerPort: 1, hostPort: 1}, {containerPort: 2}]",
                "hostNetwork: true"),
       ""},
  });
}

TEST(Validation, VAL16_ProbesHaveOneHandlerAndSaneNumbers) {
  const std::string path = "spec.containers[0].livenessProbe";
  expect({
      {with_probe("periodSeconds: 1"), path + ": Required value: must specify a handler type"},
      {with_probe("exec:\nhttpGet: ~"), path + ": Required value: must specify a handler type"},
      {with_probe("httpGet: 80"), path + ".httpGet: Invalid value: 80: must be a mapping"},
      {with_probe("exec: {command: [a]}\ntcpSocket: {port: 1}"),
       path + ".tcpSocket: Forbidden: may not specify more than 1 handler type"},
      {with_probe("exec: {command: [a]}\nperiodSeconds: -1"),
       path + ".periodSeconds: Invalid value: -1: must be between 0 and 2147483647, inclusive"},
      {with_probe("exec: {command: [a]}\nsuccessThreshold: 2"),
       path + ".successThreshold: Invalid value: 2: must be 1"},
      {with_probe("exec: {command: [a]}\nsuccessThreshold: 2", "startupProbe"),
       "spec.containers[0].startupProbe.successThreshold: Invalid value: 2: must be 1"},
      {with_probe("exec: {command: [a]}\nsuccessThreshold: 2", "readinessProbe"), ""},
      {with_probe("exec: {command: [a]}\nterminationGracePeriodSeconds: 0"),
       path + ".terminationGracePeriodSeconds: Invalid value: 0: must be greater than or equal to "
              "1"},
      {with_probe("exec: {command: [a]}\nterminationGracePeriodSeconds: 1", "readinessProbe"),
       "spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Forbidden: must not be "
       "set for readinessProbes"},
      {with_probe("grpc: {port: 1}\nexec: {command: [a]}"),
       path + ".grpc: Forbidden: may not specify more than 1 handler type"},
  });
}

TEST(Validation, VAL17_ChecksHandlers) {
  const std::string path = "spec.containers[0].livenessProbe.";
  expect({
      {with_probe("exec: {}"), path + "exec.command: Required value"},
      {with_probe("exec: {command: []}"), path + "exec.command: Required value"},
      {with_probe("httpGet: {path: /}"), path + "httpGet.port: Required value"},
      {with_probe("httpGet: {port: 80, scheme: http}"),
       path + "httpGet.scheme: Unsupported value: \"http\": supported values: \"HTTP\", \"HTTPS\""},
      {with_probe("httpGet: {port: 0}"),
       path + "httpGet.port: Invalid value: 0: must be between 1"},
      {with_probe("httpGet: {port: 70000}"), path + "httpGet.port: Invalid value: 70000"},
      {with_probe("httpGet: {port: 1, httpHeaders: [{name: a_b, value: c}]}"),
       path + "httpGet.httpHeaders[0].name: Invalid value: \"a_b\": a valid HTTP header"},
      {with_probe("httpGet: {port: 1, httpHeaders: [{name: A}, {name: A, value: c}]}"), ""},
      {with_probe("tcpSocket: {}"), path + "tcpSocket.port: Required value"},
      {with_probe("tcpSocket: {port: web}"), ""},
      {with_probe("tcpSocket: {port: Web}"), path + "tcpSocket.port: Invalid value: \"Web\""},
      {with_probe("grpc: {port: 9000, service: shop}"), ""},
      {with_probe("grpc: {}"), path + "grpc.port: Required value"},
      {with_probe("grpc: {port: health}"),
       path + "grpc.port: Invalid value: \"health\": must be an integer from 1 to 65535"},
  });
}

TEST(Validation, VAL18_AQuotedPortIsAName) {
  expect({{with_probe("httpGet: {port: \"8080\"}"),
           "spec.containers[0].livenessProbe.httpGet.port: Invalid value: \"8080\": a port in "
           "quotes is a name, and a name must contain at least one letter (a-z); write the number "
           "without quotes"}});
}

TEST(Validation, VAL19_ANamedPortNeedNotExist) {
  expect({{with_probe("httpGet: {port: nowhere}"), ""}});
}

TEST(Validation, VAL27_ChecksResources) {
  const std::string path = "spec.containers[0].resources.";
  expect({
      {with_container("resources: {limits: {memory: -1}}"),
       path + "limits[memory]: Invalid value: -1: must be greater than or equal to 0"},
      {with_container("resources: {limits: {memory: 1MB}}"),
       path + "limits[memory]: Invalid value: \"1MB\": must be a quantity"},
      {with_container("resources: {limits: {cpu: 1}, requests: {cpu: 1001m}}"),
       path + "requests[cpu]: Invalid value: \"1001m\": must be less than or equal to cpu limit of "
              "1"},
      {with_container("resources: {limits: {cpu: 1}, requests: {cpu: 1000m}}"), ""},
      {with_container("resources: {limits: {disk: 1}}"),
       path + "limits[disk]: Invalid value: \"disk\": must be a standard resource"},
      {with_container("resources: {limits: {nvidia.com/gpu: 1}}"),
       path + "limits[nvidia.com/gpu]: Forbidden: extended resources"},
      {with_container("resources: {requests: {hugepages-2Mi: 1}}"),
       path + "requests[hugepages-2Mi]: Forbidden: podvisor hands out no huge"},
  });
}

TEST(Validation, VAL29_UnknownFieldsAreErrorsWithTheNearestName) {
  expect({
      {with_container("comand: [a]"),
       "spec.containers[0].comand: unknown field \"comand\" in Container; did you mean command?"},
      {with_spec("restartpolicy: Always"),
       "spec.restartpolicy: unknown field \"restartpolicy\" in PodSpec; did you mean "
       "restartPolicy?"},
      {with_probe("exec: {command: [a]}\nhttpget: {port: 1}"),
       "spec.containers[0].livenessProbe.httpget: unknown field \"httpget\" in Probe; did you mean "
       "httpGet?"},
      {with_container("securityContext: {zzzzzzzzzzzz: 1}"),
       "spec.containers[0].securityContext.zzzzzzzzzzzz: unknown field \"zzzzzzzzzzzz\" in "
       "SecurityContext; known are runAsUser, runAsGroup, runAsNonRoot"},
  });
}

TEST(Validation, VAL29_DoubledFieldsAreErrors) {
  EXPECT_EQ(messages_of(with_container("args: [a]\nargs: [b]")),
            "pod.yaml:10:7: spec.containers[0].args: Duplicate value: \"args\": already given on "
            "line 9\n");
  EXPECT_THAT(messages_of(with_metadata("labels:\n  a: b\n  a: c")),
              HasSubstr("metadata.labels[a]: Duplicate value: \"a\": already given on line 6"));
}

TEST(Validation, AKeyIsWrongWhereItStandsAndAValueLikewise) {
  EXPECT_THAT(messages_of(with_metadata("labels:\n  -a: b")),
              HasSubstr("pod.yaml:6:5: metadata.labels[-a]"));
  EXPECT_THAT(messages_of(with_metadata("labels:\n  a: b c")),
              HasSubstr("pod.yaml:6:8: metadata.labels[a]"));
}

TEST(Validation, VAL29_CanBeRelaxed) {
  const std::string text = with_container("comand: [a]\nargs: [a]\nargs: [b]");
  const LoadResult warned = load(text, {.validate = Validate::Warn});
  EXPECT_EQ(warned.diagnostics.size(), 2U);
  EXPECT_TRUE(warned.ok());
  EXPECT_THAT(messages(warned), HasSubstr("args: warning: Duplicate value"));
  EXPECT_EQ(warned.pods.at(0).pod->spec.containers[0].args, std::vector<std::string>{"b"});
  const LoadResult ignored = load(text, {.validate = Validate::Ignore});
  EXPECT_EQ(messages(ignored), "");
  EXPECT_EQ(ignored.pods.size(), 1U);
  EXPECT_FALSE(load(with_spec("restartPolicy: x"), {.validate = Validate::Ignore}).ok());
}

TEST(Validation, VAL29_ClusterOnlyFieldsAreOneWarning) {
  const LoadResult result = load(
      with_spec("tolerations: [{key: a}]\naffinity: {nodeAffinity: {}}\nserviceAccountName: me\n"
                "automountServiceAccountToken: false\nenableServiceLinks: false\npriority: 3"));
  EXPECT_EQ(messages(result),
            "pod.yaml:6:3: spec.tolerations: warning: kept, but podvisor does not act on: "
            "spec.tolerations, spec.affinity, spec.serviceAccountName, spec.priority (it matters "
            "only in a cluster)\n");
  EXPECT_EQ(result.pods.size(), 1U);
  EXPECT_THAT(result.pods.at(0).pod->document, HasSubstr("\"affinity\":{\"nodeAffinity\":{}}"));
}

TEST(Validation, VAL29_WhatIsAsByDefaultIsAsIfItWereNotThere) {
  const LoadResult first = load(with_spec("hostname: web"));
  ASSERT_EQ(first.pods.size(), 1U);
  EXPECT_THAT(first.pods[0].pod->document, HasSubstr("\"enableServiceLinks\":true"));
  EXPECT_EQ(messages(load(first.pods[0].pod->document)), "");
}

TEST(Validation, VAL29_UnsupportedVolumesAreRefusedByName) {
  expect({
      {with_spec("volumes: [{name: data, persistentVolumeClaim: {claimName: a}}]"),
       "spec.volumes[0].persistentVolumeClaim: Forbidden: storage of a cluster or a cloud, which "
       "one host has not (volume \"data\")"},
      {with_spec("volumes: [{name: tools, image: {reference: a}}]"),
       "spec.volumes[0].image: Forbidden: podvisor mounts no images as volumes (volume \"tools\")"},
  });
}

TEST(Validation, RefusesWhatWouldChangeTheMeaning) {
  expect({
      {with_spec("hostUsers: false"), "spec.hostUsers: Forbidden: podvisor gives no pod a user"},
      {with_spec("runtimeClassName: kata"), "spec.runtimeClassName: Forbidden: the container"},
      {with_spec("resources: {limits: {memory: 1Gi}}"),
       "spec.resources: Forbidden: podvisor limits"},
      {with_spec("os: {name: windows}"),
       "spec.os.name: Forbidden: \"windows\": podvisor runs on Linux"},
      {with_spec("volumes: [{name: a, emptyDir: {medium: HugePages-2Mi}}]"),
       "spec.volumes[0].emptyDir.medium: Forbidden: \"HugePages-2Mi\": podvisor hands out no huge"},
      {with_spec("volumes: [{name: a, emptyDir: {mode: 01777}}]"),
       "spec.volumes[0].emptyDir.mode: Forbidden: every emptyDir has mode 0777"},
      {with_container("volumeDevices: [{name: a, devicePath: /dev/xvda}]"),
       "spec.containers[0].volumeDevices: Forbidden: storage of a cluster"},
      {with_container("tty: true"),
       "spec.containers[0].tty: Forbidden: podvisor gives a process of this host no terminal"},
      {with_container("image: nginx\ntty: true\nstdin: true"), ""},
      {with_container("stdin: true\nstdinOnce: true"), ""},
  });
}

TEST(Validation, AcceptsRefusedFieldsWhoseValueChangesNothing) {
  expect({{pod_text("envFrom: []\nlifecycle: {}\ntty: false\nvolumeDevices: []\nsecurityContext:\n"
                    "  privileged: false\n  seLinuxOptions: {}\n  windowsOptions: {}",
                    "hostPID: false\nnodeSelector: {}\nnodeName:\nsubdomain: \"\"\ndnsConfig: "
                    "{}\nhostUsers: true\nruntimeClassName:\nresources: {}\nos: {name: linux}"),
           ""}});
}

TEST(Validation, ChecksTypes) {
  expect({
      {with_container("args: [1]"),
       "spec.containers[0].args[0]: Invalid value: 1: must be a "
       "string; put it in quotes: \"1\""},
      {with_container("env: [{name: A, value: yes}]"), "must be a string; put it in quotes"},
      {with_container("env: [{name: A, value: 1.5}]"), "must be a string; put it in quotes"},
      {with_container("env: [{name: A, value: 1.5.6}]"), ""},
      {with_container("env: [{name: A, value: \"1\"}, {name: B, value: !!str 1}]"), ""},
      {with_container("env: {A: b}"),
       "spec.containers[0].env: Invalid value: a mapping: must be a "
       "list"},
      {with_container("env: [a]"),
       "spec.containers[0].env[0]: Invalid value: \"a\": must be a "
       "mapping"},
      {with_container("command2: ~"), "unknown field \"command2\""},
      {with_container("args: [~]"),
       "spec.containers[0].args[0]: Invalid value: null: must be a "
       "single value"},
      {with_container("workingDir: [a]"), "must be a single value"},
      {with_spec("hostNetwork: \"true\""),
       "spec.hostNetwork: Invalid value: \"true\": must be "
       "true or false"},
      {with_spec("hostNetwork: yes"), ""},
      {with_spec("terminationGracePeriodSeconds: \"30\""),
       "spec.terminationGracePeriodSeconds: Invalid value: \"30\": must be an integer"},
      {with_spec("terminationGracePeriodSeconds: 1.5"), "must be an integer"},
      {with_spec("terminationGracePeriodSeconds: 99999999999999999999"), "must be an integer"},
      {with_metadata("labels: {a: 1}"), "metadata.labels[a]: Invalid value: 1: must be a string"},
      {with_metadata("labels: {a: }"), ""},
  });
}

TEST(Validation, HTTP17_ProbesSpeakHttp11AndNothingElse) {
  expect({
      {with_probe("httpGet: {port: 80, protocol: HTTP/1.1}"), ""},
      {with_probe("httpGet: {port: 80, protocol: h2c}"),
       "spec.containers[0].livenessProbe.httpGet.protocol: Unsupported value: \"h2c\": supported "
       "values: \"HTTP/1.1\""},
  });
}

}  // namespace
}  // namespace podvisor
