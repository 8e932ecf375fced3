// What podvisor puts into volumes, and who may write where, seen by real containers.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>

#include "podvisor/object_store.h"
#include "runtime/volumes/mount_table.h"
#include "runtime_fixture.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ConfigVolumeTest : public RuntimeFixture {
 protected:
  void SetUp() override {
    RuntimeFixture::SetUp();
    if (!runtime_) return;
    target_ = directory_ + "/target";
    fs::create_directory(target_);
    fs::permissions(directory_, fs::perms(0755));  // containers of other users come here too
  }

  void set(ConfigKind kind, const std::string& name, std::map<std::string, std::string> data) {
    ConfigObject object;
    object.kind = kind;
    object.metadata.name = name;
    object.data = std::move(data);
    configs_.set_config(std::move(object));
  }

  /// A pod with a volume `v`; the script knows as `T` where it is.
  Pod mounting(decltype(Volume::source) source, const std::string& script) {
    Pod pod = pod_with("T=" + target_ + "; " + script);
    pod.spec.volumes = {{"v", std::move(source)}};
    VolumeMount mount;
    mount.name = "v";
    mount.mount_path = target_;
    pod.spec.containers[0].volume_mounts = {mount};
    return pod;
  }
  static VolumeMount& mount_in(Pod& pod) { return pod.spec.containers[0].volume_mounts[0]; }
  static ProjectedVolume files_of(ConfigKind kind, const std::string& name) {
    return {{ConfigFiles{kind, name, {}, false}}, 0644, kind == ConfigKind::Secret};
  }

  /// Runs it and returns what it wrote.
  std::string output_of(const Pod& pod) {
    EXPECT_EQ(run(pod).exit_code, 0);
    return log_of(pod);
  }
  pod_event::SandboxFailed failure_of(const Pod& pod) {
    pods_.push_back(pod);
    runtime_->make_sandbox(pod, 0);
    return wait_for<pod_event::SandboxFailed>();
  }
  pod_event::ContainerStartFailed start_failure_of(const Pod& pod) {
    make_sandbox(pod);
    runtime_->start_container(pod, {});
    return wait_for<pod_event::ContainerStartFailed>();
  }
  void forget(const Pod& pod) {
    remove_sandbox(pod);
    runtime_->forget_pod(pod);
    loop_.run();
  }
  [[nodiscard]] std::string volume() const {
    return Layout{directory_ + "/run", directory_ + "/state"}.volume(pod_with("").metadata.uid,
                                                                     "v");
  }

  std::string target_;
};

TEST_F(ConfigVolumeTest, VOL5_AConfigMapIsReadAndNeverWritten) {
  set(ConfigKind::ConfigMap, "settings", {{"app.conf", "A"}, {"b", "B"}});
  const Pod pod = mounting(files_of(ConfigKind::ConfigMap, "settings"),
                           "cat $T/app.conf $T/b; echo; ls $T; readlink $T/b; "
                           "touch $T/x 2>&1 | grep -o 'Read-only.*'; stat -L -c %a $T/b");
  EXPECT_EQ(output_of(pod), "AB\napp.conf\nb\n..data/b\nRead-only file system\n644\n");
}

TEST_F(ConfigVolumeTest, VOL5_ASecretIsInMemoryAndGoesWithThePod) {
  set(ConfigKind::Secret, "key", {{"token", "t0k3n"}});
  ProjectedVolume secret = files_of(ConfigKind::Secret, "key");
  secret.default_mode = 0400;
  const Pod pod = mounting(secret,
                           "stat -f -c %T $T; cat $T/token; echo; stat -L -c %a $T/token; "
                           "touch $T/x 2>/dev/null || echo refused");
  EXPECT_EQ(output_of(pod), "tmpfs\nt0k3n\n400\nrefused\n");
  forget(pod);
  EXPECT_FALSE(fs::exists(volume()));
  for (const MountEntry& entry : mount_table()) EXPECT_FALSE(entry.point.starts_with(directory_));
}

