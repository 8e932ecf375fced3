#include "e2e/host.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <thread>

#include "podvisor/fd.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

void bring_up_loopback() {
  const Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  ::ioctl(fd.get(), SIOCSIFFLAGS, &request);
}

/// Once a process: no interface but lo, no route out, and mounts that nobody else sees.
bool enter_own_namespaces() {
  static const bool entered = [] {
    if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return false;
    ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // orphans of a podvisor that died come to us
    bring_up_loopback();
    return true;
  }();
  return entered;
}

std::vector<std::string> links() {
  std::vector<std::string> names;
  const std::unique_ptr<struct if_nameindex, void (*)(struct if_nameindex*)> all(
      ::if_nameindex(), ::if_freenameindex);
  for (const struct if_nameindex* each = all.get(); each != nullptr && each->if_index != 0; ++each)
    names.emplace_back(each->if_name);
  return names;
}

/// Others' go meanwhile: the standard library's own walk ends with the first that it misses.
void find_directories(const fs::path& below, const std::string& name, int depth,
                      std::vector<std::string>& found) {
  std::error_code error;
  for (fs::directory_iterator at(below, error), end; at != end; at.increment(error)) {
    std::error_code gone;
    if (at->is_symlink(gone) || !at->is_directory(gone)) continue;
    if (at->path().filename() == name) found.push_back(at->path());
    if (depth > 0) find_directories(at->path(), name, depth - 1, found);
  }
}

/// It and what is in it.
std::vector<std::string> paths_below(const std::string& dir) {
  std::vector<std::string> found;
  if (fs::exists(dir)) found.push_back(dir);
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(dir, error))
    found.push_back(entry.path());
  return found;
}

/// Of a podvisor that was killed.
void unmount_below(const std::string& dir) {
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string path;
    for (int i = 0; i < 5; ++i) fields >> path;
    if (path.starts_with(dir + "/")) ::umount2(path.c_str(), MNT_DETACH);
  }
}

