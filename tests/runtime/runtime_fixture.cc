#include "runtime_fixture.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "run_until.h"
#include "volumes/mount_namespace.h"

namespace podvisor {
namespace {

constexpr const char* kUid = "11111111-2222-3333-4444-555555555555";

}  // namespace

Result<std::string> FakeNetwork::attach(const PodUid& pod, int netns_fd) {
  if (failure) return tl::unexpected(*failure);
  struct stat status {};
  fstat(netns_fd, &status);
  attached_namespace = status.st_ino;
  attached.push_back(pod);
  return std::string("192.0.2.7");
}

Status FakeNetwork::adopt(const PodUid& pod, const std::string& address) {
  if (failure) return tl::unexpected(*failure);
  EXPECT_EQ(address, "192.0.2.7");
  adopted.push_back(pod);
  return {};
}

void FakeNetwork::detach(const PodUid& pod, std::function<void()> done) {
  detached.push_back(pod);
  done();
}

void RuntimeFixture::SetUp() {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  // In every test, so that the loop's worker threads are in it whichever test comes first.
  if (!enter_mount_namespace()) GTEST_SKIP() << "needs CAP_SYS_ADMIN for a mount namespace";
  directory_ = "/tmp/podvisor-test-XXXXXX";
  ASSERT_NE(mkdtemp(directory_.data()), nullptr);
  if (on_v2()) own_cgroup_ = std::make_unique<OwnCgroup>();
  cgroup_parent_ = "podvisor-runtime-test-" + std::to_string(getpid());
  auto cgroups = open_cgroup_tree(cgroup_parent_);
  ASSERT_TRUE(cgroups.has_value()) << cgroups.error().message;
  cgroups_ = std::move(*cgroups);
  runtime_ = make_runtime();
}

std::string RuntimeFixture::pause_path() {
  const char* given = std::getenv("PODVISOR_PAUSE");
  return given != nullptr ? given : PODVISOR_PAUSE_PATH;
}

RuntimeSettings RuntimeFixture::settings() const {
  return {{directory_ + "/run", directory_ + "/state"}, pause_path()};
}

std::unique_ptr<ProcessRuntime> RuntimeFixture::make_runtime() {
  return std::make_unique<ProcessRuntime>(settings(), loop_, events_, configs_,
                                          use_cgroups_ ? cgroups_.get() : nullptr, &network_);
}

void RuntimeFixture::forgo_cgroups() {
  use_cgroups_ = false;
  runtime_ = make_runtime();
}

void RuntimeFixture::restart() {
  restart([] {});
}

void RuntimeFixture::restart(const std::function<void()>& meanwhile) {
  runtime_.reset();
  loop_.run();  // what is being closed
  events_.posted.clear();
  meanwhile();
  auto cgroups = open_cgroup_tree(cgroup_parent_);
  ASSERT_TRUE(cgroups.has_value()) << cgroups.error().message;
  cgroups_ = std::move(*cgroups);
  runtime_ = make_runtime();
}

PodState RuntimeFixture::written(const Pod& pod, ContainerState::Run run) {
  PodState state = initial_pod_state(pod);
  state.stage = PodState::Stage::Up;
  state.sandbox_attempt = 0;
  for (ContainerState& container : state.containers) {
    container.run = run;
    container.next_instance = 1;
  }
  return state;
}

void RuntimeFixture::adopt(const Pod& pod, const PodState& state) {
  runtime_->adopt_sandbox(pod, state);
  run_until([this] {
    return !events_.of<pod_event::SandboxAdopted>().empty() ||
           !events_.of<pod_event::SandboxDied>().empty();
  });
}

void RuntimeFixture::TearDown() {
  if (!runtime_) return;
  for (const Pod& pod : pods_) {
    remove_sandbox(pod);
    runtime_->forget_pod(pod);
  }
  loop_.run();  // until nothing is under way any more
  runtime_.reset();
  loop_.run();
  cgroups_.reset();
  for (const Hierarchy& hierarchy : current_hierarchies().v1)
    for (const auto& entry :
         std::filesystem::directory_iterator(hierarchy.own + "/" + cgroup_parent_))
      EXPECT_FALSE(entry.is_directory()) << "left behind: " << entry.path();
  const Status removed = remove_cgroup_tree(cgroup_parent_);
  EXPECT_TRUE(removed.has_value()) << removed.error().message;
  own_cgroup_.reset();
  std::filesystem::remove_all(directory_);
}

Container RuntimeFixture::container(const std::string& name, const std::string& script) {
  Container made;
  made.name = name;
  made.command = {"sh", "-c", ""};
  // Verbatim: `$$` would become one `$` on its way (EXP-3).
  for (const char c : script) made.command[2] += c == '$' ? "$$" : std::string(1, c);
  return made;
}

Pod RuntimeFixture::pod_with(const std::string& script) {
  Pod pod;
  pod.metadata.name = "web";
  pod.metadata.uid = kUid;
  pod.spec.containers = {container("main", script)};
  pod.spec.network = NetworkMode::None;
  pod.spec.hostname = "web-host";
  return pod;
}

void RuntimeFixture::make_sandbox(const Pod& pod) {
  const bool known = std::any_of(pods_.begin(), pods_.end(), [&](const Pod& one) {
    return one.metadata.uid == pod.metadata.uid;
  });
  if (!known) pods_.push_back(pod);
  runtime_->make_sandbox(pod, 0);
  run_until([this] {
    return !events_.of<pod_event::SandboxReady>().empty() ||
           !events_.of<pod_event::SandboxFailed>().empty();
  });
  for (const auto& failed : events_.of<pod_event::SandboxFailed>()) ADD_FAILURE() << failed.message;
}

void RuntimeFixture::remove_sandbox(const Pod& pod) {
  const std::size_t before = events_.of<pod_event::SandboxRemoved>().size();
  runtime_->remove_sandbox(pod.metadata.uid, 1);
  run_until([&] { return events_.of<pod_event::SandboxRemoved>().size() > before; });
}

pid_t RuntimeFixture::start(const Pod& pod, ContainerRef ref) {
  const std::size_t before = events_.of<pod_event::ContainerStarted>().size();
  const std::size_t failed_before = events_.of<pod_event::ContainerStartFailed>().size();
  runtime_->start_container(pod, ref);
  run_until([&] {
    return events_.of<pod_event::ContainerStarted>().size() > before ||
           events_.of<pod_event::ContainerStartFailed>().size() > failed_before;
  });
  const auto failures = events_.of<pod_event::ContainerStartFailed>();
  if (failures.size() > failed_before)
    ADD_FAILURE() << failures.back().reason << ": " << failures.back().message;
  const auto started = events_.of<pod_event::ContainerStarted>();
  return started.empty() ? 0 : static_cast<pid_t>(started.back().pid);
}

pod_event::ContainerExited RuntimeFixture::exit_of(ContainerRef ref) {
  const auto find = [&]() -> std::optional<pod_event::ContainerExited> {
    for (const auto& exited : events_.of<pod_event::ContainerExited>())
      if (exited.ref == ref) return exited;
    return std::nullopt;
  };
  run_until([&] { return find().has_value(); });
  return find().value_or(pod_event::ContainerExited{});
}

pod_event::ContainerExited RuntimeFixture::run(const Pod& pod) {
  make_sandbox(pod);
  start(pod);
  return exit_of();
}

std::string RuntimeFixture::log_of(const Pod& pod, ContainerRef ref) const {
  const Layout layout{directory_ + "/run", directory_ + "/state"};
  std::ifstream file(
      layout.log_file(pod.metadata, pod.spec.containers[ref.container].name, ref.instance));
  std::string text;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string time, stream, tag;
    words >> time >> stream >> tag;
    text += line.substr(time.size() + stream.size() + tag.size() + 3) + "\n";
  }
  return text;
}