TEST_F(ConfigVolumeTest, VOL8_AProjectedVolumeMergesItsSources) {
  set(ConfigKind::ConfigMap, "settings", {{"a", "A"}, {"b", "B"}});
  set(ConfigKind::Secret, "key", {{"b", "secret"}});
  ProjectedVolume volume;
  volume.secret = true;
  volume.sources = {
      ConfigFiles{ConfigKind::ConfigMap, "settings", {}, false},
      ConfigFiles{ConfigKind::Secret, "key", {{"b", "b", 0400}}, false},
      DownwardApiFiles{{{"pod/labels", {}, ObjectFieldSelector{"metadata.labels"}},
                        {"pod/cpu", {}, ResourceFieldSelector{"main", "limits.cpu", "1m"}}}}};
  Pod pod = mounting(volume,
                     "cd $T; for f in a b pod/labels pod/cpu; do cat $f; echo; done; "
                     "stat -f -c %T .; stat -L -c %a a b");
  pod.metadata.labels = {{"app", "web"}, {"tier", "front"}};
  pod.spec.containers[0].resources.cpu_limit = 250;
  EXPECT_EQ(output_of(pod), "A\nsecret\napp=\"web\"\ntier=\"front\"\n250\ntmpfs\n644\n400\n");
}

TEST_F(ConfigVolumeTest, VOL6_AReaderInAContainerSeesAllOldOrAllNew) {
  set(ConfigKind::ConfigMap, "settings", {{"a", "0"}, {"b", "0"}});
  const Pod pod =
      mounting(files_of(ConfigKind::ConfigMap, "settings"),
               "while :; do cd -P $T/..data || exit 3; a=$(cat a) || exit 4; b=$(cat b) || exit 5; "
               "[ \"$a\" = \"$b\" ] || exit 6; cat $T/a >/dev/null || exit 7; "
               "[ \"$a\" = \"$last\" ] || echo saw $a; last=$a; [ \"$a\" != 20 ] || exit 0; done");
  make_sandbox(pod);
  start(pod);
  for (int i = 1; i <= 20; ++i) {
    wait_for_log(pod, "saw " + std::to_string(i - 1) + "\n");
    set(ConfigKind::ConfigMap, "settings", {{"a", std::to_string(i)}, {"b", std::to_string(i)}});
    runtime_->refresh_volumes(pod);
  }
  EXPECT_EQ(exit_of().exit_code, 0) << log_of(pod);
}

TEST_F(ConfigVolumeTest, VOL6_ADeletedSecretLeavesTheVolumeAsItWas) {
  set(ConfigKind::Secret, "key", {{"token", "t0k3n"}});
  const Pod pod = mounting(files_of(ConfigKind::Secret, "key"), "sleep 1000");
  make_sandbox(pod);
  start(pod);
  configs_.remove_config(ConfigKind::Secret, "default", "key");
  runtime_->refresh_volumes(pod);
  EXPECT_EQ(exec(pod, {"cat", target_ + "/token"}).output, "t0k3n");
}

TEST_F(ConfigVolumeTest, VOL6_RefreshingWithoutASandboxDoesNothing) {
  const Pod pod = mounting(files_of(ConfigKind::ConfigMap, "settings"), "");
  runtime_->refresh_volumes(pod);
  EXPECT_FALSE(fs::exists(volume()));
}

TEST_F(ConfigVolumeTest, VOL14_WhatIsMissingKeepsThePodFromStartingUntilItIsThere) {
  const Pod pod = mounting(files_of(ConfigKind::ConfigMap, "settings"), "cat $T/a");
  const auto failed = failure_of(pod);
  EXPECT_EQ(failed.reason, "FailedMount");
  EXPECT_EQ(failed.message,
            "MountVolume.SetUp failed for volume \"v\" : configmap \"settings\" not found");
  set(ConfigKind::ConfigMap, "settings", {{"a", "A\n"}});
  events_.posted.clear();
  EXPECT_EQ(output_of(pod), "A\n");
}

TEST_F(ConfigVolumeTest, VOL4_AHostPathOfTheWrongTypeIsAFailedMount) {
  const auto failed = failure_of(mounting(HostPathVolume{directory_ + "/none", "Directory"}, ""));
  EXPECT_EQ(failed.reason, "FailedMount");
  EXPECT_EQ(failed.message,
            "MountVolume.SetUp failed for volume \"v\" : hostPath type check failed: " +
                directory_ + "/none is not a directory");
}

