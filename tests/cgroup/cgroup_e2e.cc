#include "cgroup/cgroup_e2e.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace podvisor {
namespace {

constexpr const char* kRoot = "/sys/fs/cgroup";

void put(const std::string& file, const std::string& text) {
  std::ofstream stream(file);
  stream << text << std::flush;
  if (!stream) throw std::runtime_error("cannot write " + text + " to " + file);
}

pid_t clone_into(const CgroupEntry& entry) {
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  if (entry.directory >= 0) {
    arguments.flags = CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<std::uint64_t>(entry.directory);
  }
  return static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof arguments));
}

bool enter(const CgroupEntry& entry) {
  for (const int tasks : entry.tasks) {
    if (::write(tasks, "0", 1) != 1) return false;
  }
  return true;
}

}  // namespace

std::string text_of(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

Hierarchies current_hierarchies() {
  return find_hierarchies(text_of("/proc/self/mountinfo"), text_of("/proc/self/cgroup"), kRoot);
}

bool on_v2() { return find_controller(current_hierarchies().v1, "memory") == nullptr; }

OwnCgroup::OwnCgroup() {
  const Hierarchy unified = current_hierarchies().unified.value();
  before_ = unified.own;
  made_ = unified.mount + "/podvisor-test-" + std::to_string(::getpid());
  // systemd has done this already; a bare kernel's root gives its children nothing at first.
  if (text_of(unified.mount + "/cgroup.subtree_control").find("memory") == std::string::npos)
    put(unified.mount + "/cgroup.subtree_control", "+memory +cpu +pids +io");
  std::filesystem::create_directory(made_);
  put(made_ + "/cgroup.procs", "0");
}

OwnCgroup::~OwnCgroup() {
  put(before_ + "/cgroup.procs", "0");
  EXPECT_EQ(::rmdir(made_.c_str()), 0) << made_ << ": " << std::generic_category().message(errno);
}

Child::Child(const CgroupEntry& entry, const std::function<int()>& body) : pid_(clone_into(entry)) {
  if (pid_ < 0) throw std::runtime_error("clone3: " + std::generic_category().message(errno));
  if (pid_ == 0) ::_exit(enter(entry) ? body() : 99);
}

Child::~Child() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  wait();
}

Child::Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}

int Child::wait() {
  int status = -1;
  ::waitpid(std::exchange(pid_, 0), &status, 0);
  return status;
}

void CgroupE2e::SetUp() {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  if (on_v2()) own_ = std::make_unique<OwnCgroup>();
  parent_ = "podvisor-e2e-" + std::to_string(::getpid());
  auto tree = open_cgroup_tree(parent_);
  ASSERT_TRUE(tree) << tree.error().message;
  tree_ = std::move(*tree);
}

void CgroupE2e::TearDown() {
  if (tree_ == nullptr) return;
  const auto pod = tree_->remove_pod("u1");
  EXPECT_TRUE(pod) << pod.error().message;
  tree_.reset();
  const auto removed = remove_cgroup_tree(parent_);
  EXPECT_TRUE(removed) << removed.error().message;
  for (const Hierarchy& hierarchy : current_hierarchies().v1)
    EXPECT_FALSE(std::filesystem::exists(hierarchy.own + "/" + parent_)) << hierarchy.own;
  own_.reset();  // checks that nothing is left in it
}

std::unique_ptr<Cgroup> CgroupE2e::make(const std::string& container, const CgroupLimits& limits) {
  auto made = tree_->make("u1", container, limits);
  if (!made) throw std::runtime_error(made.error().message);
  return std::move(*made);
}

std::string CgroupE2e::path(const std::string& controller, const std::string& container) const {
  const Hierarchies now = current_hierarchies();
  const Hierarchy* v1 = find_controller(now.v1, controller);
  const std::string leaf = "/" + parent_ + "/supervisor";
  std::string base = v1 != nullptr ? v1->own : now.unified.value().own;
  if (base.ends_with(leaf)) base.resize(base.size() - leaf.size());
  return base + "/" + parent_ + "/podu1/" + container;
}

bool CgroupE2e::run_until(Loop& loop, const std::function<bool()>& done) {
  constexpr int kTicks = 30'000;
  int ticks = 0;
  Timer timer(loop, [&] {
    ++ticks;
    loop.stop();
  });
  while (!done() && ticks < kTicks) {
    if (!timer.active()) timer.start(std::chrono::milliseconds(1));
    loop.run();
  }
  return done();
}

void CgroupE2e::destroy(Cgroup& cgroup) {
  cgroup.kill_all();
  EXPECT_TRUE(run_until(loop_, [&] { return cgroup.empty(); }));
  // The kernel may need a moment longer for the last one.
  Status removed;
  EXPECT_TRUE(run_until(loop_, [&] {
    removed = cgroup.remove();
    return removed.has_value();
  })) << removed.error().message;
}

int use_memory(std::size_t bytes) {
  auto* memory = static_cast<volatile char*>(
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  for (std::size_t i = 0; i < bytes; i += 4096) memory[i] = 1;
  return sleep_forever();
}

int sleep_forever() {
  for (;;) ::pause();
}

}  // namespace podvisor
