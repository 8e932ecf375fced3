// podvisor as the entrypoint of somebody's container: PID 1 under runc, with the capabilities that
// containers have by default, or with fewer, and nothing but tmpfs to write on.
#include <gmock/gmock.h>
#include <sys/mount.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "e2e/host.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

/// What container engines give unless told otherwise.
const json kUsual = {"CAP_CHOWN",      "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER",
                     "CAP_MKNOD",      "CAP_NET_RAW",      "CAP_SETGID", "CAP_SETUID",
                     "CAP_SETFCAP",    "CAP_SETPCAP",      "CAP_KILL",   "CAP_NET_BIND_SERVICE",
                     "CAP_SYS_CHROOT", "CAP_AUDIT_WRITE"};
/// What `runc spec` gives.
const json kFew = {"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"};

class PidOne : public Host {
 protected:
  void SetUp() override {
    Host::SetUp();
    if (IsSkipped()) return;
    if (run_command({"runc", "--version"}).exit_code != 0) GTEST_SKIP() << "needs runc";
    fs::create_directories(bundle() + "/rootfs");
    // This host's own programs; read-only in the container.
    ASSERT_EQ(::mount("/", (bundle() + "/rootfs").c_str(), nullptr, MS_BIND | MS_REC, nullptr), 0);
  }
  void TearDown() override {
    if (container_) {
      static_cast<void>(runc({"delete", "--force", name()}));
      container_.reset();
    }
    if (!dir().empty()) ::umount2((bundle() + "/rootfs").c_str(), MNT_DETACH);
    Host::TearDown();
  }

  [[nodiscard]] std::string bundle() const { return dir() + "/bundle"; }
  [[nodiscard]] std::string name() const { return fs::path(dir()).filename(); }
  [[nodiscard]] std::string said() const {
    return read_file(dir() + "/out") + read_file(dir() + "/err");
  }
  CommandResult runc(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"runc", "--root", dir() + "/runc"});
    return run_command(arguments);
  }
  void signal(int number) {
    const CommandResult sent = runc({"kill", name(), std::to_string(number)});
    ASSERT_EQ(sent.exit_code, 0) << sent.err;
  }

  /// A container whose first process is `podvisor run` of this pod.
  void start(const std::string& script, const std::string& policy,
             const json& capabilities = kUsual, const std::string& more = "") {
    std::ofstream(bundle() + "/pod.yaml")
        << "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec:\n  hostNetwork: true\n"
        << "  terminationGracePeriodSeconds: 2\n  restartPolicy: " << policy
        << "\n  containers:\n  - name: main\n    command: [sh, -c, '" << script << "']\n"
        << more;
    write_config(capabilities);
    container_ =
        std::make_unique<Background>(std::vector<std::string>{"runc", "--root", dir() + "/runc",
                                                              "run", "--bundle", bundle(), name()},
                                     dir() + "/out", dir() + "/err");
  }
  int ended() { return container_->wait(20s); }
  [[nodiscard]] bool says(const std::string& text) const {
    return eventually([&] { return said().find(text) != std::string::npos; });
  }
  bool is_there(const std::string& path) {
    return eventually([&] { return runc({"exec", name(), "test", "-e", path}).exit_code == 0; });
  }
  /// What the container's processes are, as it sees them.
  std::string processes() {
    return runc({"exec", name(), "ps", "-e", "-o", "pid=,ppid=,stat=,comm="}).out;
  }

 private:
  void write_config(const json& capabilities) {
    fs::remove(bundle() + "/config.json");
    ASSERT_EQ(run_command({"runc", "spec", "--bundle", bundle()}).exit_code, 0);
    json config = json::parse(read_file(bundle() + "/config.json"));
    json& process = config["process"];
    process["terminal"] = false;
    process["args"] = {PODVISOR,     "run",           "/mnt/bundle/pod.yaml", "--state-dir",
                       "/mnt/state", "--runtime-dir", "/run/podvisor"};
    process["capabilities"] = json::object();
    for (const char* set : {"bounding", "effective", "permitted"})
      process["capabilities"][set] = capabilities;
    config["root"] = {{"path", "rootfs"}, {"readonly", true}};
    // Over a directory that is there: nothing can be made in a root that is this host's.
    for (const char* place : {"/run", "/mnt"})
      config["mounts"].push_back({{"destination", place},
                                  {"type", "tmpfs"},
                                  {"source", "tmpfs"},
                                  {"options", {"nosuid", "nodev", "mode=755"}}});
    config["linux"]["cgroupsPath"] = "/" + name();
    config["mounts"].push_back({{"destination", "/mnt/bundle"},
                                {"type", "bind"},
                                {"source", bundle()},
                                {"options", {"bind", "ro"}}});
    std::ofstream(bundle() + "/config.json") << config;
  }

  std::unique_ptr<Background> container_;
};

TEST_F(PidOne, EndsWithTheMainContainersCode) {
  start("exit 7", "Never");
  EXPECT_EQ(ended(), 7) << said();
  start("exit 0", "OnFailure");
  EXPECT_EQ(ended(), 0) << said();
}

TEST_F(PidOne, NeedsNoCapabilityForPlainProcessesOnItsOwnNetwork) {
  start("test $(id -u) = 0 && exit 9", "Never", kFew);
  EXPECT_EQ(ended(), 9) << said();
  start("exit 8", "Never", json::array());
  EXPECT_EQ(ended(), 8) << said();
}

TEST_F(PidOne, ReapsWhoeverBecomesAnOrphan) {
  start("while :; do sleep 0.1; done", "Always");
  ASSERT_TRUE(says("Ready after"));
  // Not of the pod: its parent from now on is the container's first process.
  const std::string orphan = "(sleep 0.2; touch /run/was-there) & exit 0";
  ASSERT_EQ(runc({"exec", name(), "sh", "-c", orphan}).exit_code, 0);
  EXPECT_TRUE(is_there("/run/was-there"));
  EXPECT_TRUE(eventually([&] { return processes().find(" Z") == std::string::npos; }))
      << processes();
}

TEST_F(PidOne, PassesSignalsOnAndStopsInOrder) {
  start(
      "trap \"echo usr1 >&2; touch /run/usr1\" USR1; trap \"touch /run/hup\" HUP; "
      "trap \"exit 5\" TERM; touch /run/ready; while :; do sleep 0.05; done",
      "Always");
  ASSERT_TRUE(is_there("/run/ready")) << said();
  signal(SIGUSR1);
  EXPECT_TRUE(is_there("/run/usr1")) << said();
  signal(SIGHUP);
  EXPECT_TRUE(is_there("/run/hup")) << said();
  EXPECT_THAT(processes(), HasSubstr("podvisor-pause"));
  signal(SIGTERM);
  EXPECT_EQ(ended(), 0) << said();
  EXPECT_THAT(said(), HasSubstr("Stopping container main"));
  EXPECT_THAT(said(), HasSubstr("gone"));
}

TEST_F(PidOne, ALimitThatCannotBeKeptIsSaidBeforeAnythingStarts) {
  start("exit 0", "Never", kUsual, "    resources: {limits: {memory: 64Mi}}\n");
  EXPECT_EQ(ended(), 1);
  EXPECT_THAT(said(), HasSubstr("limits need cgroups"));
  EXPECT_THAT(said(), Not(HasSubstr("Container started")));
}

}  // namespace
}  // namespace podvisor
