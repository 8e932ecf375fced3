#include <gmock/gmock.h>

#include "page.h"
#include "scene.h"

namespace podvisor::metrics_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CadvisorMetrics : public ::testing::Test {
 protected:
  std::string app(const std::string& name) { return value(name, "app", "app:2"); }
  std::string value(const std::string& name, const std::string& container,
                    const std::string& image) {
    const std::string where = "uid-web/" + container;
    const auto page = parse_page(scene_.render());
    const auto found = page.samples.find(
        name + "{id=\"/podvisor/pod" + where + "\",name=\"" + where + "\",image=\"" + image +
        "\",namespace=\"shop\",pod=\"web\",container=\"" + container + "\"}");
    return found == page.samples.end() ? "none" : found->second;
  }

  Scene scene_;
};

TEST_F(CadvisorMetrics, MET6_ReadingsAreTakenAtTheScrape) {
  EXPECT_EQ(app("container_cpu_usage_seconds_total"), "1.5");
  EXPECT_EQ(app("container_cpu_cfs_periods_total"), "10");
  EXPECT_EQ(app("container_cpu_cfs_throttled_periods_total"), "3");
  EXPECT_EQ(app("container_cpu_cfs_throttled_seconds_total"), "0.25");
  EXPECT_EQ(app("container_memory_usage_bytes"), "900");
  EXPECT_EQ(app("container_memory_working_set_bytes"), "700");
  EXPECT_EQ(app("container_memory_rss"), "500");
  EXPECT_EQ(app("container_memory_cache"), "200");
  EXPECT_EQ(app("container_memory_swap"), "0");
  EXPECT_EQ(app("container_memory_failcnt"), "7");
  EXPECT_EQ(app("container_spec_memory_limit_bytes"), "1048576");
  EXPECT_EQ(app("container_processes"), "3");
  EXPECT_EQ(app("container_threads"), "5");
  EXPECT_EQ(app("container_fs_reads_total"), "11");
  EXPECT_EQ(app("container_fs_writes_total"), "12");
  EXPECT_EQ(app("container_fs_reads_bytes_total"), "13");
  EXPECT_EQ(app("container_fs_writes_bytes_total"), "14");
  EXPECT_EQ(app("container_start_time_seconds"), "1260");
  EXPECT_EQ(app("container_last_seen"), "2000");
}

TEST_F(CadvisorMetrics, MET6_TheNetworkIsThePodsAndNoContainers) {
  const auto page = parse_page(scene_.render());
  const std::string labels =
      "{id=\"/podvisor/poduid-web\",name=\"uid-web\",image=\"\",namespace=\"shop\",pod=\"web\","
      "container=\"\",interface=\"eth0\"}";
  const std::map<std::string, std::string> expected = {
      {"receive_bytes", "1"},           {"receive_packets", "2"},         {"receive_errors", "3"},
      {"receive_packets_dropped", "4"}, {"transmit_bytes", "5"},          {"transmit_packets", "6"},
      {"transmit_errors", "7"},         {"transmit_packets_dropped", "8"}};
  for (const auto& [name, value] : expected)
    EXPECT_EQ(page.samples.at("container_network_" + name + "_total" + labels), value) << name;
}

TEST_F(CadvisorMetrics, MET9_OomKillsAreCounted) {
  EXPECT_EQ(app("container_oom_events_total"), "2");
}

TEST_F(CadvisorMetrics, MET6_WhatTheKernelDoesNotTellHasNoSeries) {
  EXPECT_EQ(value("container_cpu_usage_seconds_total", "mesh", "mesh:1"), "0.5");
  EXPECT_EQ(value("container_memory_rss", "mesh", "mesh:1"), "none");
}

TEST_F(CadvisorMetrics, MET6_NoLimitIsZero) {
  EXPECT_EQ(value("container_spec_memory_limit_bytes", "mesh", "mesh:1"), "0");
}

TEST_F(CadvisorMetrics, MET7_APlainProcessHasAnImageLabelThatDashboardsDoNotLeaveOut) {
  scene_.usage.readings[{"uid-web", Scene::kLog}] = {.cpu_seconds = 2};
  EXPECT_EQ(value("container_cpu_usage_seconds_total", "log", "process"), "2");
}

TEST_F(CadvisorMetrics, AContainerThatDoesNotRunHasNoSeries) {
  EXPECT_EQ(value("container_last_seen", "log", "process"), "none");
}

TEST_F(CadvisorMetrics, WithoutCgroupsThereIsNoSuchFamily) {
  const auto text = scene_.metrics.render(nullptr, at(1));
  EXPECT_THAT(text, Not(HasSubstr("container_memory")));
  EXPECT_THAT(text, HasSubstr("kube_pod_info"));
}

}  // namespace
}  // namespace podvisor::metrics_test
