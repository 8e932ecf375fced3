#include <gmock/gmock.h>

#include "page.h"
#include "scene.h"

namespace podvisor::metrics_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class KubeMetrics : public ::testing::Test {
 protected:
  // `extra` as it stands before namespace in the sorted text, or after it.
  std::string web(const std::string& name, const std::string& extra = "") {
    return value(name, "namespace=\"shop\",pod=\"web\",uid=\"uid-web\"", extra);
  }
  std::string job(const std::string& name, const std::string& extra = "") {
    return value(name, "namespace=\"default\",pod=\"job\",uid=\"uid-job\"", extra);
  }
  std::string value(const std::string& name, const std::string& pod, const std::string& extra) {
    const auto page = parse_page(scene_.render());
    const auto found =
        page.samples.find(name + "{" + pod + (extra.empty() ? "" : ",") + extra + "}");
    return found == page.samples.end() ? "none" : found->second;
  }

  Scene scene_;
};

TEST_F(KubeMetrics, MET4_PhaseHasFiveSeries) {
  EXPECT_EQ(web("kube_pod_status_phase", "phase=\"Running\""), "1");
  for (const char* other : {"Pending", "Succeeded", "Failed", "Unknown"}) {
    EXPECT_EQ(web("kube_pod_status_phase", std::string("phase=\"") + other + "\""), "0");
  }
}

TEST_F(KubeMetrics, MET4_ReadyHasThreeSeries) {
  EXPECT_EQ(web("kube_pod_status_ready", "condition=\"true\""), "0");
  EXPECT_EQ(web("kube_pod_status_ready", "condition=\"false\""), "1");
  EXPECT_EQ(web("kube_pod_status_ready", "condition=\"unknown\""), "0");
  EXPECT_EQ(job("kube_pod_status_ready", "condition=\"true\""), "1");
}

TEST_F(KubeMetrics, MET4_InfoTellsAddressesAndHostNetwork) {
  const std::string node = "node=\"node-a\",created_by_kind=\"\",created_by_name=\"\"";
  EXPECT_EQ(web("kube_pod_info", "host_ip=\"192.0.2.1\",pod_ip=\"10.88.0.2\"," + node +
                                     ",priority_class=\"\",host_network=\"false\""),
            "1");
  EXPECT_EQ(job("kube_pod_info", "host_ip=\"192.0.2.1\",pod_ip=\"\"," + node +
                                     ",priority_class=\"\",host_network=\"true\""),
            "1");
}

TEST_F(KubeMetrics, MET4_AReasonThatIsNotListedIsOther) {
  EXPECT_EQ(job("kube_pod_status_reason", "reason=\"Other\""), "1");
  EXPECT_THAT(scene_.render(), Not(HasSubstr("reason=\"DeadlineExceeded\"")));
}

TEST_F(KubeMetrics, MET4_ListedReasonsAreTold) {
  auto status = scene_.store.find_pod("default", "job")->status;
  status.reason = "Evicted";
  scene_.store.set_status(*scene_.job, status);
  EXPECT_EQ(job("kube_pod_status_reason", "reason=\"Evicted\""), "1");
}

TEST_F(KubeMetrics, MET4_TimesAreUnixSecondsAndOnlyThereOnceTheyHappened) {
  EXPECT_EQ(web("kube_pod_created"), "1000");
  EXPECT_EQ(web("kube_pod_start_time"), "1001");
  EXPECT_EQ(web("kube_pod_status_initialized_time"), "1300");
  EXPECT_EQ(web("kube_pod_status_ready_time"), "none");
  EXPECT_EQ(web("kube_pod_deletion_timestamp"), "none");
  EXPECT_EQ(web("kube_pod_completion_time"), "none");
  EXPECT_EQ(job("kube_pod_status_ready_time"), "1300");
  EXPECT_EQ(job("kube_pod_status_container_ready_time"), "1300");
  EXPECT_EQ(job("kube_pod_deletion_timestamp"), "1530");
  EXPECT_EQ(job("kube_pod_completion_time"), "1200");
}

TEST_F(KubeMetrics, MET4_AContainerIsInOneStateWithItsReason) {
  EXPECT_EQ(web("kube_pod_container_status_running", "container=\"app\""), "1");
  EXPECT_EQ(web("kube_pod_container_status_waiting", "container=\"app\""), "0");
  EXPECT_EQ(web("kube_pod_container_status_terminated", "container=\"app\""), "0");
  EXPECT_EQ(web("kube_pod_container_status_waiting", "container=\"log\""), "1");
  EXPECT_EQ(
      job("kube_pod_container_status_terminated_reason", "container=\"app\",reason=\"Completed\""),
      "1");
}

