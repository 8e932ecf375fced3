#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "preflight/fake_host.h"

namespace podvisor {

// For readable failures.
void PrintTo(const Problem& problem, std::ostream* out) {
  *out << problem.field << ": " << problem.message;
}

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PreflightTest : public testing::Test {
 protected:
  [[nodiscard]] std::vector<Problem> as_root() const {
    return preflight(pod_, root_facts(), host_);
  }
  [[nodiscard]] std::vector<Problem> as_user() const {
    return preflight(pod_, user_facts(), host_);
  }
  Container& main() { return pod_.spec.containers[0]; }
  void own_network(NetworkMode mode) {
    pod_.spec.host_network = false;
    pod_.spec.network = mode;
  }

  FakeHost host_;
  Pod pod_ = simple_pod();
};

TEST_F(PreflightTest, APlainProcessOnTheHostsNetworkNeedsNothing) {
  EXPECT_THAT(as_user(), IsEmpty());
  EXPECT_THAT(as_root(), IsEmpty());
}

TEST_F(PreflightTest, AnOwnNetworkNamespaceNeedsRoot) {
  for (const NetworkMode mode : {NetworkMode::Bridge, NetworkMode::None, NetworkMode::Join}) {
    own_network(mode);
    EXPECT_THAT(as_user(),
                ElementsAre(problem("spec.hostNetwork",
                                    "pod web wants its own network namespace; that needs root")));
  }
  EXPECT_THAT(as_user()[0].message, HasSubstr("or set hostNetwork: true"));
}

TEST_F(PreflightTest, ABridgeThatCannotBeIsSaidOnlyToPodsThatNeedIt) {
  HostFacts facts = root_facts();
  facts.bridge_unavailable = "nft is not installed";
  own_network(NetworkMode::Bridge);
  EXPECT_THAT(preflight(pod_, facts, host_),
              ElementsAre(problem("spec.hostNetwork",
                                  "pod web cannot have an address: nft is not installed")));
  own_network(NetworkMode::None);
  EXPECT_THAT(preflight(pod_, facts, host_), IsEmpty());
  pod_ = simple_pod();
  EXPECT_THAT(preflight(pod_, facts, host_), IsEmpty());
}

TEST_F(PreflightTest, ANamespaceToJoinMustExist) {
  own_network(NetworkMode::Join);
  pod_.spec.network_path = "/run/netns/other";
  EXPECT_THAT(as_root(), ElementsAre(problem("metadata.annotations[podvisor.io/network]",
                                             "no network namespace at /run/netns/other")));
  host_.files["/run/netns/other"] = {S_IFREG | 0444, 0, 0};
  EXPECT_THAT(as_root(), IsEmpty());
}

TEST_F(PreflightTest, AnImageNeedsRootAndNothingIsSaidOfItsFiles) {
  main().image = "nginx:1.27";
  main().command = {"no-such-command"};
  main().working_dir = "/no/such/place";
  EXPECT_THAT(as_root(), IsEmpty());
  EXPECT_THAT(as_user(), ElementsAre(problem("spec.containers[0].image", "needs root")));
}

TEST_F(PreflightTest, AnImageNeedsARuntimeAndAStore) {
  main().image = "nginx:1.27";
  HostFacts facts = root_facts();
  facts.oci_runtimes = {"no-such-runtime", "/opt/neither"};
  EXPECT_THAT(preflight(pod_, facts, host_),
              ElementsAre(problem("spec.containers[0].image",
                                  "there is no no-such-runtime and no /opt/neither in PATH")));
  host_.files["/opt/neither"] = {S_IFREG | 0755, 0, 0};
  EXPECT_THAT(preflight(pod_, facts, host_), IsEmpty());
  facts.images_unavailable = "cannot make /state/images";
  EXPECT_THAT(preflight(pod_, facts, host_),
              ElementsAre(problem("spec.containers[0].image", "cannot make /state/images")));
}

TEST_F(PreflightTest, FieldsCountInitContainersAndOthersApart) {
  const Container plain = main();
  Container image = plain;
  image.image = "x";
  Container init = image;
  init.role = ContainerRole::Init;
  Container sidecar = image;
  sidecar.role = ContainerRole::Sidecar;
  pod_.spec.containers = {init, sidecar, plain, image};
  EXPECT_THAT(as_user(), ElementsAre(problem("spec.initContainers[0].image", ""),
                                     problem("spec.initContainers[1].image", ""),
                                     problem("spec.containers[1].image", "")));
}

TEST_F(PreflightTest, VolumesNeedRoot) {
  pod_.spec.volumes = {{"cache", EmptyDirVolume{}}};
  EXPECT_THAT(as_user(), IsEmpty());  // nobody mounts it
  main().volume_mounts = {{"cache", "/cache", false}};
  EXPECT_THAT(as_user(),
              ElementsAre(problem("spec.containers[0].volumeMounts", "volumes need root")));
  EXPECT_THAT(as_root(), IsEmpty());
  main().volume_mounts.clear();
  pod_.spec.volumes.push_back({"memory", EmptyDirVolume{true, {}}});
  EXPECT_THAT(as_user(), ElementsAre(problem("spec.volumes[1].emptyDir.medium", "needs root")));
}

TEST_F(PreflightTest, VOL4_AHostPathOfNoTypeIsAwaited) {
  pod_.spec.volumes = {{"a", HostPathVolume{"/srv", ""}},
                       {"b", HostPathVolume{"/missing", ""}},
                       {"c", HostPathVolume{"/missing", "DirectoryOrCreate"}},
                       {"d", HostPathVolume{"/missing", "Directory"}}};
  EXPECT_THAT(as_root(), IsEmpty());
  EXPECT_THAT(awaited(pod_, host_), ElementsAre(problem("spec.volumes[1].hostPath.path",
                                                        "/missing does not exist on this host")));
}

TEST_F(PreflightTest, NET7_FilesOfItsOwnNeedRootOnTheHostsNetwork) {
  pod_.spec.host_aliases = {{"192.0.2.1", {"db"}}};
  pod_.spec.dns_config.searches = {"x"};
  EXPECT_THAT(as_root(), IsEmpty());
  EXPECT_THAT(as_user(), ElementsAre(problem("spec.hostAliases", "needs root (CAP_SYS_ADMIN"),
                                     problem("spec.dnsConfig", "needs root (CAP_SYS_ADMIN")));
}

TEST_F(PreflightTest, AnotherUserNeedsRoot) {
  main().security_context.run_as_user = 33;
  main().security_context.run_as_group = 34;
  EXPECT_THAT(
      as_user(),
      ElementsAre(
          problem("spec.containers[0].securityContext.runAsUser", "33 is not podvisor's"),
          problem("spec.containers[0].securityContext.runAsGroup", "34 is not podvisor's")));
  EXPECT_THAT(as_root(), IsEmpty());
  main().security_context.run_as_user = 1000;
  main().security_context.run_as_group = 1000;
  EXPECT_THAT(as_user(), IsEmpty());
}

TEST_F(PreflightTest, SupplementaryGroupsNeedRootAndAreSaidOnce) {
  main().security_context.supplemental_groups = {5};
  pod_.spec.containers.push_back(main());
  EXPECT_THAT(as_user(),
              ElementsAre(problem("spec.securityContext.supplementalGroups", "need root")));
  EXPECT_THAT(as_root(), IsEmpty());
}

TEST_F(PreflightTest, LimitsNeedCgroups) {
  HostFacts facts = root_facts();
  facts.cgroups_unavailable = "/sys/fs/cgroup is read-only";
  EXPECT_THAT(preflight(pod_, facts, host_), IsEmpty());
  main().resources.memory_request = 1;
  main().resources.cpu_request = 1;
  EXPECT_THAT(preflight(pod_, facts, host_), IsEmpty());
  main().resources.cpu_limit = 500;
  const auto problems = preflight(pod_, facts, host_);
  EXPECT_THAT(problems, ElementsAre(problem("spec.containers[0].resources.limits",
                                            "/sys/fs/cgroup is read-only; remove the limits, or "
                                            "start with --cgroups=none")));
  EXPECT_THAT(as_root(), IsEmpty());
}

TEST_F(PreflightTest, PortsTakenOnTheHostAreNamedWithTheirHolder) {
  main().ports.resize(3);
  main().ports[0].container_port = 80;
  main().ports[1].container_port = 81;
  main().ports[2] = {"dns", 53, 0, "10.0.0.1", "UDP"};
  host_.holders = {{"TCP :80", "127.0.0.1:80"},
                   {"UDP 10.0.0.1:53", "0.0.0.0:53"},
                   {"TCP 10.0.0.1:53", "wrong protocol"}};
  EXPECT_THAT(as_root(), ElementsAre(problem("spec.containers[0].ports[0].containerPort",
                                             "TCP port 80 is taken (127.0.0.1:80)"),
                                     problem("spec.containers[0].ports[2].containerPort",
                                             "UDP port 53 is taken (0.0.0.0:53)")));
}

TEST_F(PreflightTest, PortsOfOurOwnPodsAndOfOtherNamespacesAreNotAsked) {
  main().ports.resize(1);
  main().ports[0].container_port = 80;
  host_.holders = {{"TCP :80", "127.0.0.1:80"}};
  HostFacts facts = root_facts();
  facts.own_ports = {80};
  EXPECT_THAT(preflight(pod_, facts, host_), IsEmpty());
  own_network(NetworkMode::Bridge);
  EXPECT_THAT(as_root(), IsEmpty());
}

TEST_F(PreflightTest, EverythingThatIsWrongIsSaidAtOnce) {
  own_network(NetworkMode::Bridge);
  main().working_dir = "/missing";
  main().command = {"missing"};
  main().security_context.run_as_user = 0;
  EXPECT_EQ(as_user().size(), 4U);
}

}  // namespace
}  // namespace podvisor