TEST_F(ConfigVolumeTest, VOL9_TheExpressionIsExpandedWithTheFinalEnvironment) {
  Pod pod = mounting(EmptyDirVolume{}, "echo hello >$T/file");
  pod.spec.containers[0].env = {{"POD", "web", {}}, {"WHERE", "$(POD)-1", {}}};
  mount_in(pod).sub_path_expr = "logs/$(WHERE)/$(HOSTNAME)";
  EXPECT_EQ(output_of(pod), "");
  std::ifstream file(volume() + "/logs/web-1/web-host/file");
  std::string line;
  EXPECT_TRUE(std::getline(file, line));
  EXPECT_EQ(line, "hello");
}

TEST_F(ConfigVolumeTest, VOL9_AnUnknownOrEmptyVariableIsAConfigError) {
  Pod pod = mounting(EmptyDirVolume{}, "true");
  pod.spec.containers[0].env = {{"EMPTY", "", {}}};
  mount_in(pod).sub_path_expr = "a/$(EMPTY)$(NONE)";
  const auto failed = start_failure_of(pod);
  EXPECT_EQ(failed.reason, "CreateContainerConfigError");
  EXPECT_THAT(failed.message, HasSubstr("missing value for EMPTY, NONE"));
}

TEST_F(ConfigVolumeTest, VOL10_ASubPathMountNeverSeesUpdates) {
  set(ConfigKind::ConfigMap, "settings", {{"a", "old"}});
  fs::create_directory(directory_ + "/whole");
  Pod pod = mounting(files_of(ConfigKind::ConfigMap, "settings"), "sleep 1000");
  fs::remove(target_);
  mount_in(pod).sub_path = "a";
  VolumeMount whole;
  whole.name = "v";
  whole.mount_path = directory_ + "/whole";
  pod.spec.containers[0].volume_mounts.push_back(whole);
  make_sandbox(pod);
  start(pod);
  set(ConfigKind::ConfigMap, "settings", {{"a", "new"}});
  runtime_->refresh_volumes(pod);
  EXPECT_EQ(exec(pod, {"cat", directory_ + "/whole/a", target_}).output, "newold");
  set(ConfigKind::ConfigMap, "settings", {{"a", "newest"}});
  runtime_->refresh_volumes(pod);
  EXPECT_EQ(exec(pod, {"cat", directory_ + "/whole/a", target_}).output, "newestold");
}

TEST_F(ConfigVolumeTest, VOL10_AContainersLinkOutOfTheVolumeIsNotFollowed) {
  Pod pod = mounting(EmptyDirVolume{}, "ln -s /etc $T/evil; ln -s ../../../../../../etc $T/bad");
  output_of(pod);
  for (const char* link : {"evil", "bad", "evil/new"}) {
    events_.posted.clear();
    Pod next = pod;
    mount_in(next).sub_path = link;
    runtime_->start_container(next, {0, 1});
    const auto failed = wait_for<pod_event::ContainerStartFailed>();
    EXPECT_THAT(failed.message, HasSubstr("leads out of the volume")) << link;
  }
  EXPECT_FALSE(fs::exists("/etc/new"));
}

TEST_F(ConfigVolumeTest, VOL10_AContainerThatSwapsFoldersMeanwhileLeadsNobodyOut) {
  Pod pod = mounting(EmptyDirVolume{},
                     "cd $T; mkdir a; ln -s /etc link; echo swapping; while :; do "
                     "mv -T a b; mv -T link a; mv -T a link; mv -T b a; done");
  fs::create_directory(directory_ + "/seen");
  Container victim = container("victim", "[ ! -e " + directory_ + "/seen/passwd ]");
  VolumeMount mount;
  mount.name = "v";
  mount.mount_path = directory_ + "/seen";
  mount.sub_path = "a";
  victim.volume_mounts = {mount};
  pod.spec.containers.push_back(victim);
  make_sandbox(pod);
  start(pod);
  wait_for_log(pod, "swapping");
  for (int i = 0; i < 40; ++i) {
    events_.posted.clear();
    pod.spec.containers[1].volume_mounts[0].sub_path = i % 2 == 0 ? "a" : "a/podvisor-made";
    runtime_->start_container(pod, {1, i});
    run_until([&] {
      return !events_.of<pod_event::ContainerExited>().empty() ||
             !events_.of<pod_event::ContainerStartFailed>().empty();
    });
    for (const auto& exited : events_.of<pod_event::ContainerExited>())
      EXPECT_EQ(exited.exit_code, 0) << "it saw the host's /etc";
  }
  EXPECT_FALSE(fs::exists("/etc/podvisor-made"));
}

