// What a child may do and see, read back from the kernel.
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "pause_fixture.h"

namespace podvisor {
namespace {

class ConfineTest : public PauseFixture {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
    PauseFixture::SetUp();
  }

  std::string status_of(SpawnRequest request, const std::string& fields) {
    request.argv = {"grep", "-E", "^(" + fields + "):", "/proc/self/status"};
    return output_of(std::move(request));
  }

  /// The programs of `ps` in the pid namespace of pause's children.
  static SpawnRequest with_proc(SpawnRequest request) {
    request.view.own = request.view.proc = true;
    return request;
  }
};

/// uname(2) is refused with `error_number`; everything else goes.
std::string filter_without_uname(std::uint32_t error_number) {
  const sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_uname, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error_number),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  return {reinterpret_cast<const char*>(code), sizeof code};
}

TEST_F(ConfineTest, SEC8_RootHasWhatTheMaskSaysAndCannotGetMore) {
  start();
  SpawnRequest request = command(1, {});
  request.confinement.capabilities = 0x4000000401;  // CHOWN, NET_BIND_SERVICE, PERFMON
  EXPECT_EQ(status_of(request, "Cap.*"),
            "CapInh:\t0000000000000000\nCapPrm:\t0000004000000401\nCapEff:\t0000004000000401\n"
            "CapBnd:\t0000004000000401\nCapAmb:\t0000000000000000\n");
}

TEST_F(ConfineTest, SEC8_OtherUsersHaveNoneButTheBoundsHold) {
  start();
  SpawnRequest request = command(1, {});
  request.uid = request.gid = 4321;
  request.confinement.capabilities = 0x401;
  EXPECT_EQ(status_of(request, "CapPrm|CapEff|CapBnd"),
            "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000401\n");
}

TEST_F(ConfineTest, SEC8_WithoutAMaskCapabilitiesStayAsTheyAre) {
  start();
  std::ifstream own("/proc/self/status");
  std::ostringstream text;
  text << own.rdbuf();
  const std::string bounds = status_of(command(1, {}), "CapBnd");
  EXPECT_NE(text.str().find(bounds), std::string::npos) << bounds;
}

TEST_F(ConfineTest, SEC6_AFilterHoldsInAPrivilegedChild) {
  start();
  SpawnRequest request = command(1, {"uname"});
  request.confinement.seccomp_filter = filter_without_uname(ENOSYS);
  EXPECT_NE(output_of(request).find("Function not implemented"), std::string::npos);
  request.id = 2;
  EXPECT_EQ(status_of(request, "Seccomp|NoNewPrivs"), "NoNewPrivs:\t0\nSeccomp:\t2\n");
}

TEST_F(ConfineTest, SEC6_AFilterHoldsForAnotherUserWithoutNewPrivileges) {
  start();
  SpawnRequest request = command(1, {"uname"});
  request.uid = 4321;
  request.confinement.no_new_privileges = true;
  request.confinement.capabilities = 0;
  request.confinement.seccomp_filter = filter_without_uname(EPERM);
  EXPECT_NE(output_of(request).find("Operation not permitted"), std::string::npos);
  request.id = 2;
  EXPECT_EQ(status_of(request, "Seccomp|NoNewPrivs"), "NoNewPrivs:\t1\nSeccomp:\t2\n");
}

TEST_F(ConfineTest, AFilterThatIsNoProgramStopsTheChild) {
  start();
  SpawnRequest request = command(1, {"true"});
  request.confinement.seccomp_filter = std::string(8, '\xff');
  spawn(request);
  run_until(loop_, [&] { return told_.failures.contains(1); });
  EXPECT_EQ(told_.failures[1].step, pause::Step::Seccomp);
  EXPECT_EQ(told_.failures[1].error_number, EINVAL);
}

TEST_F(ConfineTest, AnAppArmorProfileThatIsNotThereStopsTheChild) {
  start();
  SpawnRequest request = command(1, {"true"});
  request.confinement.app_armor = "podvisor-test-no-such-profile";
  spawn(request);
  run_until(loop_, [&] { return told_.failures.contains(1) || told_.exits.contains(1); });
  ASSERT_TRUE(told_.failures.contains(1));
  // With AppArmor execve says so; without it there is nobody to write to.
  EXPECT_TRUE(told_.failures[1].step == pause::Step::AppArmor ||
              told_.failures[1].step == pause::Step::Exec);
}

