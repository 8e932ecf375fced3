// What a container sees of its pod, from the manifest to the container and back through the API.
#include <gmock/gmock.h>

#include "e2e/host.h"

namespace podvisor {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

using PodFiles = Host;

constexpr const char* kEverything = R"yaml(
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {COLOR: blue, greeting: "hello $(COLOR)"}
---
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {password: hush}
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: shop}
spec:
  restartPolicy: Never
  hostname: web-1
  subdomain: db
  setHostnameAsFQDN: true
  hostAliases:
  - {ip: 192.0.2.1, hostnames: [cache, cache.example]}
  dnsPolicy: None
  dnsConfig:
    nameservers: [192.0.2.53]
    searches: [shop.example]
    options: [{name: ndots, value: "2"}, {name: edns0}]
  containers:
  - name: main
    command:
    - sh
    - -c
    - |
      echo "[$0] [$1] uname $(uname -n)"
      env | sort; cat /etc/hosts /etc/resolv.conf
      echo "gave up on $COLOR" >/dev/termination-log
      exit 3
    - $(POD)
    - $(PASSWORD)
    resources: {limits: {memory: 300Mi}}
    envFrom:
    - prefix: S_
      configMapRef: {name: settings}
    - secretRef: {name: none, optional: true}
    env:
    - {name: COLOR, valueFrom: {configMapKeyRef: {name: settings, key: COLOR}}}
    - {name: PASSWORD, valueFrom: {secretKeyRef: {name: login, key: password}}}
    - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    - {name: APP, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
    - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
    - {name: MEMORY, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
    - {name: WHO, value: "$(POD) in $(S_COLOR), $(LATER)"}
)yaml";

TEST_F(PodFiles, NET5_ENV4_MSG2_EverythingThatAContainerSeesOfItsPod) {
  serve();
  write_manifest("web.yaml", kEverything);
  const auto state = [&] { return container("web", "main")["state"]; };
  ASSERT_TRUE(eventually([&] { return state().contains("terminated"); })) << podvisor_log();
  EXPECT_EQ(state()["terminated"]["exitCode"], 3);
  EXPECT_EQ(state()["terminated"]["message"], "gave up on blue\n");

  const std::string ip = pod("web")["status"]["podIP"];
  const std::string log = cli({"logs", "web"}).out;
  const std::string full_name = "web-1.db.default.svc.cluster.local";
  for (const std::string& line :
       {"[web] [hush] uname " + full_name, "HOSTNAME=" + full_name, std::string("COLOR=blue"),
        std::string("S_COLOR=blue"), std::string("S_greeting=hello $(COLOR)"),
        std::string("APP=shop"), "IP=" + ip, std::string("MEMORY=300"),
        std::string("WHO=web in blue, $(LATER)"), ip + "\t" + full_name + "\tweb-1",
        std::string("192.0.2.1\tcache\tcache.example"), std::string("search shop.example"),
        std::string("nameserver 192.0.2.53"), std::string("options ndots:2 edns0")})
    EXPECT_THAT("\n" + log, HasSubstr("\n" + line + "\n"));
}

TEST_F(PodFiles, ENV7_APodWaitsForItsConfigMapAndSaysSo) {
  serve();
  write_manifest("web.yaml", R"(
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    command: [sleep, infinity]
    envFrom: [{configMapRef: {name: late}}]
)");
  ASSERT_TRUE(eventually([&] {
    return container("web", "main")["state"].value("/waiting/reason"_json_pointer, "") ==
           "CreateContainerConfigError";
  })) << podvisor_log();
  EXPECT_THAT(events("web"), Contains(StartsWith("Failed Error: configmap \"late\" not found")));
}

TEST_F(PodFiles, NET9_EVT20_ANameserverTooManyIsAnEvent) {
  serve();
  write_manifest("web.yaml", R"(
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  terminationGracePeriodSeconds: 1
  hostNetwork: true
  dnsPolicy: ClusterFirstWithHostNet
  dnsConfig: {nameservers: [192.0.2.1, 192.0.2.2, 192.0.2.3]}
  containers:
  - {name: main, command: [sleep, infinity]}
)");
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  EXPECT_THAT(events("web"), AllOf(Contains(StartsWith("MissingClusterDNS ")),
                                   Contains(StartsWith("DNSConfigForming Nameserver limits"))));
}

TEST_F(PodFiles, MSG3_TheLogSpeaksForAContainerThatSaidNothing) {
  serve();
  write_manifest("web.yaml", R"(
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  restartPolicy: Never
  hostNetwork: true
  containers:
  - name: main
    command: [sh, -c, "echo cannot go on; exit 1"]
    terminationMessagePolicy: FallbackToLogsOnError
)");
  ASSERT_TRUE(eventually([&] {
    return container("web", "main")["state"].value("/terminated/message"_json_pointer, "") ==
           "cannot go on\n";
  })) << podvisor_log();
}

}  // namespace
}  // namespace podvisor
