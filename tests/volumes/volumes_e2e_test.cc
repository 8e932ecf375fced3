#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/un.h>

#include <cstring>

#include "logs/temporary_directory.h"
#include "podvisor/object_store.h"
#include "runtime/volumes/volumes.h"
#include "volumes/mount_namespace.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class VolumesTest : public MountNamespaceTest {
 protected:
  VolumesTest() { pod_.metadata.uid = "1234"; }
  ~VolumesTest() override { remove_volumes(pod_, layout_); }

  void add(const std::string& name, decltype(Volume::source) source) {
    pod_.spec.volumes.push_back({name, std::move(source)});
  }
  Status make() { return make_volumes(pod_, layout_, {configs_, node_}); }
  [[nodiscard]] std::string volume(const std::string& name) const {
    return layout_.volume("1234", name);
  }
  void expect_refused(const std::string& path, const std::string& type, const std::string& kind) {
    pod_.spec.volumes = {{"v", HostPathVolume{path, type}}};
    const Status made = make();
    ASSERT_FALSE(made) << type;
    EXPECT_EQ(made.error().message,
              "MountVolume.SetUp failed for volume \"v\" : hostPath type check failed: " + path +
                  " is not a " + kind);
  }
  void expect_made(const std::string& path, const std::string& type) {
    pod_.spec.volumes = {{"v", HostPathVolume{path, type}}};
    const Status made = make();
    EXPECT_TRUE(made) << made.error().message;
  }

  TemporaryDirectory directory_;
  Layout layout_{directory_ / "run", directory_ / "state"};
  ObjectStore configs_;
  NodeFacts node_{.cpu_millis = 2000, .memory_bytes = std::int64_t{1} << 30};
  Pod pod_;
};

TEST_F(VolumesTest, VOL1_EmptyDirIsOpenToAllWhateverTheUmask) {
  add("cache", EmptyDirVolume{});
  const mode_t before = ::umask(077);
  const Status made = make();
  ::umask(before);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(fs::status(volume("cache")).permissions(), fs::perms(0777));
  EXPECT_TRUE(fs::is_empty(volume("cache")));
}

TEST_F(VolumesTest, VolumesAreOutOfOtherUsersReach) {
  add("cache", EmptyDirVolume{});
  ASSERT_TRUE(make());
  EXPECT_EQ(fs::status(layout_.state_dir + "/pods").permissions(), fs::perms(0700));
}

TEST_F(VolumesTest, VOL1_MakingThemAgainChangesNothing) {
  add("cache", EmptyDirVolume{});
  add("memory", EmptyDirVolume{true, 1 << 20});
  ASSERT_TRUE(make());
  append_to_file(volume("cache") + "/kept", "1");
  append_to_file(volume("memory") + "/kept", "2");
  fs::permissions(volume("cache"), fs::perms(0711));
  ASSERT_TRUE(make());
  EXPECT_EQ(read_whole_file(volume("cache") + "/kept"), "1");
  EXPECT_EQ(read_whole_file(volume("memory") + "/kept"), "2");
  EXPECT_EQ(fs::status(volume("cache")).permissions(), fs::perms(0711));
}

TEST_F(VolumesTest, VOL1_AVolumeHalfMadeByAnEarlierRunIsFinished) {
  add("cache", EmptyDirVolume{});
  fs::create_directories(volume(".cache"));
  fs::permissions(volume(".cache"), fs::perms(0700));
  ASSERT_TRUE(make());
  EXPECT_EQ(fs::status(volume("cache")).permissions(), fs::perms(0777));
  EXPECT_FALSE(fs::exists(volume(".cache")));
}

TEST_F(VolumesTest, VOL2_MediumMemoryIsATmpfsOfTheRightSize) {
  add("memory", EmptyDirVolume{true, 1 << 20});
  ASSERT_TRUE(make());
  struct statfs facts {};
  ASSERT_EQ(::statfs(volume("memory").c_str(), &facts), 0);
  EXPECT_EQ(facts.f_type, 0x01021994);  // TMPFS_MAGIC
  EXPECT_EQ(static_cast<std::int64_t>(facts.f_blocks) * facts.f_bsize, 1 << 20);
  EXPECT_EQ(fs::status(volume("memory")).permissions(), fs::perms(0777));
}

