#include "runtime/pod_files/pod_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "logs/temporary_directory.h"

namespace podvisor {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class PodFilesTest : public testing::Test {
 protected:
  PodFilesTest() {
    pod_.spec.hostname = "web";
    host_ = {directory_ / "host-hosts", directory_ / "host-resolv", directory_ / "upstream"};
    write(host_.hosts, "127.0.0.1 localhost\n");
    write(host_.resolv_conf, "nameserver 192.0.2.53\n");
  }
  void on_host_network() {
    pod_.spec.host_network = true;
    pod_.spec.network = NetworkMode::Host;
  }
  PodFiles make(const std::string& pod_ip = "10.88.0.7") {
    auto files = make_pod_files(pod_, pod_ip, {}, directory_ / "", host_);
    EXPECT_TRUE(files) << files.error().message;
    return files.value_or(PodFiles{});
  }
  static void write(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
  }
  static std::string read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TemporaryDirectory directory_;
  HostFiles host_;
  Pod pod_;
};

TEST_F(PodFilesTest, NET5_APodWithAnAddressHasItsOwnHosts) {
  const PodFiles files = make();
  EXPECT_THAT(read(files.hosts), HasSubstr("\n10.88.0.7\tweb\n"));
  struct stat facts {};
  ASSERT_EQ(::stat(files.hosts.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777U, 0644U);
  EXPECT_EQ(files.resolv_conf, "") << "the host's says the same";
}

TEST_F(PodFilesTest, NET5_WithoutAnAddressOnlyAliasesNeedAFile) {
  EXPECT_EQ(make("").hosts, "");
  pod_.spec.host_aliases = {{"192.0.2.1", {"db"}}};
  EXPECT_THAT(read(make("").hosts), HasSubstr("\n192.0.2.1\tdb\n"));
}

TEST_F(PodFilesTest, NET7_OnTheHostsNetworkTheHostsFilesDoUnlessMoreIsAskedFor) {
  on_host_network();
  EXPECT_EQ(make("").hosts, "");
  EXPECT_EQ(make("").resolv_conf, "");
  pod_.spec.host_aliases = {{"192.0.2.1", {"db"}}};
  EXPECT_THAT(read(make("").hosts),
              StartsWith("# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n"));
  EXPECT_EQ(make("").resolv_conf, "");
}

TEST_F(PodFilesTest, NET9_ADnsConfigNeedsAFile) {
  on_host_network();
  pod_.spec.dns_config.options = {{"ndots", "1"}};
  EXPECT_EQ(read(make("").resolv_conf), "nameserver 192.0.2.53\noptions ndots:1\n");
}

TEST_F(PodFilesTest, NET8_ACacheOnTheHostsLoopbackGivesWayToItsServers) {
  write(host_.resolv_conf, "nameserver 127.0.0.53\noptions edns0\nsearch corp\n");
  EXPECT_EQ(make().resolv_conf, "") << "there is nothing better";
  write(host_.upstream_resolv_conf, "nameserver 192.0.2.1\nsearch corp\n");
  EXPECT_EQ(read(make().resolv_conf), "search corp\nnameserver 192.0.2.1\n");
  on_host_network();
  EXPECT_EQ(make("").resolv_conf, "") << "within its reach";
}

TEST_F(PodFilesTest, AFileThatCannotBeWrittenIsNamed) {
  const auto files = make_pod_files(pod_, "10.88.0.7", {}, directory_ / "none", host_);
  ASSERT_FALSE(files);
  EXPECT_THAT(files.error().message, HasSubstr("/none/hosts: No such file or directory"));
}

}  // namespace
}  // namespace podvisor
