#include "cli/pod_row.h"

#include <gtest/gtest.h>

#include "cli/now.h"
#include "cli/resource.h"
#include "cli/text.h"

namespace podvisor::cli {
namespace {

Json waiting(const std::string& reason) { return {{"waiting", {{"reason", reason}}}}; }
Json running() { return {{"running", {{"startedAt", "2026-03-01T12:00:00Z"}}}}; }
Json terminated(int code, const std::string& reason = "", int signal = 0) {
  return {{"terminated",
           {{"exitCode", code},
            {"reason", reason},
            {"signal", signal},
            {"finishedAt", "2026-03-01T12:05:00Z"}}}};
}

struct ContainerRow {
  std::string name;
  Json state;
  bool ready = false;
  int restarts = 0;
  Json last_state = Json::object();
  bool started = true;
};

Json status_of(const ContainerRow& row) {
  return {{"name", row.name},       {"state", row.state},           {"ready", row.ready},
          {"started", row.started}, {"restartCount", row.restarts}, {"lastState", row.last_state}};
}

class PodRowTest : public testing::Test {
 protected:
  PodRowTest() {
    pod_["metadata"] = {
        {"name", "web"}, {"namespace", "default"}, {"creationTimestamp", "2026-03-01T12:00:00Z"}};
    pod_["spec"] = {{"containers", Json::array()}, {"initContainers", Json::array()}};
    pod_["status"] = {{"phase", "Running"},
                      {"conditions", Json::array()},
                      {"containerStatuses", Json::array()},
                      {"initContainerStatuses", Json::array()}};
  }
  void container(const ContainerRow& row) {
    pod_["spec"]["containers"].push_back({{"name", row.name}});
    pod_["status"]["containerStatuses"].push_back(status_of(row));
  }
  void init(const ContainerRow& row, bool sidecar = false) {
    Json container{{"name", row.name}};
    if (sidecar) container["restartPolicy"] = "Always";
    pod_["spec"]["initContainers"].push_back(container);
    pod_["status"]["initContainerStatuses"].push_back(status_of(row));
  }
  void condition(const std::string& type, const std::string& status) {
    pod_["status"]["conditions"].push_back({{"type", type}, {"status", status}});
  }
  [[nodiscard]] std::string row() const {
    const PodRow row = pod_row(pod_, kNow);
    return row.ready + " " + row.status + " " + row.restarts + " " + row.age;
  }