/// What a test that failed left running: everything that has become our child, and in cgroups.
void kill_leftovers(const std::string& cgroup) {
  for (const std::string& root : cgroups_named(cgroup)) {
    std::error_code error;
    std::vector<fs::path> below{root};
    for (const auto& entry : fs::recursive_directory_iterator(root, error))
      if (entry.is_directory(error)) below.push_back(entry.path());
    for (auto path = below.rbegin(); path != below.rend(); ++path) {
      std::ifstream procs(*path / "cgroup.procs");
      for (pid_t pid = 0; procs >> pid;)
        if (pid > 0) ::kill(pid, SIGKILL);
      for (int tries = 0; ::rmdir(path->c_str()) != 0 && tries < 200; ++tries)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  std::ifstream children("/proc/self/task/" + std::to_string(::gettid()) + "/children");
  for (pid_t pid = 0; children >> pid;)
    if (pid > 0) ::kill(pid, SIGKILL);
  while (::waitpid(-1, nullptr, 0) > 0) {
  }
}

}  // namespace

std::vector<std::string> cgroups_named(const std::string& name) {
  std::vector<std::string> found;
  find_directories("/sys/fs/cgroup", name, 4, found);
  return found;
}

void Host::SetUp() {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root: namespaces, cgroups and bridges are real here";
  ASSERT_TRUE(enter_own_namespaces()) << std::strerror(errno);
  std::string path = fs::temp_directory_path() / "podvisor-e2e-XXXXXX";
  dir_ = ::mkdtemp(path.data());
  fs::create_directory(manifests());
}

void Host::TearDown() {
  if (dir_.empty()) return;
  if (podvisor_ && podvisor_->running()) {
    podvisor_->signal(SIGINT);
    EXPECT_EQ(podvisor_->wait(std::chrono::seconds(40)), 0) << podvisor_log();
  }
  if (podvisor_) expect_nothing_left();
  if (HasFailure()) std::cerr << "--- podvisor's log:\n" << podvisor_log() << "---\n";
  podvisor_.reset();
  kill_leftovers(cgroup_parent());
  unmount_below(dir_);
  fs::remove_all(dir_);
}

void Host::expect_nothing_left() const {
  // The kernel takes a dead namespace's veth away a moment after its last process.
  EXPECT_TRUE(eventually([] { return links() == std::vector<std::string>{"lo"}; }))
      << testing::PrintToString(links());
  EXPECT_EQ(cgroups_named(cgroup_parent()), std::vector<std::string>{});
  for (const char* each : {"/run", "/state"})
    EXPECT_EQ(paths_below(dir_ + each), std::vector<std::string>{});
  const std::string mounts = read_file("/proc/self/mountinfo");
  EXPECT_EQ(mounts.find(dir_), std::string::npos) << mounts;
  while (::waitpid(-1, nullptr, WNOHANG) >
         0) {  // orphans that have ended came to us as a subreaper
  }
  std::ifstream children("/proc/self/task/" + std::to_string(::gettid()) + "/children");
  std::ostringstream left;
  left << children.rdbuf();
  EXPECT_EQ(left.str(), "") << "processes are left";
}

std::string Host::cgroup_parent() const { return fs::path(dir_).filename(); }

std::vector<std::string> Host::places() const {
  return {"--state-dir",     dir_ + "/state", "--runtime-dir",  dir_ + "/run",
          "--cgroup-parent", cgroup_parent(), "--no-masquerade"};
}

void Host::start_serving(const std::vector<std::string>& more) {
  std::vector<std::string> argv{PODVISOR, "serve", "--manifests", manifests()};
  for (const auto& list : {places(), more}) argv.insert(argv.end(), list.begin(), list.end());
  podvisor_ = std::make_unique<Background>(argv, dir_ + "/podvisor.out", dir_ + "/podvisor.err");
}

void Host::serve(const std::vector<std::string>& more) {
  start_serving(more);
  ASSERT_TRUE(eventually([&] { return cli({"get", "pods"}).exit_code == 0; })) << podvisor_log();
}

void Host::write_manifest(const std::string& name, const std::string& text) const {
  std::ofstream(dir_ + "/new") << text;
  fs::rename(dir_ + "/new", manifests() + "/" + name);
}

void Host::remove_manifest(const std::string& name) const { fs::remove(manifests() + "/" + name); }

CommandResult Host::cli(std::vector<std::string> arguments, std::chrono::seconds limit) const {
  arguments.insert(arguments.begin(), PODVISOR);
  arguments.insert(arguments.end(), {"--socket", socket()});
  return run_command(arguments, limit);
}

json Host::pod(const std::string& name) const {
  const CommandResult got = cli({"get", "pod", name, "-o", "json"});
  return got.exit_code == 0 ? json::parse(got.out, nullptr, false) : json();
}

json Host::container(const std::string& pod_name, const std::string& name) const {
  const json object = pod(pod_name);
  for (const char* list : {"containerStatuses", "initContainerStatuses"}) {
    const json statuses = object.value(json::json_pointer(std::string("/status/") + list), json());
    for (const json& status : statuses)
      if (status.value("name", "") == name) return status;
  }
  return {};
}

bool Host::ready(const std::string& name) const {
  const json object = pod(name);
  for (const json& condition :
       object.value(json::json_pointer("/status/conditions"), json::array()))
    if (condition.value("type", "") == "Ready") return condition.value("status", "") == "True";
  return false;
}

std::vector<std::string> Host::events(const std::string& pod_name) const {
  const CommandResult got = run_command({"curl", "-s", "--unix-socket", socket(),
                                         "http://podvisor/api/v1/namespaces/default/events"});
  std::vector<std::string> lines;
  for (const json& event : json::parse(got.out, nullptr, false).value("items", json::array()))
    if (event.value(json::json_pointer("/involvedObject/name"), "") == pod_name)
      lines.push_back(event.value("reason", "") + " " + event.value("message", ""));
  return lines;
}

void Host::send(int pid, int signal) {
  ASSERT_GT(pid, 0) << "there is nobody to send signal " << signal << " to";
  ::kill(pid, signal);
}

int Host::pid_of(const std::string& pod_name, const std::string& name) const {
  const json object = pod(pod_name);
  const std::string uid = object.value(json::json_pointer("/metadata/uid"), "");
  for (const std::string& root : cgroups_named(cgroup_parent())) {
    std::ifstream procs(root + "/pod" + uid + "/" + name + "/cgroup.procs");
    const std::set<int> pids{std::istream_iterator<int>(procs), {}};
    for (const int pid : pids)  // a child may have the lower pid
      if (pid > 0 && !pids.contains(parent_of(pid))) return pid;
  }
  return 0;
}

int Host::parent_of(int pid) {
  const std::string status = read_file("/proc/" + std::to_string(pid) + "/status");
  const std::size_t at = status.find("PPid:");
  return at == std::string::npos ? 0 : std::stoi(status.substr(at + 5));
}

std::string Host::namespace_of(int pid, const std::string& kind) {
  std::error_code error;
  return fs::read_symlink("/proc/" + std::to_string(pid) + "/ns/" + kind, error).string();
}

Fd Host::hold_namespace(int pid, const std::string& kind) {
  const std::string path = "/proc/" + std::to_string(pid) + "/ns/" + kind;
  return Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

bool Host::lives(int pid) {
  const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t state = stat.rfind(')');
  return state != std::string::npos && stat.at(state + 2) != 'Z';
}

bool Host::eventually(const std::function<bool()>& holds, std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace podvisor