TEST_F(KubeMetrics, MET8_ACrashLoopAfterAnOomKillIsSeenAsDashboardsLookForIt) {
  EXPECT_EQ(web("kube_pod_container_status_waiting_reason",
                "container=\"log\",reason=\"CrashLoopBackOff\""),
            "1");
  EXPECT_EQ(web("kube_pod_container_status_last_terminated_reason",
                "container=\"log\",reason=\"OOMKilled\""),
            "1");
  EXPECT_EQ(web("kube_pod_container_status_last_terminated_exitcode", "container=\"log\""), "137");
  EXPECT_EQ(web("kube_pod_container_status_last_terminated_timestamp", "container=\"log\""),
            "1200");
  EXPECT_EQ(web("kube_pod_container_status_restarts_total", "container=\"log\""), "4");
}

TEST_F(KubeMetrics, MET4_StartedIsTheInstancesStart) {
  EXPECT_EQ(web("kube_pod_container_state_started", "container=\"app\""), "1260");
  EXPECT_EQ(job("kube_pod_container_state_started", "container=\"app\""), "1100");
  EXPECT_EQ(web("kube_pod_container_state_started", "container=\"log\""), "none");
}

TEST_F(KubeMetrics, MET4_ResourcesComeInBaseUnitsAndOnlyWhereSet) {
  const std::string cpu = ",node=\"node-a\",resource=\"cpu\",unit=\"core\"";
  const std::string memory = ",node=\"node-a\",resource=\"memory\",unit=\"byte\"";
  EXPECT_EQ(web("kube_pod_container_resource_limits", "container=\"app\"" + cpu), "1.5");
  EXPECT_EQ(web("kube_pod_container_resource_requests", "container=\"app\"" + cpu), "0.25");
  EXPECT_EQ(web("kube_pod_container_resource_limits", "container=\"app\"" + memory), "1048576");
  EXPECT_EQ(web("kube_pod_container_resource_requests", "container=\"app\"" + memory), "524288");
  EXPECT_EQ(web("kube_pod_container_resource_limits", "container=\"log\"" + memory), "none");
}

TEST_F(KubeMetrics, MET5_SidecarsAppearOnlyAmongInitContainers) {
  EXPECT_EQ(web("kube_pod_init_container_status_restarts_total", "container=\"mesh\""), "1");
  EXPECT_EQ(web("kube_pod_container_status_restarts_total", "container=\"mesh\""), "none");
  EXPECT_EQ(web("kube_pod_init_container_status_restarts_total", "container=\"app\""), "none");
  EXPECT_EQ(web("kube_pod_init_container_status_terminated_reason",
                "container=\"migrate\",reason=\"Completed\""),
            "1");
}

TEST_F(KubeMetrics, MET4_InitContainersTellTheirRestartPolicy) {
  const std::string rest = "\"\",container_id=\"podvisor://uid/";
  EXPECT_EQ(web("kube_pod_init_container_info",
                "container=\"mesh\",image=\"mesh:1\",image_id=\"\",image_spec=\"mesh:1\","
                "container_id=\"podvisor://uid/mesh/0\",restart_policy=\"Always\""),
            "1");
  EXPECT_EQ(web("kube_pod_init_container_info",
                "container=\"migrate\",image=\"process\",image_id=\"\",image_spec=" + rest +
                    "migrate/0\",restart_policy=\"\""),
            "1");
}

TEST_F(KubeMetrics, APodThatIsGoneHasNoSeries) {
  scene_.store.remove_pod(*scene_.web);
  EXPECT_THAT(scene_.render(), Not(HasSubstr("pod=\"web\"")));
}

TEST_F(KubeMetrics, LabelValuesAreEscaped) {
  auto pod = make_pod("we\"ird\\\n", "uid-3");
  scene_.store.add_pod(std::make_shared<const Pod>(pod), {}, at(1));
  EXPECT_THAT(scene_.render(), HasSubstr("pod=\"we\\\"ird\\\\\\n\""));
}

TEST_F(KubeMetrics, DeploymentsAreToldAsKubeStateMetricsDoes) {
  const auto page = parse_page(scene_.render());
  const auto front = [&](const std::string& name, const std::string& extra = "") {
    const auto found = page.samples.find("kube_deployment_" + name +
                                         "{namespace=\"shop\",deployment=\"front\"" + extra + "}");
    return found == page.samples.end() ? "none" : found->second;
  };
  EXPECT_EQ(front("spec_replicas"), "4");
  EXPECT_EQ(front("spec_strategy_rollingupdate_max_surge"), "1");
  EXPECT_EQ(front("spec_strategy_rollingupdate_max_unavailable"), "1");
  EXPECT_EQ(front("status_replicas"), "5");
  EXPECT_EQ(front("status_replicas_updated"), "2");
  EXPECT_EQ(front("status_replicas_ready"), "4");
  EXPECT_EQ(front("status_replicas_available"), "3");
  EXPECT_EQ(front("status_replicas_unavailable"), "2");
  const std::string condition =
      ",condition=\"Progressing\",reason=\"ProgressDeadlineExceeded\",status=";
  EXPECT_EQ(front("status_condition", condition + "\"false\""), "1");
  EXPECT_EQ(front("status_condition", condition + "\"true\""), "0");
}

}  // namespace
}  // namespace podvisor::metrics_test
