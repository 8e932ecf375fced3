#include <gmock/gmock.h>

#include "page.h"
#include "scene.h"

namespace podvisor::metrics_test {
namespace {

class KubeletMetricsTest : public ::testing::Test {
 protected:
  std::string sample(const std::string& name) { return parse_page(scene_.render()).samples[name]; }

  Scene scene_;
};

TEST_F(KubeletMetricsTest, MET3_RunningIsReadFromTheStore) {
  EXPECT_EQ(sample("kubelet_running_pods"), "1");
  EXPECT_EQ(sample("kubelet_running_containers{container_state=\"running\"}"), "2");
  EXPECT_EQ(sample("kubelet_running_containers{container_state=\"exited\"}"), "3");
}

TEST_F(KubeletMetricsTest, MET3_CountersOfPodsStartAtZero) {
  EXPECT_EQ(sample("kubelet_started_pods_total"), "0");
  EXPECT_EQ(sample("kubelet_started_pods_errors_total"), "0");
}

TEST_F(KubeletMetricsTest, MET3_StartsAndTheirFailuresAreCountedByContainerType) {
  scene_.happen();
  EXPECT_EQ(sample("kubelet_started_pods_total"), "1");
  EXPECT_EQ(sample("kubelet_started_pods_errors_total"), "1");
  EXPECT_EQ(sample("kubelet_pod_start_duration_seconds_count"), "1");
  EXPECT_EQ(sample("kubelet_pod_start_duration_seconds_bucket{le=\"0.05\"}"), "1");
  EXPECT_EQ(sample("kubelet_started_containers_total{container_type=\"init_container\"}"), "1");
  EXPECT_EQ(sample("kubelet_started_containers_errors_total{code=\"RunContainerError\","
                   "container_type=\"container\"}"),
            "1");
}

TEST_F(KubeletMetricsTest, MET3_EndsAreCountedByExitCodeAndReason) {
  scene_.happen();
  EXPECT_EQ(sample("kubelet_terminated_containers_total{container_type=\"container\","
                   "exit_code=\"137\",reason=\"OOMKilled\"}"),
            "1");
}

TEST_F(KubeletMetricsTest, DIF2_14_PodRestartsNameTheirTrigger) {
  scene_.happen();
  EXPECT_EQ(sample("podvisor_pod_restarts_total{container=\"log\",namespace=\"shop\",pod=\"web\","
                   "strategy=\"recreate\",trigger=\"oom\"}"),
            "1");
}

TEST_F(KubeletMetricsTest, DIF2_14_ASandboxThatDiedIsNoContainersDoing) {
  scene_.metrics.count_pod_restart(*scene_.web, {RestartTrigger::Sandbox, 99});
  EXPECT_EQ(sample("podvisor_pod_restarts_total{container=\"\",namespace=\"shop\",pod=\"web\","
                   "strategy=\"recreate\",trigger=\"sandbox\"}"),
            "1");
}

TEST_F(KubeletMetricsTest, PodRestartsGoWithTheirPod) {
  scene_.happen();
  scene_.metrics.forget_pod(*scene_.web);
  EXPECT_FALSE(parse_page(scene_.render()).families.contains("podvisor_pod_restarts_total"));
}

}  // namespace
}  // namespace podvisor::metrics_test