TEST_F(VolumesTest, VOL12_FsGroupOwnsWhatIsMadeAndNoHostPath) {
  const std::string host = directory_ / "host";
  fs::create_directory(host);
  add("cache", EmptyDirVolume{});
  add("memory", EmptyDirVolume{true, 1 << 20});
  add("host", HostPathVolume{host, "Directory"});
  pod_.spec.fs_group = 4321;
  ASSERT_TRUE(make());
  const auto group_and_mode = [](const std::string& path) {
    struct stat facts {};
    EXPECT_EQ(::stat(path.c_str(), &facts), 0);
    return std::pair(facts.st_gid, facts.st_mode & mode_t{07777});
  };
  EXPECT_EQ(group_and_mode(volume("cache")), std::pair(gid_t{4321}, mode_t{02777}));
  EXPECT_EQ(group_and_mode(volume("memory")), std::pair(gid_t{4321}, mode_t{02777}));
  EXPECT_EQ(group_and_mode(host), std::pair(gid_t{0}, mode_t{0755}));
  // What is there already is not walked again, whatever fsGroupChangePolicy says.
  append_to_file(volume("cache") + "/file", "");
  ASSERT_EQ(::chown((volume("cache") + "/file").c_str(), 0, 1), 0);
  ASSERT_TRUE(make());
  EXPECT_EQ(group_and_mode(volume("cache") + "/file").first, 1U);
}

TEST_F(VolumesTest, RemovalLeavesNothing) {
  add("cache", EmptyDirVolume{});
  add("memory", EmptyDirVolume{true, 1 << 20});
  ASSERT_TRUE(make());
  fs::create_directories(volume("cache") + "/a/b/c");
  append_to_file(volume("memory") + "/file", "1");
  const Fd held(::open((volume("memory") + "/file").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(remove_volumes(pod_, layout_));
  EXPECT_FALSE(fs::exists(layout_.pod_state_dir("1234")));
  EXPECT_TRUE(remove_volumes(pod_, layout_));
}

TEST_F(VolumesTest, RemovalLeavesAHostPathAlone) {
  append_to_file(directory_ / "theirs", "content");
  add("host", HostPathVolume{directory_.path(), "Directory"});
  add("made", HostPathVolume{directory_ / "made", "DirectoryOrCreate"});
  ASSERT_TRUE(make());
  ASSERT_TRUE(remove_volumes(pod_, layout_));
  EXPECT_EQ(read_whole_file(directory_ / "theirs"), "content");
  EXPECT_TRUE(fs::is_directory(directory_ / "made"));
}

TEST_F(VolumesTest, VOL4_MissingPathsAreRefusedOrMade) {
  const std::string missing = directory_ / "missing";
  pod_.spec.volumes = {{"v", HostPathVolume{missing, ""}}};
  const Status made = make();
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr(missing + " does not exist on this host"));
  EXPECT_FALSE(fs::exists(missing));
  expect_refused(missing, "Directory", "directory");
  expect_refused(missing, "File", "file");
  expect_refused(missing, "Socket", "socket file");
  expect_refused(missing, "CharDevice", "character device");
  expect_refused(missing, "BlockDevice", "block device");
  expect_made(missing + "/and/below", "DirectoryOrCreate");
  EXPECT_EQ(fs::status(missing + "/and/below").permissions(), fs::perms(0755));
  expect_made(missing + "/file", "FileOrCreate");
  EXPECT_EQ(fs::status(missing + "/file").permissions(), fs::perms(0644));
}

TEST_F(VolumesTest, VOL4_FileOrCreateMakesNoParent) {
  pod_.spec.volumes = {{"v", HostPathVolume{directory_ / "missing/file", "FileOrCreate"}}};
  const Status made = make();
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("No such file or directory"));
}

TEST_F(VolumesTest, VOL4_AnExistingPathMustBeOfItsType) {
  const std::string file = directory_ / "file";
  append_to_file(file, "");
  const std::string link = directory_ / "link";
  fs::create_symlink(file, link);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, (directory_ / "socket").c_str(), sizeof(address.sun_path) - 1);
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);

  for (const char* type : {"", "File", "FileOrCreate"}) expect_made(file, type);
  expect_made(link, "File");
  for (const char* type : {"", "Directory", "DirectoryOrCreate"})
    expect_made(directory_.path(), type);
  expect_made(address.sun_path, "Socket");
  expect_made("/dev/null", "CharDevice");
  expect_refused(file, "Directory", "directory");
  expect_refused(directory_.path(), "FileOrCreate", "file");
  expect_refused(file, "Socket", "socket file");
  expect_refused("/dev/null", "BlockDevice", "block device");
  expect_refused("/dev/null", "File", "file");
}

}  // namespace
}  // namespace podvisor
