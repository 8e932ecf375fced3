#include "runtime/pod_files/resolv_conf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podvisor {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const ResolvConf& host() {
  static const ResolvConf conf = parse_resolv_conf(
      "# by hand\n"
      "nameserver 192.0.2.53\n"
      "search corp.example example.\n"
      "options timeout:1 rotate\n");
  return conf;
}

Pod pod_with(DnsPolicy policy, DnsConfig config = {}) {
  Pod pod;
  pod.metadata.namespace_ = "shop";
  pod.spec.dns_policy = policy;
  pod.spec.dns_config = std::move(config);
  return pod;
}

std::string text_of(const Pod& pod, const ClusterDns& cluster = {}) {
  const PodResolver resolver = pod_resolver(pod, cluster, host());
  return resolver.conf ? to_text(*resolver.conf) : "the host's own";
}

const ClusterDns kCluster{{"10.96.0.10"}, "cluster.local"};
constexpr const char* kClusterText =
    "search shop.svc.cluster.local svc.cluster.local cluster.local corp.example example\n"
    "nameserver 10.96.0.10\n"
    "options ndots:5\n";

TEST(ResolvConf, NET8_ReadsTheHostsFileAsAResolverDoes) {
  const ResolvConf conf = parse_resolv_conf(
      "nameserver 1.1.1.1 # one\n  nameserver\t::1\nnameserver 1.1.1.1\nnameserver\n"
      ";nameserver 2.2.2.2\nsearch a b\ndomain c.\nsearch . d\noptions ndots:1 ndots:2 edns0");
  EXPECT_THAT(conf.nameservers, ElementsAre("1.1.1.1", "::1"));
  EXPECT_EQ(to_text(conf),
            "search . d\nnameserver 1.1.1.1\nnameserver ::1\noptions ndots:2 edns0\n");
  EXPECT_EQ(to_text(parse_resolv_conf("")), "");
}

TEST(ResolvConf, NET8_DefaultIsTheHostsOwnFile) {
  EXPECT_EQ(text_of(pod_with(DnsPolicy::Default)), "the host's own");
  EXPECT_EQ(text_of(pod_with(DnsPolicy::Default), kCluster), "the host's own");
}

TEST(ResolvConf, NET8_ClusterFirstAsksTheClusterWhereThereIsOne) {
  EXPECT_EQ(text_of(pod_with(DnsPolicy::ClusterFirst), kCluster), kClusterText);
  EXPECT_EQ(text_of(pod_with(DnsPolicy::ClusterFirst), {{"10.96.0.10"}, ""}),
            "search corp.example example\nnameserver 10.96.0.10\noptions ndots:5\n");
  const PodResolver without = pod_resolver(pod_with(DnsPolicy::ClusterFirst), {}, host());
  EXPECT_FALSE(without.conf.has_value());
  EXPECT_THAT(without.notes, IsEmpty()) << "nobody wrote ClusterFirst";
}

TEST(ResolvConf, NET8_OnTheHostsNetworkOnlyWithHostNetAsksTheCluster) {
  Pod pod = pod_with(DnsPolicy::ClusterFirst);
  pod.spec.host_network = true;
  EXPECT_EQ(text_of(pod, kCluster), "the host's own");
  pod.spec.dns_policy = DnsPolicy::ClusterFirstWithHostNet;
  EXPECT_EQ(text_of(pod, kCluster), kClusterText);
}

TEST(ResolvConf, NET8_AClusterThatWasAskedForAndIsMissingIsNoted) {
  const PodResolver resolver =
      pod_resolver(pod_with(DnsPolicy::ClusterFirstWithHostNet), {}, host());
  EXPECT_FALSE(resolver.conf.has_value());
  ASSERT_THAT(resolver.notes, SizeIs(1));
  EXPECT_EQ(resolver.notes[0].reason, "MissingClusterDNS");
  EXPECT_TRUE(resolver.notes[0].warning);
}

TEST(ResolvConf, NET8_NoneIsOnlyWhatTheManifestSays) {
  EXPECT_EQ(
      text_of(pod_with(DnsPolicy::None, {{"192.0.2.1"}, {"x"}, {{"ndots", "2"}, {"edns0", {}}}})),
      "search x\nnameserver 192.0.2.1\noptions ndots:2 edns0\n");
}

TEST(ResolvConf, NET9_IsMergedOntoTheBase) {
  const DnsConfig more{{"192.0.2.53", "192.0.2.54"},
                       {"example", "y"},
                       {{"timeout", "9"}, {"edns0", std::nullopt}, {"rotate", ""}}};
  EXPECT_EQ(text_of(pod_with(DnsPolicy::Default, more)),
            "search corp.example example y\n"
            "nameserver 192.0.2.53\nnameserver 192.0.2.54\n"
            "options timeout:9 rotate edns0\n");
  EXPECT_EQ(text_of(pod_with(DnsPolicy::ClusterFirst, {{}, {}, {{"ndots", "1"}}}), kCluster),
            "search shop.svc.cluster.local svc.cluster.local cluster.local corp.example example\n"
            "nameserver 10.96.0.10\noptions ndots:1\n");
}

TEST(ResolvConf, NET9_MoreThanThreeNameserversAreCutAndNoted) {
  const PodResolver resolver = pod_resolver(
      pod_with(DnsPolicy::Default, {{"192.0.2.1", "192.0.2.2", "192.0.2.3"}, {}, {}}), {}, host());
  EXPECT_THAT(resolver.conf->nameservers, ElementsAre("192.0.2.53", "192.0.2.1", "192.0.2.2"));
  ASSERT_THAT(resolver.notes, SizeIs(1));
  EXPECT_EQ(resolver.notes[0].reason, "DNSConfigForming");
  EXPECT_EQ(resolver.notes[0].message,
            "Nameserver limits were exceeded, some nameservers have been omitted, the applied "
            "nameserver line is: 192.0.2.53 192.0.2.1 192.0.2.2");
}

TEST(ResolvConf, NET9_SearchesThatNoResolverReadsAreCutAndNoted) {
  DnsConfig config;
  config.searches = {std::string(256, 'x')};
  for (int i = 0; i < 40; ++i) config.searches.push_back("d" + std::to_string(i));
  const PodResolver many = pod_resolver(pod_with(DnsPolicy::None, config), {}, host());
  EXPECT_THAT(many.conf->searches, SizeIs(32));
  EXPECT_EQ(many.conf->searches.front(), "d0");
  EXPECT_THAT(many.notes, SizeIs(1));

  config.searches.clear();
  for (int i = 0; i < 20; ++i)
    config.searches.push_back(std::string(1, static_cast<char>('a' + i)) + std::string(199, 'x'));
  EXPECT_THAT(pod_resolver(pod_with(DnsPolicy::None, config), {}, host()).conf->searches,
              SizeIs(10));
}

TEST(ResolvConf, OnlyLoopbackServersAreOutOfReach) {
  EXPECT_TRUE(only_loopback(parse_resolv_conf("nameserver 127.0.0.53")));
  EXPECT_TRUE(only_loopback(parse_resolv_conf("nameserver 127.0.0.1\nnameserver ::1")));
  EXPECT_FALSE(only_loopback(parse_resolv_conf("nameserver 127.0.0.1\nnameserver 192.0.2.1")));
  EXPECT_FALSE(only_loopback(parse_resolv_conf("search x")));
}

}  // namespace
}  // namespace podvisor
