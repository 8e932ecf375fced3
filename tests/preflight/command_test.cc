#include <gtest/gtest.h>

#include "preflight/fake_host.h"

namespace podvisor {
namespace {

class CommandTest : public testing::Test {
 protected:
  Container& main() { return pod_.spec.containers[0]; }
  /// The one problem's message, or nothing.
  [[nodiscard]] std::string message() const {
    const auto problems = preflight(pod_, facts_, host_);
    if (problems.size() > 1) return "more than one problem";
    return problems.empty() ? "" : problems[0].message;
  }
  std::string of_command(const std::string& command) {
    main().command = {command};
    return message();
  }
  void add_file(const std::string& path, mode_t mode = S_IFREG | 0755, std::uint32_t uid = 0) {
    host_.files[path] = {mode, uid, 0};
  }

  FakeHost host_;
  HostFacts facts_ = root_facts();
  Pod pod_ = simple_pod();
};

TEST_F(CommandTest, IsFoundInTheDefaultPath) {
  EXPECT_EQ(of_command("sleep"), "");
  EXPECT_EQ(of_command("slep"),
            "command slep is not in any directory of the container's PATH "
            "(/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin); install it, give its "
            "full path, or set PATH in env");
  EXPECT_EQ(preflight(pod_, facts_, host_)[0].field, "spec.containers[0].command[0]");
}

TEST_F(CommandTest, IsFoundInTheContainersOwnPath) {
  add_file("/opt/app/bin/serve");
  main().env = {{"APP", "/opt/app"}, {"PATH", "$(APP)/bin:/usr/bin"}};
  EXPECT_EQ(of_command("serve"), "");
  EXPECT_EQ(of_command("sleep"), "");
  main().env = {{"PATH", "/opt/app/bin"}};
  EXPECT_NE(of_command("sleep"), "");
  main().env = {{"PATH", "$(PATH):/opt/app/bin"}};  // there is none before it to refer to
  EXPECT_EQ(of_command("serve"), "");
  EXPECT_NE(of_command("sleep"), "");
}

TEST_F(CommandTest, RelativeDirectoriesOfPathAreNotSearched) {
  add_file("/bin2/serve");
  main().env = {{"PATH", "bin2::.:"}};
  EXPECT_NE(of_command("serve"), "");
}

TEST_F(CommandTest, ByFullPathMustBeAnExecutableFile) {
  EXPECT_EQ(of_command("/usr/bin/sleep"), "");
  EXPECT_EQ(of_command("/usr/bin/nginx"),
            "command /usr/bin/nginx does not exist on this host; install or correct it");
  EXPECT_EQ(of_command("/srv"), "command /srv is a directory");
  add_file("/run.sh", S_IFREG | 0644);
  EXPECT_EQ(of_command("/run.sh"),
            "command /run.sh is not executable for the container's user; chmod +x it");
  add_file("/run.socket", S_IFSOCK | 0755);
  EXPECT_NE(of_command("/run.socket"), "");
}

TEST_F(CommandTest, NotExecutableInPathIsSaidRatherThanNotFound) {
  add_file("/usr/sbin/serve", S_IFREG | 0644);
  EXPECT_EQ(of_command("serve"),
            "command /usr/sbin/serve is not executable for the container's user; chmod +x it");
  add_file("/usr/bin/serve");
  EXPECT_EQ(of_command("serve"), "");
}

TEST_F(CommandTest, ExecutableIsAskedForTheContainersUser) {
  add_file("/owner-only", S_IFREG | 0700, 33);
  add_file("/others-only", S_IFREG | 0601, 33);
  EXPECT_EQ(of_command("/owner-only"), "");
  main().security_context.run_as_user = 33;
  EXPECT_EQ(of_command("/owner-only"), "");
  EXPECT_NE(of_command("/others-only"), "");
  main().security_context.run_as_user = 34;
  EXPECT_NE(of_command("/owner-only"), "");
  EXPECT_EQ(of_command("/others-only"), "");
}

TEST_F(CommandTest, WithASlashIsRelativeToTheWorkingDirectory) {
  add_file("/srv/bin/serve");
  main().working_dir = "/srv";
  EXPECT_EQ(of_command("bin/serve"), "");
  EXPECT_EQ(of_command("./bin/../bin/serve"), "");
  EXPECT_EQ(of_command("./serve"),
            "command /srv/serve does not exist on this host; install or correct it");
  main().working_dir = "";
  EXPECT_EQ(of_command("srv/bin/serve"), "");
}

TEST_F(CommandTest, EXP2_VariablesAreExpanded) {
  main().env = {{"BIN", "/usr/bin"}, {"TOOL", "sleep"}};
  EXPECT_EQ(of_command("$(BIN)/$(TOOL)"), "");
  EXPECT_EQ(of_command("$(TOOL)"), "");
  EXPECT_NE(of_command("$(BIN)/nginx"), "");
  EXPECT_EQ(of_command("$(HOME)/bin/serve"), "");  // which only the runtime knows
}

TEST_F(CommandTest, ENV6_WhatIsLookedUpLaterMayBeAnything) {
  main().env = {{"TOOL", "", ConfigKeySelector{ConfigKind::ConfigMap, "tools", "tool", false}}};
  EXPECT_EQ(of_command("/usr/bin/$(TOOL)"), "");
  EXPECT_NE(of_command("slep"), "");
  main().env = {{"PATH", "", ConfigKeySelector{ConfigKind::ConfigMap, "tools", "path", false}}};
  EXPECT_EQ(of_command("slep"), "");
  main().env = {{"PATH", "$(PATH):/opt"}};
  EXPECT_NE(of_command("slep"), "");
  main().env_from = {{"", ConfigKind::ConfigMap, "tools", false}};
  EXPECT_EQ(of_command("slep"), "");
  main().env = {{"PATH", "/opt"}};
  EXPECT_NE(of_command("slep"), "");
}

TEST_F(CommandTest, MustBeGiven) {
  EXPECT_EQ(of_command(""), "the command is empty");
  main().command = {};
  EXPECT_EQ(message(), "a container without an image needs a command");
}

TEST_F(CommandTest, InAVolumeIsLookedForWhereTheVolumeComesFrom) {
  pod_.spec.volumes = {{"app", HostPathVolume{"/srv", "Directory"}}, {"made", EmptyDirVolume{}}};
  main().volume_mounts = {{"app", "/app", false}, {"made", "/app/made/", false}};
  add_file("/srv/bin/serve");
  add_file("/app/bin/hidden");
  EXPECT_EQ(of_command("/app/bin/serve"), "");
  EXPECT_EQ(of_command("/app/bin/hidden"),
            "command /app/bin/hidden does not exist on this host; install or correct it");
  EXPECT_EQ(of_command("/app/made/by-an-init-container"), "");
  main().env = {{"PATH", "/usr/bin:/app/made"}};
  EXPECT_EQ(of_command("by-an-init-container"), "");
}

TEST_F(CommandTest, TheWorkingDirectoryMustBeOne) {
  main().working_dir = "/srv/";
  EXPECT_EQ(message(), "");
  main().working_dir = "/missing";
  EXPECT_EQ(message(), "/missing does not exist on this host; make it, or correct it");
  EXPECT_EQ(preflight(pod_, facts_, host_)[0].field, "spec.containers[0].workingDir");
  main().working_dir = "/usr/bin/sleep";
  EXPECT_EQ(message(), "/usr/bin/sleep is not a directory");
}

TEST_F(CommandTest, TheWorkingDirectoryMayBeInAVolume) {
  pod_.spec.volumes = {{"app", HostPathVolume{"/srv", ""}}, {"made", EmptyDirVolume{}}};
  main().volume_mounts = {{"app", "/app", false}, {"made", "/made", false}};
  main().working_dir = "/app";
  EXPECT_EQ(message(), "");
  main().working_dir = "/made/later";
  EXPECT_EQ(message(), "");
  main().working_dir = "/app/missing";
  EXPECT_NE(message(), "");
}

}  // namespace
}  // namespace podvisor
