#include <fcntl.h>
#include <gmock/gmock.h>
#include <linux/openat2.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include "logs/temporary_directory.h"
#include "podvisor/object_store.h"
#include "runtime/volumes/volumes.h"
#include "volumes/mount_namespace.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// As pause does in the container's mount namespace.
bool move_onto_target(const Mount& mount) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_NO_SYMLINKS;
  const Fd target(
      static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, mount.target.c_str(), &how, sizeof(how))));
  return target && ::move_mount(mount.tree.get(), "", target.get(), "",
                                MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0;
}

class ContainerMounts : public MountNamespaceTest {
 protected:
  ContainerMounts() {
    pod_.metadata.uid = "1234";
    pod_.spec.containers.resize(1);
    fs::create_directory(host_);
  }
  ~ContainerMounts() override {
    unmount();
    remove_volumes(pod_, layout_);
  }

  void add_volume(const std::string& name, decltype(Volume::source) source) {
    pod_.spec.volumes.push_back({name, std::move(source)});
    const Status made = make_volumes(pod_, layout_, {configs_, node_});
    EXPECT_TRUE(made) << made.error().message;
  }
  void add_mount(const std::string& name, const std::string& path, bool read_only = false) {
    pod_.spec.containers[0].volume_mounts.push_back({name, path, read_only});
  }
  Result<std::vector<Mount>> mounts() {
    return container_mounts(pod_, pod_.spec.containers[0].volume_mounts, layout_);
  }
  void mount_all() {
    auto mounts = this->mounts();
    ASSERT_TRUE(mounts) << mounts.error().message;
    for (const Mount& mount : *mounts) {
      ASSERT_TRUE(move_onto_target(mount)) << mount.target << " " << errno;
      mounted_.push_back(mount.target);
    }
  }
  void unmount() {
    for (; !mounted_.empty(); mounted_.pop_back())
      ::umount2(mounted_.back().c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
  }
  [[nodiscard]] std::string volume(const std::string& name) const {
    return layout_.volume("1234", name);
  }
  [[nodiscard]] std::string refusal() {
    const auto mounts = this->mounts();
    return mounts ? "" : mounts.error().message;
  }

  TemporaryDirectory directory_;
  Layout layout_{directory_ / "run", directory_ / "state"};
  std::string host_ = directory_ / "host";
  ObjectStore configs_;
  NodeFacts node_{.cpu_millis = 2000, .memory_bytes = std::int64_t{1} << 30};
  Pod pod_;
  std::vector<std::string> mounted_;
};

TEST_F(ContainerMounts, AContainerWithoutVolumeMountsNeedsNone) {
  add_volume("cache", EmptyDirVolume{});
  const auto mounts = this->mounts();
  ASSERT_TRUE(mounts);
  EXPECT_TRUE(mounts->empty());
}

TEST_F(ContainerMounts, AVolumeIsSeenAtItsMountPath) {
  add_volume("cache", EmptyDirVolume{});
  add_mount("cache", host_ + "/var/cache/web/");
  mount_all();
  append_to_file(host_ + "/var/cache/web/file", "content");
  EXPECT_EQ(read_whole_file(volume("cache") + "/file"), "content");
  unmount();
  EXPECT_TRUE(fs::is_empty(host_ + "/var/cache/web"));
  ASSERT_TRUE(remove_volumes(pod_, layout_));
  EXPECT_TRUE(fs::is_empty(host_));
}

TEST_F(ContainerMounts, NothingShowsOnTheHostBeforeItIsMoved) {
  add_volume("cache", EmptyDirVolume{});
  append_to_file(volume("cache") + "/file", "");
  add_mount("cache", host_ + "/x");
  const auto mounts = this->mounts();
  ASSERT_TRUE(mounts);
  EXPECT_TRUE(fs::is_empty(host_ + "/x"));
}

TEST_F(ContainerMounts, ReadOnlyIsForThisMountAlone) {
  add_volume("cache", EmptyDirVolume{});
  add_mount("cache", host_ + "/ro", true);
  add_mount("cache", host_ + "/rw");
  mount_all();
  const Fd refused(::open((host_ + "/ro/file").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  EXPECT_FALSE(refused);
  EXPECT_EQ(errno, EROFS);
  append_to_file(host_ + "/rw/file", "1");
  append_to_file(volume("cache") + "/file", "2");
  EXPECT_EQ(read_whole_file(host_ + "/ro/file"), "12");
}

TEST_F(ContainerMounts, VOL13_ReadOnlyHoldsForWhatIsMountedBelowIfAsked) {
  fs::create_directories(directory_ / "source/inner");
  ASSERT_EQ(::mount("", (directory_ / "source/inner").c_str(), "tmpfs", 0, nullptr), 0);
  add_volume("host", HostPathVolume{directory_ / "source", "Directory"});
  add_mount("host", host_ + "/ro", true);
  add_mount("host", host_ + "/all-ro", true);
  pod_.spec.containers[0].volume_mounts[1].recursive_read_only = true;
  mount_all();
  const auto is_read_only = [](const std::string& path) {
    struct statvfs facts {};
    EXPECT_EQ(::statvfs(path.c_str(), &facts), 0);
    return (facts.f_flag & ST_RDONLY) != 0;
  };
  EXPECT_TRUE(is_read_only(host_ + "/ro"));
  EXPECT_FALSE(is_read_only(host_ + "/ro/inner"));
  EXPECT_TRUE(is_read_only(host_ + "/all-ro"));
  EXPECT_TRUE(is_read_only(host_ + "/all-ro/inner"));
  unmount();
  ::umount2((directory_ / "source/inner").c_str(), MNT_DETACH);
}

TEST_F(ContainerMounts, AFileIsMountedOnAFile) {
  append_to_file(directory_ / "conf", "content");
  add_volume("conf", HostPathVolume{directory_ / "conf", "File"});
  add_mount("conf", host_ + "/etc/app.conf");
  mount_all();
  EXPECT_EQ(read_whole_file(host_ + "/etc/app.conf"), "content");
  unmount();
  ASSERT_TRUE(remove_volumes(pod_, layout_));
  EXPECT_TRUE(fs::is_empty(host_));
  EXPECT_EQ(read_whole_file(directory_ / "conf"), "content");
}

TEST_F(ContainerMounts, VOL4_APathThatIsMissingSinceIsRefused) {
  fs::create_directory(directory_ / "missing");
  add_volume("host", HostPathVolume{directory_ / "missing", ""});
  add_mount("host", host_ + "/x");
  fs::remove(directory_ / "missing");
  EXPECT_THAT(refusal(), HasSubstr("volume host at mountPath " + host_ + "/x: mounting " +
                                   (directory_ / "missing") + ": No such file"));
}

TEST_F(ContainerMounts, VOL11_NestedMountsComeAfterTheirParents) {
  add_volume("outer", EmptyDirVolume{});
  add_volume("inner", EmptyDirVolume{true, 1 << 20});
  add_mount("inner", host_ + "/data/a/b");
  add_mount("outer", host_ + "/data");
  mount_all();
  append_to_file(host_ + "/data/a/b/file", "inner");
  append_to_file(host_ + "/data/file", "outer");
  EXPECT_EQ(read_whole_file(volume("inner") + "/file"), "inner");
  EXPECT_EQ(read_whole_file(volume("outer") + "/file"), "outer");
  EXPECT_TRUE(fs::is_empty(volume("outer") + "/a/b"));
  unmount();
  EXPECT_TRUE(fs::is_empty(host_ + "/data"));  // a and b were made in the volume
  ASSERT_TRUE(remove_volumes(pod_, layout_));
  EXPECT_TRUE(fs::is_empty(host_));
}

TEST_F(ContainerMounts, VOL11_ThreeLevelsAndTheSameAgain) {
  add_volume("v", EmptyDirVolume{});
  add_mount("v", host_ + "/a/b/c");
  add_mount("v", host_ + "/a");
  add_mount("v", host_ + "/a/b");
  for (int restart = 0; restart < 2; ++restart) {
    mount_all();
    append_to_file(host_ + "/a/b/c/file", "x");
    EXPECT_EQ(read_whole_file(volume("v") + "/file"), restart == 0 ? "x" : "xx");
    unmount();
  }
}

TEST_F(ContainerMounts, VOL11_ARelativeMountPathIsMeantFromTheRoot) {
  add_volume("v", EmptyDirVolume{});
  add_mount("v", (host_ + "/x").substr(1));
  const auto mounts = this->mounts();
  ASSERT_TRUE(mounts) << mounts.error().message;
  EXPECT_EQ(mounts->at(0).target, host_ + "/x");
}

TEST_F(ContainerMounts, AMountPointInsideAHostPathIsRemovedAgain) {
  fs::create_directory(directory_ / "source");
  add_volume("host", HostPathVolume{directory_ / "source", "Directory"});
  add_volume("cache", EmptyDirVolume{});
  add_mount("host", host_ + "/www");
  add_mount("cache", host_ + "/www/cache");
  mount_all();
  EXPECT_TRUE(fs::is_directory(directory_ / "source/cache"));
  unmount();
  ASSERT_TRUE(remove_volumes(pod_, layout_));
  EXPECT_TRUE(fs::is_empty(directory_ / "source"));
  EXPECT_TRUE(fs::is_empty(host_));
}

TEST_F(ContainerMounts, VOL5_AMountPointInsideAConfigMapIsMadeFromOutside) {
  ConfigObject object;
  object.metadata.name = "settings";
  object.data = {{"a", "A"}};
  configs_.set_config(object);
  add_volume("conf", ProjectedVolume{
                         {ConfigFiles{ConfigKind::ConfigMap, "settings", {}, false}}, 0644, false});
  add_volume("cache", EmptyDirVolume{});
  add_mount("conf", host_ + "/etc");
  add_mount("cache", host_ + "/etc/cache");
  mount_all();
  append_to_file(host_ + "/etc/cache/file", "x");
  EXPECT_EQ(read_whole_file(volume("cache") + "/file"), "x");
  const VolumeContent content{configs_, node_};
  object.data = {{"a", "B"}};
  configs_.set_config(object);
  ASSERT_TRUE(refresh_volumes(pod_, layout_, content));
  EXPECT_EQ(read_whole_file(host_ + "/etc/a"), "B");
  EXPECT_TRUE(fs::exists(host_ + "/etc/cache/file"));
}

TEST_F(ContainerMounts, VOL4_APathThatChangedItsTypeSinceIsRefused) {
  fs::create_directory(directory_ / "source");
  add_volume("host", HostPathVolume{directory_ / "source", "Directory"});
  add_mount("host", host_ + "/x");
  fs::remove(directory_ / "source");
  append_to_file(directory_ / "source", "");
  EXPECT_THAT(refusal(), HasSubstr("hostPath type check failed: " + (directory_ / "source") +
                                   " is not a directory"));
}

TEST_F(ContainerMounts, VOL10_ASubPathIsAllThatIsSeen) {
  add_volume("data", EmptyDirVolume{});
  add_mount("data", host_ + "/x");
  pod_.spec.containers[0].volume_mounts[0].sub_path = "a/b";
  mount_all();
  append_to_file(host_ + "/x/file", "x");
  EXPECT_EQ(read_whole_file(volume("data") + "/a/b/file"), "x");
  EXPECT_EQ(fs::status(volume("data") + "/a").permissions(), fs::perms(0777));
}

TEST_F(ContainerMounts, NoMountPointIsMadeInAReadOnlyVolume) {
  fs::create_directory(directory_ / "source");
  add_volume("host", HostPathVolume{directory_ / "source", "Directory"});
  add_volume("cache", EmptyDirVolume{});
  add_mount("host", host_ + "/www", true);
  add_mount("cache", host_ + "/www/cache");
  EXPECT_THAT(refusal(),
              HasSubstr("/www/cache: making the directory cache: Read-only file system"));
  fs::create_directory(directory_ / "source/cache");
  mount_all();
}

TEST_F(ContainerMounts, ALinkThatAContainerPutIntoAVolumeLeadsNowhere) {
  add_volume("shared", EmptyDirVolume{});
  add_volume("inner", EmptyDirVolume{});
  add_mount("shared", host_ + "/data");
  add_mount("inner", host_ + "/data/conf/inner");
  fs::create_directory(directory_ / "precious");
  fs::create_symlink(directory_ / "precious", volume("shared") + "/conf");
  EXPECT_THAT(refusal(),
              HasSubstr("/data/conf/inner: opening the directory conf: Not a directory"));
  EXPECT_TRUE(fs::is_empty(directory_ / "precious"));

  fs::remove(volume("shared") + "/conf");
  fs::create_directory(volume("shared") + "/conf");
  fs::create_symlink(directory_ / "precious", volume("shared") + "/conf/inner");
  EXPECT_NE(refusal(), "");
}

TEST_F(ContainerMounts, AComponentSwappedForALinkMeanwhileStopsTheMove) {
  add_volume("shared", EmptyDirVolume{});
  add_volume("inner", EmptyDirVolume{});
  add_mount("shared", host_ + "/data");
  add_mount("inner", host_ + "/data/conf/inner");
  auto mounts = this->mounts();
  ASSERT_TRUE(mounts) << mounts.error().message;
  ASSERT_TRUE(move_onto_target(mounts->at(0)));
  mounted_.push_back(mounts->at(0).target);
  fs::create_directories(directory_ / "precious/inner");
  fs::rename(volume("shared") + "/conf", volume("shared") + "/old");
  fs::create_symlink(directory_ / "precious", volume("shared") + "/conf");
  EXPECT_FALSE(move_onto_target(mounts->at(1)));
  EXPECT_EQ(errno, ELOOP);
}

TEST_F(ContainerMounts, LinksOfTheHostAreFollowed) {
  fs::create_directory(host_ + "/run");
  fs::create_symlink("run", host_ + "/var-run");
  add_volume("v", EmptyDirVolume{});
  add_volume("w", EmptyDirVolume{});
  add_mount("v", host_ + "/run");
  add_mount("w", host_ + "/var-run/w");
  const auto mounts = this->mounts();
  ASSERT_TRUE(mounts) << mounts.error().message;
  EXPECT_EQ(mounts->at(1).target, host_ + "/run/w");
  EXPECT_TRUE(fs::is_directory(volume("v") + "/w"));  // and not in the host's own /run
  EXPECT_TRUE(fs::is_empty(host_ + "/run"));
}

TEST_F(ContainerMounts, ABadMountIsNamed) {
  add_volume("v", EmptyDirVolume{});
  add_mount("v", "/");
  EXPECT_THAT(refusal(), HasSubstr("volume v at mountPath /: it would hide every file"));
  pod_.spec.containers[0].volume_mounts = {{"unknown", "/x", false}};
  EXPECT_THAT(refusal(), HasSubstr("volume unknown at mountPath /x: there is no volume"));
}

}  // namespace
}  // namespace podvisor
