#include "runtime/pod_files/hosts_file.h"

#include <gtest/gtest.h>

#include "runtime/pod_files/hostname.h"

namespace podvisor {
namespace {

constexpr const char* kHead =
    "# Kubernetes-managed hosts file.\n"
    "127.0.0.1\tlocalhost\n"
    "::1\tlocalhost ip6-localhost ip6-loopback\n"
    "fe00::0\tip6-localnet\n"
    "fe00::0\tip6-mcastprefix\n"
    "fe00::1\tip6-allnodes\n"
    "fe00::2\tip6-allrouters\n";

Pod web() {
  Pod pod;
  pod.metadata.name = "web";
  pod.metadata.namespace_ = "shop";
  pod.spec.hostname = "web-1";
  return pod;
}

TEST(HostsFile, NET5_ThePodsOwnNameStandsLast) {
  EXPECT_EQ(hosts_file(web(), "10.88.0.7", "cluster.local"),
            std::string(kHead) + "10.88.0.7\tweb-1\n");
  EXPECT_EQ(hosts_file(web(), "", "cluster.local"), kHead);
}

TEST(HostsFile, NET5_WithASubdomainTheFullNameComesFirst) {
  Pod pod = web();
  pod.spec.subdomain = "db";
  EXPECT_EQ(hosts_file(pod, "10.88.0.7", "cluster.local"),
            std::string(kHead) + "10.88.0.7\tweb-1.db.shop.svc.cluster.local\tweb-1\n");
}

TEST(HostsFile, NET6_AliasesInTheManifestsOrder) {
  Pod pod = web();
  pod.spec.host_aliases = {{"192.0.2.1", {"b", "a.example"}}, {"::5", {"six"}}};
  EXPECT_EQ(hosts_file(pod, "10.88.0.7", ""), std::string(kHead) +
                                                  "10.88.0.7\tweb-1\n"
                                                  "\n"
                                                  "# Entries added by HostAliases.\n"
                                                  "192.0.2.1\tb\ta.example\n"
                                                  "::5\tsix\n");
}

TEST(HostsFile, NET7_OnTheHostsNetworkTheHostsFileIsKeptAsItIs) {
  Pod pod = web();
  pod.spec.host_aliases = {{"192.0.2.1", {"b"}}};
  EXPECT_EQ(hosts_file_on_host(pod, "127.0.0.1 localhost # mine\n"),
            "# Kubernetes-managed hosts file (host network).\n"
            "127.0.0.1 localhost # mine\n"
            "\n"
            "# Entries added by HostAliases.\n"
            "192.0.2.1\tb\n");
}

TEST(Hostname, NET4_ASubdomainNeedsNoClusterDomain) {
  Pod pod = web();
  EXPECT_EQ(pod_domain(pod, "cluster.local"), "");
  pod.spec.subdomain = "db";
  EXPECT_EQ(pod_domain(pod, "cluster.local"), "db.shop.svc.cluster.local");
  EXPECT_EQ(pod_domain(pod, ""), "db.shop.svc");
}

TEST(Hostname, NET4_TheFullNameIsTheKernelsOnlyWhenAskedFor) {
  Pod pod = web();
  pod.spec.hostname_as_fqdn = true;
  EXPECT_EQ(*kernel_hostname(pod, "cluster.local"), "web-1") << "no subdomain, no full name";
  pod.spec.subdomain = "db";
  EXPECT_EQ(*kernel_hostname(pod, "cluster.local"), "web-1.db.shop.svc.cluster.local");
  pod.spec.hostname_as_fqdn = false;
  EXPECT_EQ(*kernel_hostname(pod, "cluster.local"), "web-1");
}

TEST(Hostname, NET4_AFullNameThatTheKernelCannotHoldIsRefused) {
  Pod pod = web();
  pod.spec.hostname_as_fqdn = true;
  pod.spec.subdomain = std::string(44, 's');
  ASSERT_EQ(kernel_hostname(pod, "x").value_or("").size(), 61U);
  pod.spec.subdomain += "ssss";
  const auto name = kernel_hostname(pod, "x");
  ASSERT_FALSE(name);
  EXPECT_TRUE(name.error().message.starts_with(
      "Failed to construct FQDN from pod hostname and cluster domain"))
      << name.error().message;
}

}  // namespace
}  // namespace podvisor
