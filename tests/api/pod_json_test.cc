#include "api/pod_json.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "api/pods.h"

namespace podvisor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Json golden(const std::string& name) {
  std::ifstream file(std::string(GOLDEN_DIR) + "/" + name);
  return Json::parse(file);
}

PodCondition condition(const std::string& type, bool status, const std::string& reason = {},
                       const std::string& message = {}) {
  return {type, status, reason, message, kNoon + milliseconds(1999)};
}

std::shared_ptr<const Pod> every_state_pod() {
  auto pod = std::make_shared<Pod>();
  pod->metadata.name = "web";
  pod->metadata.namespace_ = "shop";
  pod->metadata.uid = "0d9f4c2e-7f67-4c2b-9d3e-2f1f5f3a9b10";
  pod->document =
      R"({"apiVersion":"v1","kind":"Pod",
          "metadata":{"name":"web","namespace":"shop","labels":{"app":"web"}},
          "spec":{"containers":[{"name":"nginx"}],"restartPolicy":"Always"}})";
  return pod;
}

ContainerStatus container(const std::string& name, ContainerStateValue state) {
  ContainerStatus status;
  status.name = name;
  status.state = std::move(state);
  return status;
}

/// One container in each state that CST knows.
PodObject every_state_object() {
  PodObject object;
  object.pod = every_state_pod();
  object.resource_version = 42;
  object.creation_timestamp = kNoon;
  object.deletion_timestamp = kNoon + seconds(90);
  object.deletion_grace_period = seconds(30);
  PodStatus& status = object.status;
  status.phase = PodPhase::Running;
  status.reason = "SomeReason";
  status.message = "some message";
  status.conditions = {
      condition("PodReadyToStartContainers", true), condition("Initialized", true),
      condition("Ready", false, "ContainersNotReady", "containers with unready status: [nginx]")};
  status.pod_ip = "10.88.0.2";
  status.start_time = kNoon + seconds(1);
  status.qos_class = "Burstable";

  ContainerStatus init = container("init", ended(*object.pod, "init", 0));
  init.container_id = container_id(*object.pod, "init", 0);
  init.ready = true;
  status.init_container_statuses = {init};

  ContainerStatus crashing =
      container("crashing", ContainerStateWaiting{"CrashLoopBackOff", "back-off 10s restarting"});
  crashing.restart_count = 3;
  ContainerStateTerminated killed = ended(*object.pod, "crashing", 3);
  killed.exit_code = 137;
  killed.signal = 9;
  killed.reason = "OOMKilled";
  killed.message = "out of \"memory\"\n";
  crashing.last_state = killed;
  crashing.container_id = killed.container_id;

  ContainerStateTerminated refused;
  refused.exit_code = 128;
  refused.reason = "StartError";
  ContainerStatus unstartable = container("unstartable", refused);

  ContainerStatus nginx = running(*object.pod, "nginx");
  nginx.image = "nginx:1.27";
  nginx.ready = false;

  ContainerStatus waiting = container("waiting", ContainerStateWaiting{"ContainerCreating", ""});
  status.container_statuses = {crashing, nginx, unstartable, waiting};
  return object;
}

TEST(PodJson, CST1_EveryStateAsKubernetesSpellsIt) {
  EXPECT_EQ(object_json(every_state_object()), golden("every_state.json"))
      << object_json(every_state_object()).dump(2);
}

TEST(PodJson, APodNothingHasHappenedToHasNoTimesAndNoAddress) {
  PodObject object;
  object.pod = every_state_pod();
  object.resource_version = 1;
  object.creation_timestamp = kNoon;
  const Json json = object_json(object);
  EXPECT_FALSE(json["metadata"].contains("deletionTimestamp"));
  EXPECT_FALSE(json["metadata"].contains("deletionGracePeriodSeconds"));
  EXPECT_EQ(json["status"],
            Json::parse(R"({"phase":"Pending","conditions":[],"containerStatuses":[]})"));
}

TEST(PodJson, NET1_OnTheHostsNetworkThePodsAddressIsTheHosts) {
  Pod pod = *every_state_pod();
  pod.spec.host_network = true;
  PodObject object;
  object.pod = std::make_shared<Pod>(pod);
  object.node_name = "vm";
  object.host_ip = "192.0.2.1";
  EXPECT_FALSE(object_json(object)["status"].contains("podIP"));  // it is on no host yet
  object.status.conditions = {condition("PodScheduled", true)};
  const Json status = object_json(object)["status"];
  EXPECT_EQ(status["hostIP"], "192.0.2.1");
  EXPECT_EQ(status["podIP"], "192.0.2.1");
  EXPECT_EQ(status["podIPs"], Json::parse(R"([{"ip": "192.0.2.1"}])"));
}

TEST(PodJson, ADeletionWithoutGraceSaysZero) {
  PodObject object;
  object.pod = every_state_pod();
  object.deletion_timestamp = kNoon;
  EXPECT_EQ(object_json(object)["metadata"]["deletionGracePeriodSeconds"], 0);
}

TEST(PodJson, BytesThatAreNotUtf8DoNotBreakTheAnswer) {
  PodObject object;
  object.pod = every_state_pod();
  object.status.message = "bad \xff\xfe byte";
  const Json read_back = Json::parse(json_text(object_json(object)));
  EXPECT_EQ(read_back["status"]["message"], "bad \xEF\xBF\xBD\xEF\xBF\xBD byte");
}

TEST(PodJson, APodWithoutAManifestStillHasItsIdentity) {
  auto pod = std::make_shared<Pod>();
  pod->metadata.name = "bare";
  PodObject object;
  object.pod = pod;
  const Json json = object_json(object);
  EXPECT_EQ(json["kind"], "Pod");
  EXPECT_EQ(json["metadata"]["name"], "bare");
  EXPECT_EQ(json["metadata"]["namespace"], "default");
}

TEST(TimeJson, CND7_SecondsAreCutNotRounded) {
  EXPECT_EQ(time_json(kNoon + milliseconds(999)), "2026-11-22T12:00:00Z");
  EXPECT_EQ(time_json(WallTime(seconds(1'709'210'096))), "2024-02-29T12:34:56Z");
  EXPECT_EQ(time_json(WallTime{}), nullptr);
}

}  // namespace
}  // namespace podvisor
