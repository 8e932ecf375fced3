#include <nlohmann/json.hpp>

#include "loading.h"

namespace podvisor {
namespace {

using nlohmann::json;

json document(const std::string& text) { return json::parse(load_one(text).document); }

json container_of(const std::string& text) { return document(text)["spec"]["containers"][0]; }

TEST(Defaults, DEF1_FillsThePod) {
  EXPECT_EQ(
      document("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: b, "
               "command: [c]}]}"),
      json::parse(R"({
    "apiVersion": "v1", "kind": "Pod",
    "metadata": {"name": "a", "namespace": "default"},
    "spec": {
      "containers": [{"name": "b", "command": ["c"], "resources": {},
                      "terminationMessagePath": "/dev/termination-log",
                      "terminationMessagePolicy": "File"}],
      "dnsPolicy": "ClusterFirst", "enableServiceLinks": true, "restartPolicy": "Always",
      "schedulerName": "default-scheduler", "securityContext": {},
      "terminationGracePeriodSeconds": 30}})"));
}

TEST(Defaults, DEF1_FillsProbesAndHandlers) {
  EXPECT_EQ(container_of(pod_text("livenessProbe: {httpGet: {port: 80}}"))["livenessProbe"],
            json::parse(R"({"httpGet": {"path": "/", "port": 80, "scheme": "HTTP"},
                            "initialDelaySeconds": 0, "periodSeconds": 10, "timeoutSeconds": 1,
                            "successThreshold": 1, "failureThreshold": 3})"));
}

TEST(Defaults, DEF1_AnExplicitZeroIsUnset) {
  const Pod pod = load_one(pod_text(
      "livenessProbe: {tcpSocket: {port: 1}, periodSeconds: 0, timeoutSeconds: 0, "
      "successThreshold: 0, failureThreshold: 0}\nports: [{containerPort: 1, protocol: \"\"}]"));
  const Probe& probe = *pod.spec.containers[0].liveness_probe;
  EXPECT_EQ(probe.period, Seconds(10));
  EXPECT_EQ(probe.timeout, Seconds(1));
  EXPECT_EQ(probe.success_threshold, 1);
  EXPECT_EQ(probe.failure_threshold, 3);
  EXPECT_EQ(pod.spec.containers[0].ports[0].protocol, "TCP");
}

TEST(Defaults, DEF1_AGraceOfZeroIsKept) {
  EXPECT_EQ(
      load_one(pod_text("", "terminationGracePeriodSeconds: 0")).spec.termination_grace_period,
      Seconds(0));
  EXPECT_EQ(load_one(pod_text("", "terminationGracePeriodSeconds:")).spec.termination_grace_period,
            Seconds(30));
}

TEST(Defaults, DEF1_HostPortsFollowHostNetwork) {
  const std::string init =
      "initContainers: [{name: init, command: [a], ports: [{containerPort: 7}]}]";
  const Pod pod = load_one(pod_text("ports: [{containerPort: 8}]", "hostNetwork: true\n" + init));
  EXPECT_EQ(pod.spec.containers[0].ports[0].host_port, 7);
  EXPECT_EQ(pod.spec.containers[1].ports[0].host_port, 8);
  EXPECT_EQ(load_one(pod_text("ports: [{containerPort: 8}]")).spec.containers[0].ports[0].host_port,
            0);
}

TEST(Defaults, DEF1_AVolumeWithoutSourceIsAnEmptyDir) {
  const json spec =
      document(pod_text("", "volumes: [{name: a}, {name: b, hostPath: {path: /}}]"))["spec"];
  EXPECT_EQ(spec["volumes"], json::parse(R"([{"name": "a", "emptyDir": {}},
                                             {"name": "b", "hostPath": {"path": "/", "type": ""}}])"));
}

TEST(Defaults, DEF2_RequestsFollowLimitsAndNotTheReverse) {
  const json resources = container_of(
      pod_text("resources: {limits: {memory: 1Gi, cpu: 2}, requests: {cpu: 1}}"))["resources"];
  EXPECT_EQ(resources, json::parse(R"({"limits": {"cpu": "2", "memory": "1Gi"},
                                       "requests": {"cpu": "1", "memory": "1Gi"}})"));
  EXPECT_EQ(container_of(pod_text("resources: {requests: {cpu: 1}}"))["resources"],
            json::parse(R"({"requests": {"cpu": "1"}})"));
}

TEST(Defaults, DEF3_QuantitiesAreRoundedUpToMilli) {
  EXPECT_EQ(container_of(pod_text(
                "resources: {limits: {cpu: 100u, memory: 1.0001}}"))["resources"]["limits"],
            json::parse(R"({"cpu": "1m", "memory": "1001m"})"));
}

TEST(Defaults, DEF4_PullPolicyFollowsTheTag) {
  const std::string digest = "@sha256:" + std::string(64, 'a');
  const std::pair<std::string, std::string> cases[] = {
      {"app", "Always"},
      {"app:latest", "Always"},
      {"app:1.2", "IfNotPresent"},
      {"app" + digest, "IfNotPresent"},
      {"reg:5000/app:latest" + digest, "Always"},
      {"reg:5000/app", "Always"},
      {"reg:5000/app:v1", "IfNotPresent"},
  };
  for (const auto& [image, policy] : cases) {
    EXPECT_EQ(container_of(pod_text("image: " + image))["imagePullPolicy"], policy) << image;
  }
  EXPECT_EQ(container_of(pod_text("image: a\nimagePullPolicy: Never"))["imagePullPolicy"], "Never");
  EXPECT_FALSE(container_of(pod_text()).contains("imagePullPolicy"));
}

TEST(Defaults, QTY3_BareNumbersAndPaddedStringsAreQuantities) {
  const Pod pod =
      load_one(pod_text("resources: {limits: {cpu: 0.5, memory: \" 64Mi \"}, requests: {cpu: 1e-1, "
                        "memory: 1000}}"));
  const ResourceRequirements& resources = pod.spec.containers[0].resources;
  EXPECT_EQ(resources.cpu_limit, 500);
  EXPECT_EQ(resources.cpu_request, 100);
  EXPECT_EQ(resources.memory_limit, 64 << 20);
  EXPECT_EQ(resources.memory_request, 1000);
}

TEST(Defaults, QTY7_TheDocumentShowsCanonicalQuantities) {
  EXPECT_EQ(container_of(
                pod_text("resources: {limits: {memory: 1024Mi, cpu: 0.5}}"))["resources"]["limits"],
            json::parse(R"({"cpu": "500m", "memory": "1Gi"})"));
}

TEST(Defaults, WhatAServerWritesIsTakenOut) {
  const json shown =
      document(pod_text("", "",
                        "uid: abc\nresourceVersion: \"7\"\ncreationTimestamp: null\nmanagedFields: "
                        "[{a: b}]") +
               "status: {phase: Running}\n");
  EXPECT_EQ(shown["metadata"], json::parse(R"({"name": "web", "namespace": "default"})"));
  EXPECT_FALSE(shown.contains("status"));
}

}  // namespace
}  // namespace podvisor