TEST_F(ConfineTest, SEC9_TheRootIsReadOnlyAndAMountIsNot) {
  start();
  const std::string target = directory_ + "/data";
  std::filesystem::create_directory(target);
  const Fd tree(
      static_cast<int>(::open_tree(AT_FDCWD, target.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
  ASSERT_TRUE(tree);
  SpawnRequest request = script(1, "touch " + directory_ + "/no; touch " + target + "/yes; ls " +
                                       target + "; findmnt -no OPTIONS / | cut -d, -f1");
  request.mounts = {{tree.get(), target}};
  request.view.own = request.view.read_only_root = true;
  const std::string text = output_of(request);
  EXPECT_NE(text.find("Read-only file system"), std::string::npos) << text;
  EXPECT_NE(text.find("yes\nro\n"), std::string::npos) << text;
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/no"));
}

TEST_F(ConfineTest, NET1_ChildrenShareAPidNamespaceWithPauseAsItsInit) {
  settings_.pid = true;
  start();
  const SpawnRequest sleeper = command(1, {"sleep", "1000"});
  spawn(sleeper);
  run_until(loop_, [&] { return told_.pids.contains(1); });
  const SpawnRequest other =
      with_proc(script(2, "cat /proc/1/comm; cd /proc; for p in [0-9]*; do cat $p/comm; done"));
  const std::string text = output_of(other);
  EXPECT_EQ(text.substr(0, text.find('\n')), "podvisor-pause");
  EXPECT_NE(text.find("sleep\n"), std::string::npos) << text;
  // Of the host's processes there is none: init, sleep, sh and cat.
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 5) << text;
  // pause itself stays outside, and so does what podvisor knows of pids.
  EXPECT_TRUE(std::filesystem::exists("/proc/" + std::to_string(told_.pids[1])));
  client_->signal(1, SIGTERM);
  EXPECT_EQ(WTERMSIG(wait_status_of(1)), SIGTERM);
}

TEST_F(ConfineTest, NET1_InitReapsOrphansOfThePidNamespace) {
  settings_.pid = true;
  start();
  const std::string file = directory_ + "/orphan";
  const SpawnRequest request =
      with_proc(script(1, "sh -c 'sleep 0.01 & echo $!' >" + file + "; read p <" + file +
                              "; while [ -e /proc/$p ]; do sleep 0.01; done; echo reaped"));
  EXPECT_EQ(output_of(request), "reaped\n");
}

TEST_F(ConfineTest, NET1_WithItsInitThePidNamespaceEndsAndPauseToo) {
  settings_.pid = true;
  start();
  spawn(command(1, {"sleep", "1000"}));
  run_until(loop_, [&] { return told_.pids.contains(1); });
  std::ifstream children("/proc/" + std::to_string(client_->pid()) + "/task/" +
                         std::to_string(client_->pid()) + "/children");
  pid_t init = 0;
  children >> init;
  ASSERT_NE(init, told_.pids[1]);
  kill(init, SIGKILL);
  run_until(loop_, [&] { return told_.died; });
  EXPECT_EQ(WTERMSIG(told_.exits[1]), SIGKILL);
}

TEST_F(ConfineTest, NET1_WithPauseThePidNamespaceEnds) {
  settings_.pid = true;
  start();
  spawn(command(1, {"sleep", "1000"}));
  run_until(loop_, [&] { return told_.pids.contains(1); });
  const Fd child(static_cast<int>(::syscall(SYS_pidfd_open, told_.pids[1], 0)));
  bool ended = false;
  Poll watch(loop_, child.get(), [&](int, int) {
    ended = true;
    watch.stop();
  });
  watch.start(UV_READABLE);
  kill(client_->pid(), SIGKILL);
  run_until(loop_, [&] { return told_.died && ended; });
}

TEST_F(ConfineTest, SEC7_PathsOfProcAreMaskedAndReadOnly) {
  settings_.pid = true;
  settings_.network = true;
  start();
  SpawnRequest request = with_proc(
      script(1,
             "wc -c </proc/cpuinfo; ls /proc/bus | wc -l; "
             "echo 1 >/proc/sys/net/ipv4/ip_forward; test -e /proc/no-such-file || echo none"));
  request.view.masked_paths = {"/proc/cpuinfo", "/proc/bus", "/proc/no-such-file"};
  request.view.read_only_paths = {"/proc/sys"};
  const std::string text = output_of(request);
  EXPECT_EQ(text.substr(0, 4), "0\n0\n");
  EXPECT_NE(text.find("Read-only file system"), std::string::npos) << text;
  EXPECT_NE(text.find("none\n"), std::string::npos) << text;
}

TEST_F(ConfineTest, SysctlsAreThoseOfTheNewNamespaces) {
  settings_.network = settings_.ipc = true;
  settings_.sysctls = {"net/ipv4/ip_unprivileged_port_start=81", "kernel/shm_rmid_forced=1"};
  start();
  EXPECT_EQ(output_of(script(1,
                             "cat /proc/sys/net/ipv4/ip_unprivileged_port_start "
                             "/proc/sys/kernel/shm_rmid_forced")),
            "81\n1\n");
  std::ifstream own("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  int port = 0;
  own >> port;
  EXPECT_NE(port, 81);
}

TEST_F(ConfineTest, ASysctlThatIsRefusedIsNamed) {
  settings_.network = true;
  settings_.sysctls = {"net/ipv4/tcp_syncookies=1", "net/ipv4/ping_group_range=nonsense"};
  start();
  run_until(loop_, [&] { return told_.died; });
  ASSERT_EQ(told_.refused.size(), 1U);
  EXPECT_EQ(told_.refused[0].step, pause::Step::Sysctl);
  EXPECT_EQ(told_.refused[0].item, 1U);
  EXPECT_EQ(told_.refused[0].error_number, EINVAL);
}

}  // namespace
}  // namespace podvisor