TEST_F(ConfigVolumeTest, VOL12_FsGroupOwnsAndMayUseWhatIsMounted) {
  set(ConfigKind::Secret, "key", {{"token", "t0k3n"}});
  ProjectedVolume secret = files_of(ConfigKind::Secret, "key");
  secret.default_mode = 0400;
  Pod pod = mounting(secret,
                     "id -G; cat $T/token; echo; stat -L -c '%a %g' $T/token $T/..data $T; "
                     "mkdir $T/../scratch/d; touch $T/../scratch/d/f; "
                     "stat -c '%a %g' $T/../scratch; stat -c %g $T/../scratch/d/f");
  pod.spec.volumes.push_back({"scratch", EmptyDirVolume{}});
  VolumeMount scratch;
  scratch.name = "scratch";
  scratch.mount_path = directory_ + "/scratch";
  pod.spec.containers[0].volume_mounts.push_back(scratch);
  pod.spec.fs_group = 4321;
  pod.spec.containers[0].security_context.run_as_user = 1234;
  pod.spec.containers[0].security_context.run_as_group = 1234;
  EXPECT_EQ(output_of(pod), "1234 4321\nt0k3n\n440 4321\n2755 4321\n2777 4321\n2777 4321\n4321\n");
}

class PropagationTest : public ConfigVolumeTest {
 protected:
  void SetUp() override {
    ConfigVolumeTest::SetUp();
    if (!runtime_) return;
    source_ = directory_ + "/source";
    fs::create_directory(source_);
    ASSERT_EQ(::mount("none", source_.c_str(), "tmpfs", 0, nullptr), 0);
    ASSERT_EQ(::mount("", source_.c_str(), nullptr, MS_SHARED, nullptr), 0);
    fs::create_directory(source_ + "/below");
  }
  void TearDown() override {
    EXPECT_TRUE(!runtime_ || unmount_below(source_));
    ConfigVolumeTest::TearDown();
  }

  Pod propagating(MountPropagation propagation, const std::string& script) {
    Pod pod = mounting(HostPathVolume{source_, "Directory"}, script);
    mount_in(pod).mount_propagation = propagation;
    pod.spec.containers[0].security_context.privileged =
        propagation == MountPropagation::Bidirectional;
    return pod;
  }
  [[nodiscard]] bool mounted_on_host() const {
    for (const MountEntry& entry : mount_table())
      if (entry.point == source_ + "/below") return true;
    return false;
  }
  /// What a container that runs already sees of what the host mounts now.
  std::string seen_of_a_later_mount(const Pod& pod) {
    make_sandbox(pod);
    start(pod);
    EXPECT_EQ(::mount("none", (source_ + "/below").c_str(), "tmpfs", 0, nullptr), 0);
    std::ofstream(source_ + "/below/file") << "later";
    return exec(pod, {"sh", "-c", "cat " + target_ + "/below/file 2>/dev/null || echo nothing"})
        .output;
  }

  std::string source_;
};

constexpr const char* kMountBelow = "mount -t tmpfs none $T/below && touch $T/below/x && echo done";

TEST_F(PropagationTest, VOL13_NoneIsPrivate) {
  EXPECT_EQ(output_of(propagating(MountPropagation::None, kMountBelow)), "done\n");
  EXPECT_FALSE(mounted_on_host());
}

TEST_F(PropagationTest, VOL13_NoneSeesNothingThatIsMountedLater) {
  EXPECT_EQ(seen_of_a_later_mount(propagating(MountPropagation::None, "sleep 1000")), "nothing\n");
}

