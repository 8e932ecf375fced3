// What is said of an image that was had, what it says of its end, and what an OCI runtime is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "runtime/image_run.h"
#include "runtime/image_start.h"
#include "runtime/oci/bundle.h"
#include "runtime/oci/oci_config.h"

namespace podvisor {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(PulledMessage, EVT2_SaysHowLongItTook) {
  AcquiredImage image;
  EXPECT_EQ(pulled_message("app:1", image),
            "Container image \"app:1\" already present on machine and can be accessed by the pod");
  image.pulled = true;
  image.held.image.size = 4321;
  image.pull_time = std::chrono::milliseconds(345);
  image.waiting_time = std::chrono::milliseconds(1200);
  EXPECT_EQ(pulled_message("app:1", image),
            "Successfully pulled image \"app:1\" in 345ms (1.2s including waiting). Image size: "
            "4321 bytes.");
  image.pull_time = std::chrono::milliseconds(62'500);
  image.waiting_time = std::chrono::seconds(120);
  EXPECT_THAT(pulled_message("app:1", image), HasSubstr("in 1m2.5s (2m0s including"));
}

TEST(StopSignal, NamesAndNumbers) {
  const std::pair<const char*, int> cases[] = {
      {"", 0},   {"SIGQUIT", SIGQUIT}, {"QUIT", SIGQUIT}, {"3", 3},       {"SIGRTMIN", 0},
      {"-1", 0}, {"999", 0},           {"SIG", 0},        {"sigquit", 0}, {"SIGTERM", SIGTERM}};
  for (const auto& [text, number] : cases) EXPECT_EQ(signal_number(text), number) << text;
}

TEST(LastLoggedError, IsTheLastOneOfThoseThatAreErrors) {
  EXPECT_EQ(last_logged_error(""), "");
  EXPECT_EQ(last_logged_error("no json\n{}\n[1]\n{\"level\":\"error\",\"msg\":7}\n"), "");
  EXPECT_EQ(last_logged_error("{\"level\":\"error\",\"msg\":\"first\"}\n"
                              "{\"level\":\"error\",\"msg\":\"second\"}\n"
                              "{\"level\":\"warning\",\"msg\":\"third\"}\n"),
            "second");
}

json config_of(const OciContainer& container) { return json::parse(oci_config(container)); }

/// destination -> the mount.
json mount_at(const json& config, const std::string& target) {
  for (const json& mount : config["mounts"])
    if (mount["destination"] == target) return mount;
  return {};
}

TEST(OciConfig, ItsProcess) {
  OciContainer container;
  container.process.argv = {"/bin/app", "-x"};
  container.process.env = {"A=1"};
  container.process.working_directory = "/srv";
  container.process.uid = 1000;
  container.process.gid = 50;
  container.process.groups = {7};
  container.capabilities = {"CAP_CHOWN"};
  container.no_new_privileges = true;
  const json process = config_of(container)["process"];
  EXPECT_EQ(process["args"], json::array({"/bin/app", "-x"}));
  EXPECT_EQ(process["user"], json({{"uid", 1000}, {"gid", 50}, {"additionalGids", {7}}}));
  EXPECT_EQ(process["cwd"], "/srv");
  EXPECT_EQ(process["capabilities"]["bounding"], json::array({"CAP_CHOWN"}));
  EXPECT_FALSE(process["capabilities"].contains("ambient"));
  EXPECT_EQ(process["noNewPrivileges"], true);
}

TEST(OciConfig, SEC7_MasksProcUnlessPrivileged) {
  OciContainer container;
  EXPECT_THAT(config_of(container)["linux"]["maskedPaths"], Contains("/proc/kcore"));
  EXPECT_THAT(config_of(container)["linux"]["readonlyPaths"], Contains("/proc/sys"));
  container.privileged = true;
  EXPECT_FALSE(config_of(container)["linux"].contains("maskedPaths"));
  EXPECT_EQ(config_of(container)["linux"]["resources"]["devices"][0]["allow"], true);
}

TEST(OciConfig, SysIsThatOfItsNetwork) {
  OciContainer container;
  EXPECT_EQ(mount_at(config_of(container), "/sys")["type"], "sysfs");
  container.own_network = false;
  EXPECT_EQ(mount_at(config_of(container), "/sys")["type"], "bind");
}

TEST(OciConfig, VOL13_TheRootIsAsSharedAsItsMounts) {
  OciContainer container;
  container.mounts = {{"/b/0", "/data", true}, {"/b/1", "/etc/hosts"}};
  EXPECT_FALSE(config_of(container)["linux"].contains("rootfsPropagation"));
  EXPECT_EQ(mount_at(config_of(container), "/data")["options"],
            json::array({"rbind", "rprivate", "ro"}));
  container.mounts.push_back({"/b/2", "/s", false, "rslave"});
  EXPECT_EQ(config_of(container)["linux"]["rootfsPropagation"], "rslave");
  container.mounts.push_back({"/b/3", "/t", false, "rshared"});
  EXPECT_EQ(config_of(container)["linux"]["rootfsPropagation"], "rshared");
}

class ImageUserTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = "/tmp/podvisor-test-XXXXXX";
    ASSERT_NE(::mkdtemp(root_.data()), nullptr);
    std::filesystem::create_directory(root_ + "/etc");
    write("passwd", "root:x:0:0:root:/root:/bin/sh\nbroken\napp:x:1000:100:a:/srv:/bin/sh\n");
    write("group", "root:x:0:\nstaff:x:50:other,app\nempty:x:51:\n");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(root_ + "/etc/" + name) << text;
  }
  [[nodiscard]] Result<ImageUser> find(const std::string& user) const {
    return find_image_user(root_, user);
  }
  std::string root_;
};

