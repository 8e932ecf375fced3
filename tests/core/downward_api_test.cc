#include "podvisor/downward_api.h"

#include <gtest/gtest.h>

namespace podvisor {
namespace {

Pod web() {
  Pod pod;
  pod.metadata = {"web", "shop", "u-1", {{"app", "web"}, {"tier/a", "1"}}, {{"note", "a\n\"b\""}}};
  pod.spec.service_account_name = "default";
  Container main;
  main.name = "main";
  main.resources.cpu_limit = 1500;
  main.resources.memory_request = 100;
  Container sidecar;
  sidecar.name = "sidecar";
  sidecar.resources.memory_limit = (std::int64_t{1} << 30) + 1;
  sidecar.resources.cpu_request = 1;
  sidecar.resources.ephemeral_storage_request = 7;
  pod.spec.containers = {main, sidecar};
  return pod;
}

NodeFacts node() {
  return {.name = "node-1",
          .cpu_millis = 4000,
          .memory_bytes = std::int64_t{8} << 30,
          .ephemeral_storage = 5000,
          .addresses = [] {
            return std::vector<std::string>{"192.0.2.9", "2001:db8::9"};
          }};
}

std::string field(const std::string& path, const std::string& pod_ip = "10.88.0.7",
                  const Pod& pod = web()) {
  const auto value = field_value(pod, path, pod_ip, node());
  return value ? *value : "error: " + value.error().message;
}

std::string resource(const std::string& resource, const std::string& divisor = "",
                     const std::string& container = "") {
  const Pod pod = web();
  const auto value =
      resource_value(pod, pod.spec.containers[0], {container, resource, divisor}, node());
  return value ? *value : "error: " + value.error().message;
}

TEST(DownwardApi, DWN2_FieldsOfThePod) {
  EXPECT_EQ(field("metadata.name"), "web");
  EXPECT_EQ(field("metadata.namespace"), "shop");
  EXPECT_EQ(field("metadata.uid"), "u-1");
  EXPECT_EQ(field("metadata.labels['app']"), "web");
  EXPECT_EQ(field("metadata.labels['tier/a']"), "1");
  EXPECT_EQ(field("metadata.labels['none']"), "");
  EXPECT_EQ(field("metadata.annotations['note']"), "a\n\"b\"");
  EXPECT_EQ(field("spec.serviceAccountName"), "default");
  EXPECT_EQ(field("status.podIP"), "10.88.0.7");
  EXPECT_EQ(field("spec.containers"), "error: unsupported fieldPath: spec.containers");
  EXPECT_EQ(field("metadata.labels['"), "error: unsupported fieldPath: metadata.labels['");
}

TEST(DownwardApi, DWN1_WholeMapsAreOneQuotedLineAKey) {
  EXPECT_EQ(field("metadata.labels"), "app=\"web\"\ntier/a=\"1\"");
  EXPECT_EQ(field("metadata.annotations"), "note=\"a\\n\\\"b\\\"\"");
  Pod pod;
  EXPECT_EQ(field("metadata.labels", "", pod), "");
}

TEST(DownwardApi, DWN1_QuotesAsGo) {
  EXPECT_EQ(go_quote("\a\b\f\n\r\t\v\\\"'"), R"("\a\b\f\n\r\t\v\\\"'")");
  EXPECT_EQ(go_quote(std::string("\0\x1f\x7f", 3)), R"("\x00\x1f\x7f")");
  EXPECT_EQ(go_quote("äöü€😀"), "\"äöü€😀\"");
  EXPECT_EQ(go_quote("\xc2\x85\xe2\x80\xa8\xc2\xa0\xef\xbb\xbf"), R"("\u0085\u2028\u00a0\ufeff")");
  EXPECT_EQ(go_quote("\xff\xc0\xaf\xe2\x82"), R"("\xff\xc0\xaf\xe2\x82")");
  EXPECT_EQ(go_quote("\xed\xa0\x80\xf4\x90\x80\x80"), R"("\xed\xa0\x80\xf4\x90\x80\x80")");
  EXPECT_EQ(go_quote("\xf3\xa0\x80\x81"), R"("\U000e0001")");
}

TEST(DownwardApi, DWN3_AddressesAreJoinedByCommas) {
  EXPECT_EQ(field("status.podIPs"), "10.88.0.7");
  EXPECT_EQ(field("status.hostIP"), "192.0.2.9");
  EXPECT_EQ(field("status.hostIPs"), "192.0.2.9,2001:db8::9");
}

TEST(DownwardApi, DWN6_OnTheHostsNetworkTheNodesAddressIsThePods) {
  EXPECT_EQ(field("spec.nodeName"), "node-1");
  EXPECT_EQ(field("status.podIP", ""), "");
  Pod pod = web();
  pod.spec.host_network = true;
  EXPECT_EQ(field("status.podIP", "", pod), "192.0.2.9");
  EXPECT_EQ(field("status.podIPs", "", pod), "192.0.2.9,2001:db8::9");
}

TEST(DownwardApi, DWN4_QuantitiesAreDividedAndRoundedUp) {
  EXPECT_EQ(resource("limits.cpu"), "2");
  EXPECT_EQ(resource("limits.cpu", "1m"), "1500");
  EXPECT_EQ(resource("limits.cpu", "0"), "2");
  EXPECT_EQ(resource("limits.memory", "1Mi", "sidecar"), "1025");
  EXPECT_EQ(resource("limits.memory", "1Gi", "sidecar"), "2");
  EXPECT_EQ(resource("limits.memory", "1k", "sidecar"), "1073742");
  EXPECT_EQ(resource("limits.memory", "", "sidecar"), "1073741825");
  EXPECT_EQ(resource("limits.memory", "1Ei", "sidecar"), "1");
  EXPECT_EQ(resource("limits.memory", "1E", "sidecar"), "1");
  EXPECT_EQ(resource("requests.cpu", "1", "sidecar"), "1");
  EXPECT_EQ(resource("requests.ephemeral-storage", "1", "sidecar"), "7");
  EXPECT_EQ(resource("limits.hugepages-2Mi", "1"), "0");
}

TEST(DownwardApi, DWN5_WhatIsNotSetIsTheNodesOrNothing) {
  EXPECT_EQ(resource("limits.cpu", "", "sidecar"), "4");
  EXPECT_EQ(resource("limits.memory", "1Gi"), "8");
  EXPECT_EQ(resource("limits.ephemeral-storage"), "5000");
  EXPECT_EQ(resource("requests.ephemeral-storage"), "0");
  EXPECT_EQ(resource("requests.memory"), "100");
  EXPECT_EQ(resource("requests.cpu", "1m"), "1500") << "DEF-2: the limit is the request too";
}

TEST(DownwardApi, DWN4_WhatIsNotThereIsSaid) {
  EXPECT_EQ(resource("limits.cpu", "", "nobody"), "error: container nobody not found");
  EXPECT_EQ(resource("limits.disk"), "error: unsupported container resource: limits.disk");
  EXPECT_EQ(resource("limits.cpu", "1x"), "error: unsupported divisor: 1x");
  EXPECT_EQ(resource("limits.cpu", "-1"), "error: unsupported divisor: -1");
}

}  // namespace
}  // namespace podvisor