  Json pod_;
};

TEST_F(PodRowTest, ShowsThePhaseOfAHealthyPod) {
  container({"a", running(), true});
  container({"b", running(), false});
  EXPECT_EQ(row(), "1/2 Running 0 10m");
}

TEST_F(PodRowTest, ShowsThePodsOwnReasonBeforeItsPhase) {
  pod_["status"]["phase"] = "Failed";
  pod_["status"]["reason"] = "DeadlineExceeded";
  EXPECT_EQ(row(), "0/0 DeadlineExceeded 0 10m");
}

TEST_F(PodRowTest, ShowsWhyAContainerWaits) {
  container({"a", waiting("ContainerCreating")});
  EXPECT_EQ(row(), "0/1 ContainerCreating 0 10m");
}

TEST_F(PodRowTest, TellsRestartsAndWhenTheLastWas) {
  container({"a", waiting("CrashLoopBackOff"), false, 3, terminated(1, "Error")});
  EXPECT_EQ(row(), "0/1 CrashLoopBackOff 3 (5m ago) 10m");
}

TEST_F(PodRowTest, TheFirstContainerWithAReasonWins) {
  container({"a", terminated(137, "OOMKilled")});
  container({"b", terminated(1, "Error")});
  EXPECT_EQ(row(), "0/2 OOMKilled 0 10m");
}

TEST_F(PodRowTest, NamesTheExitCodeOrSignalWhereNoReasonIsGiven) {
  container({"a", terminated(3)});
  EXPECT_EQ(row(), "0/1 ExitCode:3 0 10m");
  pod_["status"]["containerStatuses"][0]["state"] = terminated(137, "", 9);
  EXPECT_EQ(row(), "0/1 Signal:9 0 10m");
}

TEST_F(PodRowTest, ACompletedContainerBesideARunningOneIsNotReady) {
  container({"a", terminated(0, "Completed")});
  container({"b", running(), true});
  EXPECT_EQ(row(), "1/2 NotReady 0 10m");
  condition("Ready", "True");
  EXPECT_EQ(row(), "1/2 Running 0 10m");
}

TEST_F(PodRowTest, CountsInitContainers) {
  init({"one", terminated(0, "Completed")});
  init({"two", running()});
  container({"a", waiting("PodInitializing")});
  EXPECT_EQ(row(), "0/1 Init:1/2 0 10m");
}

TEST_F(PodRowTest, ShowsWhatHoldsAnInitContainerUp) {
  init({"one", waiting("PodInitializing")});
  container({"a", waiting("PodInitializing")});
  EXPECT_EQ(row(), "0/1 Init:0/1 0 10m");
  auto& state = pod_["status"]["initContainerStatuses"][0]["state"];
  state = waiting("CrashLoopBackOff");
  EXPECT_EQ(row(), "0/1 Init:CrashLoopBackOff 0 10m");
  state = terminated(1, "Error");
  EXPECT_EQ(row(), "0/1 Init:Error 0 10m");
  state = terminated(1);
  EXPECT_EQ(row(), "0/1 Init:ExitCode:1 0 10m");
  state = terminated(137, "", 9);
  EXPECT_EQ(row(), "0/1 Init:Signal:9 0 10m");
}

TEST_F(PodRowTest, ShowsPodInitializingOnceTheInitContainersAreDone) {
  init({"one", terminated(0, "Completed")});
  container({"a", waiting("PodInitializing")});
  EXPECT_EQ(row(), "0/1 PodInitializing 0 10m");
}

TEST_F(PodRowTest, CountsStartedSidecarsAsContainers) {
  init({"proxy", running(), true, 2, terminated(137, "OOMKilled")}, true);
  init({"setup", terminated(0, "Completed"), false, 4}, false);
  container({"a", running(), true, 1});
  EXPECT_EQ(row(), "2/2 Running 3 (5m ago) 10m");
}

TEST_F(PodRowTest, ASidecarThatHasNotStartedHoldsThePodUp) {
  init({"proxy", running(), false, 0, Json::object(), false}, true);
  container({"a", waiting("PodInitializing")});
  EXPECT_EQ(row(), "0/2 Init:0/1 0 10m");
}

TEST_F(PodRowTest, ContainersCountAgainOnceThePodWasInitialized) {
  init({"proxy", waiting("CrashLoopBackOff"), false, 1, Json::object(), false}, true);
  container({"a", running(), true});
  condition("Initialized", "True");
  EXPECT_EQ(row(), "1/2 Init:CrashLoopBackOff 1 10m");
}

TEST_F(PodRowTest, IsTerminatingOnceDeletedUnlessItHasFinished) {
  pod_["metadata"]["deletionTimestamp"] = "2026-03-01T12:09:00Z";
  container({"a", running(), true});
  EXPECT_EQ(row(), "1/1 Terminating 0 10m");
  pod_["status"]["phase"] = "Succeeded";
  pod_["status"]["containerStatuses"][0] = status_of({"a", terminated(0, "Completed")});
  EXPECT_EQ(row(), "0/1 Completed 0 10m");
}

TEST_F(PodRowTest, WideAddsAddressAndNode) {
  pod_["status"]["podIP"] = "10.88.0.2";
  pod_["spec"]["nodeName"] = "box";
  const std::vector<std::string> cells = kPods.cells(pod_, {true, true}, kNow);
  EXPECT_EQ(cells, (std::vector<std::string>{"default", "web", "0/0", "Running", "0", "10m",
                                             "10.88.0.2", "box", "<none>", "<none>"}));
  EXPECT_EQ(cells.size(), kPods.header({true, true}).size());
}

TEST_F(PodRowTest, AnObjectOfNoShapeAtAllStillHasARow) {
  for (const Json& pod : {Json(), Json(3), Json::array(), Json{{"spec", 1}, {"status", "x"}}})
    EXPECT_EQ(pod_row(pod, kNow).ready, "0/0");
}

TEST_F(PodRowTest, NothingInAStatusCanSteerTheTerminal) {
  container({"a", waiting("\x1b[2Jgone")});
  EXPECT_EQ(pod_row(pod_, kNow).status, "^[[2Jgone");
}

}  // namespace
}  // namespace podvisor::cli
