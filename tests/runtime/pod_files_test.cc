// What a container sees of its pod, read by the container itself.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "logs/temporary_directory.h"
#include "runtime_fixture.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class PodFilesTest : public RuntimeFixture {
 protected:
  /// Runs it once, and gives its log.
  std::string output(const Pod& pod) {
    EXPECT_EQ(run(pod).exit_code, 0);
    return log_of(pod);
  }
  static Pod with_address(Pod pod) {
    pod.spec.network = NetworkMode::Bridge;
    return pod;
  }
  Pod on_host(const std::string& script) {
    Pod pod = pod_with(script);
    pod.spec.network = NetworkMode::Host;
    pod.spec.host_network = true;
    return pod;
  }
};

TEST_F(PodFilesTest, NET5_EtcHostsIsThePodsAndTheHostKeepsItsOwn) {
  const std::string before = read_whole_file("/etc/hosts");
  Pod pod = with_address(
      pod_with("cat /etc/hosts; grep -q ^192.0.2.7 /etc/hosts && echo more >>/etc/hosts"));
  pod.spec.host_aliases = {{"192.0.2.1", {"db", "db.example"}}};
  pod.spec.subdomain = "shop";
  EXPECT_THAT(output(pod),
              HasSubstr("fe00::2\tip6-allrouters\n"
                        "192.0.2.7\tweb-host.shop.default.svc.cluster.local\tweb-host\n"
                        "\n# Entries added by HostAliases.\n"
                        "192.0.2.1\tdb\tdb.example\n"));
  EXPECT_EQ(read_whole_file("/etc/hosts"), before);
}

TEST_F(PodFilesTest, NET5_AVolumeAtThatPathTakesItsPlace) {
  Pod pod = with_address(pod_with("ls -A /etc/hosts; cat /etc/hosts"));
  std::ofstream(directory_ + "/mine") << "by volume\n";
  pod.spec.volumes = {{"hosts", HostPathVolume{directory_ + "/mine", "File"}}};
  pod.spec.containers[0].volume_mounts = {{"hosts", "/etc/hosts/"}};
  EXPECT_EQ(output(pod), "/etc/hosts\nby volume\n");
}