TEST_F(PropagationTest, VOL13_HostToContainerSeesTheHostsMountsAndShowsNone) {
  EXPECT_EQ(seen_of_a_later_mount(propagating(MountPropagation::HostToContainer, "sleep 1000")),
            "later");
  Pod pod = propagating(MountPropagation::HostToContainer,
                        "mkdir $T/own && mount -t tmpfs none $T/own && touch $T/own/x");
  runtime_->start_container(pod, {0, 1});
  EXPECT_EQ(exit_of({0, 1}).exit_code, 0);
  EXPECT_TRUE(fs::is_empty(source_ + "/own"));
}

TEST_F(PropagationTest, VOL13_BidirectionalShowsOnTheHost) {
  EXPECT_EQ(output_of(propagating(MountPropagation::Bidirectional, kMountBelow)), "done\n");
  EXPECT_TRUE(mounted_on_host());
  EXPECT_TRUE(fs::exists(source_ + "/below/x"));
}

TEST_F(PropagationTest, VOL13_APrivateMountCannotBePropagated) {
  ASSERT_EQ(::mount("", source_.c_str(), nullptr, MS_PRIVATE, nullptr), 0);
  const auto failed = start_failure_of(propagating(MountPropagation::Bidirectional, "true"));
  EXPECT_EQ(failed.reason, "CreateContainerError");
  EXPECT_THAT(failed.message, HasSubstr("mountPropagation Bidirectional needs a shared mount"));
  EXPECT_THAT(failed.message, HasSubstr("mount --make-rshared " + source_));
}

TEST_F(PropagationTest, VOL13_WhatAContainerMountedInItsVolumeGoesWithThePod) {
  const std::string state = directory_ + "/state";
  fs::create_directory(state);
  ASSERT_EQ(::mount("none", state.c_str(), "tmpfs", 0, nullptr), 0);
  ASSERT_EQ(::mount("", state.c_str(), nullptr, MS_SHARED, nullptr), 0);
  Pod pod = mounting(EmptyDirVolume{}, "mkdir $T/below && " + std::string(kMountBelow));
  mount_in(pod).mount_propagation = MountPropagation::Bidirectional;
  pod.spec.containers[0].security_context.privileged = true;
  EXPECT_EQ(output_of(pod), "done\n");
  EXPECT_TRUE(fs::exists(volume() + "/below/x"));
  forget(pod);
  EXPECT_FALSE(fs::exists(volume()));
  EXPECT_TRUE(unmount_below(state));
}

/// A runtime that measures all the time.
class SizeLimitTest : public ConfigVolumeTest {
 protected:
  void SetUp() override {
    ConfigVolumeTest::SetUp();
    if (!runtime_) return;
    RuntimeSettings settings{{directory_ + "/run", directory_ + "/state"}, PODVISOR_PAUSE_PATH};
    settings.volume_measure_period = std::chrono::milliseconds(1);
    runtime_ = std::make_unique<ProcessRuntime>(settings, loop_, events_, configs_, cgroups_.get(),
                                                &network_);
  }
};

TEST_F(SizeLimitTest, VOL3_WhoWritesTooMuchIsEvictedOnce) {
  const Pod pod = mounting(EmptyDirVolume{false, 1 << 20},
                           "head -c 500000 /dev/zero >$T/a; echo within; sleep 1000");
  make_sandbox(pod);
  start(pod);
  wait_for_log(pod, "within");
  EXPECT_EQ(exec(pod, {"true"}).exit_code, 0);  // measured meanwhile
  EXPECT_TRUE(events_.of<pod_event::Evicted>().empty());
  EXPECT_EQ(exec(pod, {"sh", "-c", "head -c 2000000 /dev/zero >" + target_ + "/b"}).exit_code, 0);
  EXPECT_EQ(wait_for<pod_event::Evicted>().message,
            "Usage of EmptyDir volume \"v\" exceeds the limit \"1Mi\". ");
  EXPECT_EQ(exec(pod, {"true"}).exit_code, 0);
  EXPECT_EQ(events_.of<pod_event::Evicted>().size(), 1U);
}

}  // namespace
}  // namespace podvisor