TEST_F(ImageUserTest, SEC2_ByNameAndByNumber) {
  EXPECT_EQ(find("")->uid, 0U);
  EXPECT_TRUE(find("")->numeric);
  EXPECT_EQ(find("")->home, "/root");
  EXPECT_EQ(find("app")->uid, 1000U);
  EXPECT_EQ(find("app")->gid, 100U);
  EXPECT_FALSE(find("app")->numeric);
  EXPECT_THAT(find("app")->groups, ElementsAre(50));
  EXPECT_EQ(find("1000")->gid, 100U);
  EXPECT_TRUE(find("1000")->numeric);
  EXPECT_EQ(find("4321")->gid, 0U);
  EXPECT_EQ(find("app:staff")->gid, 50U);
  EXPECT_EQ(find("7:8")->gid, 8U);
  EXPECT_EQ(find_image_user(root_, uid_t{1000})->home, "/srv");
}

TEST_F(ImageUserTest, WhatIsNotThereIsNamed) {
  EXPECT_THAT(find("nobody").error().message, HasSubstr("no user nobody"));
  EXPECT_THAT(find("app:none").error().message, HasSubstr("no group none"));
}

TEST_F(ImageUserTest, NoLinkLeadsToTheHostsUsers) {
  std::filesystem::remove(root_ + "/etc/passwd");
  std::filesystem::create_symlink("/etc/passwd", root_ + "/etc/passwd");
  EXPECT_FALSE(find("daemon"));
  std::filesystem::remove(root_ + "/etc/passwd");
  ASSERT_EQ(::mkfifo((root_ + "/etc/passwd").c_str(), 0600), 0);
  EXPECT_FALSE(find("app"));
}

TEST(ImageRules, WhichOfAnImagesVolumesCanBeOne) {
  EXPECT_EQ(volume_path("/var/lib/data"), "/var/lib/data");
  EXPECT_EQ(volume_path("/var//lib/data/"), "/var/lib/data");
  for (const char* none : {"", "/", "//", "data", "/a/../b", "/..", "/proc", "/proc/sys", "/sys/fs",
                           "/dev/shm", "/dev"})
    EXPECT_EQ(volume_path(none), "") << none;
  EXPECT_EQ(volume_path("/device"), "/device");
}

TEST(ImageRules, ThisHostsDevicesButWhatEveryContainerHas) {
  for (const OciDevice& each : host_devices()) {
    EXPECT_TRUE(each.path.starts_with("/dev/")) << each.path;
    EXPECT_TRUE(each.type == 'c' || each.type == 'b') << each.path;
    for (const char* other : {"/dev/pts/", "/dev/shm/", "/dev/null", "/dev/ptmx", "/dev/console"})
      EXPECT_FALSE(each.path.starts_with(other)) << each.path;
  }
  EXPECT_TRUE(host_devices("/no/such/place").empty());
}

TEST(ImageRules, DevicesAreSaidInTheSpecificationsWords) {
  OciContainer container;
  container.devices = {{"/dev/fuse", 'c', 10, 229, 0666, 0, 0}};
  EXPECT_NE(
      oci_config(container).find(R"("devices":[{"fileMode":438,"gid":0,"major":10,"minor":229,)"
                                 R"("path":"/dev/fuse","type":"c","uid":0}])"),
      std::string::npos)
      << oci_config(container);
}

}  // namespace
}  // namespace podvisor