void RuntimeFixture::wait_for_log(const Pod& pod, const std::string& text, ContainerRef ref) {
  Timer again(loop_, [&] { again.start(std::chrono::milliseconds(1)); });
  again.start(std::chrono::milliseconds(1));
  run_until([&] { return log_of(pod, ref).find(text) != std::string::npos; });
}

ExecOutcome RuntimeFixture::exec(const Pod& pod, std::vector<std::string> argv, Duration timeout) {
  std::optional<ExecOutcome> outcome;
  runtime_->exec(pod.metadata.uid, {}, std::move(argv), timeout,
                 [&](ExecOutcome got) { outcome = std::move(got); });
  EXPECT_FALSE(outcome.has_value()) << "answered before exec() returned";
  run_until([&] { return outcome.has_value(); });
  return outcome.value_or(ExecOutcome{});
}

void RuntimeFixture::run_until(const std::function<bool()>& reached) {
  podvisor::run_until(loop_, reached);
}

void RuntimeFixture::wait_until_gone(pid_t pid) {
  Timer again(loop_, [&] { again.start(std::chrono::milliseconds(1)); });
  again.start(std::chrono::milliseconds(1));
  run_until([&] { return !is_alive(pid); });
}

pid_t RuntimeFixture::pause_of(pid_t container) const {
  std::ifstream stat("/proc/" + std::to_string(container) + "/stat");
  std::string pid, name, state;
  pid_t parent = 0;
  stat >> pid >> name >> state >> parent;
  return parent;
}

std::string namespace_of(pid_t pid, const std::string& name) {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/ns/" + name, error);
}

bool is_alive(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string number, name, state;
  return static_cast<bool>(stat >> number >> name >> state) && state != "Z" && state != "X";
}

}  // namespace podvisor
