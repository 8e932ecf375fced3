// What a container with an image sees of itself, read back from the inside (after the OCI
// runtime-tools' validation): namespaces, capabilities, mounts, devices, limits, and that no link
// in an image leads a mount out of it.
#include <gmock/gmock.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <fstream>

#include "e2e/image_host.h"

namespace podvisor {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ImageInside : public ImageHost {
 protected:
  /// A pod of two containers that stay, with more said of the first and of the pod.
  void start(const std::string& main = "", const std::string& spec = "",
             const std::string& tag = "plain") {
    serve();
    write_pod("  - name: main\n    image: '" + image_name(tag) +
                  "'\n    command: [sh, -c, 'trap exit TERM; sleep 1000 & wait']\n" + main +
                  "  - name: other\n    image: '" + image_name() +
                  "'\n    command: [sh, -c, 'trap exit TERM; sleep 1000 & wait']\n",
              spec);
    ASSERT_TRUE(eventually([&] { return ready("a"); })) << why();
  }
  [[nodiscard]] std::string inside(const std::string& container, const std::string& script) const {
    const CommandResult ran = cli_exec(container, script);
    return ran.out + ran.err;
  }
  CommandResult cli_exec(const std::string& container, const std::string& script) const {
    return run_command(
        {PODVISOR, "exec", "--socket", socket(), "a", "-c", container, "--", "sh", "-c", script});
  }
  [[nodiscard]] std::string space(const std::string& container, const std::string& kind) const {
    return inside(container, "readlink /proc/self/ns/" + kind);
  }
  static std::string of_host(const std::string& kind) {
    return namespace_of(::getpid(), kind) + "\n";
  }
};

TEST_F(ImageInside, NET1_WhichNamespacesAreSharedAndWhichAreNot) {
  start();
  for (const char* kind : {"net", "ipc", "uts"}) {
    EXPECT_EQ(space("main", kind), space("other", kind)) << kind;
    EXPECT_NE(space("main", kind), of_host(kind)) << kind;
  }
  for (const char* kind : {"mnt", "pid"}) {
    EXPECT_NE(space("main", kind), space("other", kind)) << kind;
    EXPECT_NE(space("main", kind), of_host(kind)) << kind;
  }
  EXPECT_EQ(space("main", "user"), of_host("user"));
}

TEST_F(ImageInside, NET1_TheHostsWhereTheManifestSaysSo) {
  start("", "  hostPID: true\n  hostIPC: true\n");
  for (const char* kind : {"pid", "ipc"}) EXPECT_EQ(space("main", kind), of_host(kind));
  EXPECT_NE(space("main", "mnt"), of_host("mnt"));
}

TEST_F(ImageInside, NET1_OnePidNamespaceForAll) {
  start("", "  shareProcessNamespace: true\n");
  EXPECT_EQ(space("main", "pid"), space("other", "pid"));
  EXPECT_NE(space("main", "pid"), of_host("pid"));
}

/// As the container's own process, so an exec's.
TEST_F(ImageInside, SEC8_AnExecHasTheContainersRights) {
  start(
      "    securityContext: {allowPrivilegeEscalation: false, runAsUser: 1000, "
      "seccompProfile: {type: RuntimeDefault}, capabilities: {drop: [ALL]}}\n");
  const std::string lines = "grep -E 'Cap|NoNewPrivs|Seccomp:|Uid|Groups' /proc/";
  const std::string own = inside("main", lines + "1/status");
  EXPECT_EQ(inside("main", lines + "self/status"), own);
  EXPECT_THAT(own, HasSubstr("CapBnd:\t0000000000000000"));
  EXPECT_THAT(own, HasSubstr("NoNewPrivs:\t1"));
  EXPECT_THAT(own, HasSubstr("Seccomp:\t2"));
  EXPECT_THAT(own, HasSubstr("Uid:\t1000\t1000\t1000\t1000"));
  // v2 beside v1 confines nothing.
  EXPECT_EQ(inside("main", "grep -v ^0:: /proc/self/cgroup"),
            inside("main", "grep -v ^0:: /proc/1/cgroup"));
  EXPECT_EQ(inside("main", "cat /proc/self/limits"), inside("main", "cat /proc/1/limits"));
}

/// Of those that this kernel has.
TEST_F(ImageInside, SEC7_MaskedAndReadOnlyPaths) {
  start();
  EXPECT_EQ(inside("main",
                   "for each in kcore keys timer_list interrupts sched_debug; do "
                   "test ! -e /proc/$each || cat /proc/$each; done | wc -c"),
            "0\n");
  EXPECT_EQ(inside("main",
                   "for each in /proc/acpi/* /proc/scsi/* /sys/firmware/*; do "
                   "test ! -e $each || echo $each; done"),
            "");
  EXPECT_THAT(inside("main", "echo 1 >/proc/sys/kernel/domainname"), HasSubstr("Read-only"));
  EXPECT_THAT(inside("main", "touch /sys/kernel/x"), HasSubstr("Read-only"));
}

TEST_F(ImageInside, TheUsualMountsAndDevices) {
  start();
  const std::string mounts = inside("main", "cat /proc/self/mounts");
  for (const char* each :
       {" / overlay rw", " /proc proc rw,nosuid,nodev,noexec", " /dev tmpfs rw,nosuid",
        " /dev/pts devpts rw,nosuid,noexec", " /dev/mqueue mqueue rw,nosuid,nodev,noexec",
        " /sys sysfs ro,nosuid,nodev,noexec", " /dev/shm tmpfs"})
    EXPECT_THAT(mounts, HasSubstr(each));
  EXPECT_EQ(inside("main",
                   "for each in null zero full random urandom tty; do "
                   "test -c /dev/$each || echo $each; done; readlink /dev/stdin; readlink /dev/fd"),
            "/proc/self/fd/0\n/proc/self/fd\n");
  EXPECT_EQ(inside("main", "echo kept >/dev/null; head -c 2 /dev/zero | wc -c"), "2\n");
  EXPECT_EQ(inside("main", "grep -c -E '^[^ ]+ [^ ]*podvisor' /proc/self/mounts; true"), "0\n");
}

TEST_F(ImageInside, SEC_APrivilegedOneHasTheHostsDevices) {
  start("    securityContext: {privileged: true}\n");
  std::string some;  // one that no container has otherwise
  for (const auto& each : std::filesystem::directory_iterator("/dev"))
    if (each.is_character_file() || each.is_block_file())
      for (const char* name : {"kmsg", "loop-control", "fuse", "loop0", "vda", "sda"})
        if (each.path().filename() == name) some = name;
  if (some.empty()) GTEST_SKIP() << "this host's /dev has only what every container has";
  const std::string facts = "stat -c '%t %T %F' /dev/" + some;
  EXPECT_EQ(inside("main", facts), run_command({"sh", "-c", facts}).out);
  EXPECT_THAT(inside("other", "ls /dev/" + some), HasSubstr("No such file"));
}

/// What an image has where something is to be mounted is a link to somewhere on the host: the mount
/// stays inside, the host's directory is as it was.
TEST_F(ImageInside, NoLinkInTheImageLeadsAMountOut) {
  const std::string trap = dir() + "/trap";
  for (const char* name : {"/etc", "/data", "/anon"})
    std::filesystem::create_directories(trap + name);
  std::ofstream(trap + "/file") << "the host's\n";
  make_image("links", {"--config.volume", "/anon"});
  const std::string root = dir() + "/links";
  for (const char* name : {"/etc", "/a", "/b"}) std::filesystem::create_directories(root + name);
  std::filesystem::create_directory_symlink("../../../../../../.." + trap, root + "/out");
  std::filesystem::create_directory_symlink(trap + "/data", root + "/a/data");
  std::filesystem::create_directory_symlink(trap + "/anon", root + "/anon");
  std::filesystem::create_symlink(trap + "/file", root + "/b/log");
  for (const char* name : {"hosts", "hostname", "resolv.conf"})
    std::filesystem::create_symlink("../../../../.." + trap + "/file",
                                    root + "/etc/" + std::string(name));
  for (const char* each :
       {"/out", "/a", "/b", "/anon", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf"})
    ASSERT_EQ(run_command({"umoci", "insert", "--image", layout() + ":links", root + each, each})
                  .exit_code,
              0);
  start(
      "    terminationMessagePath: /b/log\n"
      "    volumeMounts: [{name: v, mountPath: /out/etc}, {name: v, mountPath: /a/data}]\n",
      "  volumes: [{name: v, emptyDir: {}}]\n", "links");
  EXPECT_EQ(inside("main", "echo mine >/a/data/new; cat /out/etc/new"), "mine\n");
  EXPECT_THAT(inside("main", "cat /etc/hostname"), Not(HasSubstr("the host's")));
  EXPECT_EQ(inside("main", "echo x >/anon/here; cat /anon/here"), "x\n");
  EXPECT_EQ(read_file(trap + "/file"), "the host's\n");
  for (const char* name : {"/etc", "/data", "/anon"})
    EXPECT_TRUE(std::filesystem::is_empty(trap + name)) << name;
}

/// VOLUME: begins with what the image has there, outlives a run, and is not the image's.
TEST_F(ImageInside, AnImagesVolumesOutliveARun) {
  make_image("kept", {"--config.volume", "/srv/owned", "--config.volume", "/new"});
  const std::string file = dir() + "/seed";
  std::ofstream(file) << "from the image\n";
  ASSERT_EQ(run_command({"umoci", "insert", "--image", layout() + ":kept", file, "/srv/owned/seed"})
                .exit_code,
            0);
  start("", "", "kept");
  EXPECT_EQ(inside("main", "cat /srv/owned/seed; stat -c %u:%g /srv/owned; ls /new"),
            "from the image\n1000:1000\n");
  cli_exec("main", "echo kept >/srv/owned/mine; rm /srv/owned/seed; echo gone >/mark; kill 1");
  ASSERT_TRUE(eventually([&] { return container("a", "main").value("restartCount", 0) == 1; }));
  ASSERT_TRUE(eventually([&] { return ready("a"); })) << why();
  EXPECT_EQ(inside("main", "cat /srv/owned/mine; ls /srv/owned; ls /mark 2>/dev/null; true"),
            "kept\nmine\n");
}

TEST_F(ImageInside, AVolumeOfTheManifestIsInPlaceOfTheImages) {
  make_image("kept", {"--config.volume", "/srv/owned"});
  start("    volumeMounts: [{name: v, mountPath: /srv/owned/}]\n",
        "  volumes: [{name: v, emptyDir: {}}]\n", "kept");
  EXPECT_EQ(inside("main", "grep -c ' /srv/owned ' /proc/self/mounts"), "1\n");
  EXPECT_THAT(inside("main", "grep ' /srv/owned ' /proc/self/mounts"), Not(HasSubstr("overlay")));
}

/// tty: what is written to the terminal is in the log, with a terminal's line ends.
TEST_F(ImageInside, ATerminalGoesToTheLog) {
  serve();
  write_pod("  - name: main\n    image: '" + image_name() +
                "'\n    tty: true\n    stdin: true\n"
                "    command: [sh, -c, 'test -t 0 && test -t 1 && tty; echo err >&2; exit 4']\n",
            "  restartPolicy: Never\n");
  ASSERT_TRUE(eventually([&] { return !ended("main").is_null(); })) << why();
  EXPECT_EQ(ended("main").value("exitCode", 0), 4) << why();
  EXPECT_THAT(log(), StartsWith("/dev/pts/0\r\nerr\r\n")) << why();
}

}  // namespace
}  // namespace podvisor