TEST_F(PodFilesTest, NET9_EtcResolvConfIsWhatTheManifestSays) {
  const std::string before = read_whole_file("/etc/resolv.conf");
  Pod pod = pod_with("cat /etc/resolv.conf");
  pod.spec.dns_policy = DnsPolicy::None;
  pod.spec.dns_config = {
      {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"}, {"shop.example"}, {{"ndots", "2"}}};
  EXPECT_EQ(output(pod),
            "search shop.example\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n"
            "nameserver 192.0.2.3\noptions ndots:2\n");
  ASSERT_EQ(events_.of<pod_event::Noted>().size(), 1U);
  EXPECT_EQ(events_.of<pod_event::Noted>()[0].reason, "DNSConfigForming");
  EXPECT_EQ(read_whole_file("/etc/resolv.conf"), before);
}

TEST_F(PodFilesTest, NET3_TheKernelsNameIsThePods) {
  EXPECT_EQ(output(pod_with("uname -n; echo $HOSTNAME")), "web-host\nweb-host\n");
}

TEST_F(PodFilesTest, NET4_OrTheFullOneWhenAskedFor) {
  Pod pod = pod_with("uname -n; echo $HOSTNAME");
  pod.spec.subdomain = "shop";
  pod.spec.hostname_as_fqdn = true;
  EXPECT_EQ(output(pod),
            "web-host.shop.default.svc.cluster.local\nweb-host.shop.default.svc.cluster.local\n");
}

TEST_F(PodFilesTest, ENV7_AMissingConfigMapIsAConfigError) {
  Pod pod = pod_with("true");
  pod.spec.containers[0].env_from = {{"", ConfigKind::ConfigMap, "none", false}};
  make_sandbox(pod);
  runtime_->start_container(pod, {});
  run_until([this] { return !events_.of<pod_event::ContainerStartFailed>().empty(); });
  const auto failed = events_.of<pod_event::ContainerStartFailed>()[0];
  EXPECT_EQ(failed.reason, "CreateContainerConfigError");
  EXPECT_EQ(failed.message, "configmap \"none\" not found");
}

TEST_F(PodFilesTest, DWN6_TheNodesFactsAreThisHosts) {
  Pod pod = pod_with("echo $CPUS; nproc --all; echo $NODE");
  pod.spec.containers[0].env = {{"CPUS", "", ResourceFieldSelector{"", "limits.cpu", ""}},
                                {"NODE", "", ObjectFieldSelector{"spec.nodeName"}}};
  const std::string text = output(pod);
  const std::string cpus = text.substr(0, text.find('\n'));
  EXPECT_GT(std::stoi(cpus), 0);
  EXPECT_THAT(text, HasSubstr("\n" + read_whole_file("/proc/sys/kernel/hostname")));
}

TEST_F(PodFilesTest, MSG1_EachRunHasAFreshMessage) {
  const Pod pod =
      on_host("stat -c '%a %s' /dev/termination-log; echo bye $$ >/dev/termination-log");
  make_sandbox(pod);
  start(pod, {0, 0});
  EXPECT_THAT(exit_of({0, 0}).message, testing::MatchesRegex("bye [0-9]+\n"));
  start(pod, {0, 1});
  EXPECT_NE(exit_of({0, 1}).message, exit_of({0, 0}).message);
  EXPECT_EQ(log_of(pod, {0, 1}), "666 0\n");
  EXPECT_EQ(fs::file_size("/dev/termination-log"), 0U) << "it is the host's mount point, empty";
}

TEST_F(PodFilesTest, MSG1_AtAPathThatTheHostDoesNotHave) {
  const std::string path = directory_ + "/not/there/message";
  Pod pod = on_host("echo -n why >" + path + "; exit 3");
  pod.spec.containers[0].termination_message_path = path;
  EXPECT_EQ(run(pod).message, "why");
  EXPECT_EQ(fs::file_size(path), 0U);
}

TEST_F(PodFilesTest, MSG1_InsideAVolume) {
  fs::create_directory(directory_ + "/target");
  Pod pod = on_host("echo -n why >" + directory_ + "/target/message; ls " + directory_ + "/target");
  pod.spec.volumes = {{"work", EmptyDirVolume{}}};
  pod.spec.containers[0].volume_mounts = {{"work", directory_ + "/target"}};
  pod.spec.containers[0].termination_message_path = directory_ + "/target/message";
  EXPECT_EQ(run(pod).message, "why");
  EXPECT_EQ(log_of(pod), "message\n");
  EXPECT_TRUE(fs::is_empty(directory_ + "/target"));
}

TEST_F(PodFilesTest, MSG2_TheLast4096Bytes) {
  const Pod pod = on_host(
      "head -c 9000 /dev/zero | tr '\\0' a >/dev/termination-log; "
      "echo -n end >>/dev/termination-log");
  EXPECT_EQ(run(pod).message, std::string(4093, 'a') + "end");
}

TEST_F(PodFilesTest, MSG2_NoTrickWithTheFileReachesAnother) {
  const Pod pod = on_host("rm -f /dev/termination-log; ln -sf " + directory_ +
                          "/secret /dev/termination-log; "
                          "truncate -s 10G /dev/termination-log; true");
  const auto exited = run(pod);
  EXPECT_EQ(exited.exit_code, 0);
  EXPECT_EQ(exited.message, std::string(4096, '\0')) << "a mount point can be neither";
}

TEST_F(PodFilesTest, MSG3_TheEndOfTheLogWhereNothingWasWritten) {
  Pod pod = on_host("for i in $(seq 100); do echo line $i; done; printf last >&2; exit 1");
  pod.spec.containers[0].termination_message_from_logs = true;
  const std::string message = run(pod).message;
  EXPECT_THAT(message, HasSubstr("line 100\n"));
  EXPECT_THAT(message, HasSubstr("last"));
  EXPECT_THAT(message, Not(HasSubstr("line 20\n")));
}

TEST_F(PodFilesTest, MSG3_NotOfARunThatWentWell) {
  Pod pod = on_host("echo fine");
  pod.spec.containers[0].termination_message_from_logs = true;
  EXPECT_EQ(run(pod).message, "");
}

TEST_F(PodFilesTest, MSG3_WhatWasWrittenComesFirst) {
  Pod pod = on_host("echo log; echo -n written >/dev/termination-log; exit 1");
  pod.spec.containers[0].termination_message_from_logs = true;
  EXPECT_EQ(run(pod).message, "written");
}

}  // namespace
}  // namespace podvisor
