// Podvisors that are killed by SIGKILL, wherever they are, and others that take over.
#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "runtime/adoption/pauses.h"
#include "runtime/process_tree.h"
#include "runtime_fixture.h"

namespace podvisor {

/// A podvisor that makes a pod and runs its container again and again; a byte for each event.
class Victim {
 public:
  using Make = std::function<std::unique_ptr<ProcessRuntime>(Loop&, EventSink&, CgroupTree*)>;
  /// It starts the pod's container `runs` times, one after the other.
  Victim(const Make& make, const std::string& parent, const Pod& pod, int runs) {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    progress_ = Fd(ends[0]);
    pid_ = fork();
    if (pid_ == 0) live(make, parent, pod, runs, ends[1]);
    close(ends[1]);
  }
  ~Victim() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  /// False: it came to its end before that.
  [[nodiscard]] bool wait_for_events(int count) const {
    char byte = 0;
    for (int i = 0; i < count; ++i)
      if (read(progress_.get(), &byte, 1) != 1) return false;
    return true;
  }

 private:
  [[noreturn]] static void live(const Make& make, const std::string& parent, const Pod& pod,
                                int runs, int progress) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    Loop loop;
    RecordingEventSink events;
    auto cgroups = open_cgroup_tree(parent);
    const auto runtime = make(loop, events, cgroups->get());
    std::size_t seen = 0;
    runtime->make_sandbox(pod, 0);
    for (int next = 0;;) {
      uv_run(loop.raw(), UV_RUN_ONCE);
      for (; seen < events.posted.size(); ++seen) {
        static_cast<void>(!write(progress, "", 1));
        const PodEvent event = events.posted[seen].event;
        const auto* exited = std::get_if<pod_event::ContainerExited>(&event);
        if (exited != nullptr) runtime->acknowledge(pod.metadata.uid, exited->ref);
        if (exited == nullptr && !std::holds_alternative<pod_event::SandboxReady>(event)) continue;
        if (next == runs) _exit(0);
        runtime->start_container(pod, {0, next++});
      }
    }
  }

  Fd progress_;
  pid_t pid_ = 0;
};

/// With `Fixture`, a RuntimeFixture.
template <typename Fixture>
class KillTest : public Fixture {
 protected:
  [[nodiscard]] std::size_t pauses() const {
    return find_pauses(this->directory_ + "/run/pods").size();
  }

  /// An OCI runtime that was being tried does not die with who tried it.
  [[nodiscard]] bool is_trying() const {
    const std::string bundle = this->directory_ + "/run/oci/trial";
    for (const ProcessEntry& process : all_processes()) {
      std::ifstream file("/proc/" + std::to_string(process.pid) + "/cmdline");
      for (std::string word; std::getline(file, word, '\0');)  // none of one that has ended
        if (word == bundle) return true;
    }
    return false;
  }

  /// What is left is taken over whole, or is gone; then the pod can go on.
  void take_over(const Pod& pod) {
    while (is_trying()) std::this_thread::yield();
    this->runtime_->remove_strays({pod.metadata.uid});
    PodState state = this->written(pod);
    state.sandbox_attempt = -1;
    this->events_.posted.clear();
    this->adopt(pod, state);
    const auto adopted = this->events_.template of<pod_event::SandboxAdopted>();
    if (adopted.empty()) {
      EXPECT_EQ(pauses(), 0U);
      EXPECT_THAT(this->cgroups_->pods(), testing::IsEmpty());
      this->make_sandbox(pod);
    } else {
      for (const ContainerRef& ref : adopted.back().found) {
        const auto exited = this->exit_of(ref);
        EXPECT_EQ(exited.exit_code, 3);
        EXPECT_EQ(exited.message, "because\n");
        EXPECT_EQ(this->log_of(pod, ref), "run\n") << ref.instance;
        this->runtime_->acknowledge(pod.metadata.uid, ref);
      }
    }
    EXPECT_EQ(pauses(), 1U);
    this->start(pod, {0, 100});
    EXPECT_EQ(this->exit_of({0, 100}).exit_code, 3);
    EXPECT_EQ(this->log_of(pod, {0, 100}), "run\n");
    this->remove_sandbox(pod);
    EXPECT_EQ(pauses(), 0U);
    EXPECT_THAT(this->cgroups_->pods(), testing::IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(this->directory_ + "/run/pods/" + pod.metadata.uid));
  }

  void kill_everywhere(const Victim::Make& make, const Pod& pod, int rounds) {
    constexpr int kRuns = 6;
    const unsigned seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    this->pods_.push_back(pod);
    int killed = 0;
    for (int round = 0; round < rounds && !this->HasFailure(); ++round) {
      SCOPED_TRACE("round " + std::to_string(round));
      {
        const Victim victim(make, this->cgroup_parent_, pod, kRuns);
        if (victim.wait_for_events(static_cast<int>(random() % (2 * kRuns)))) ++killed;
        const std::uint64_t spins = random() % 400000;  // somewhere on the way to the next
        for (std::uint64_t i = 0; i < spins; ++i) asm volatile("");
      }
      take_over(pod);
      std::filesystem::remove_all(this->directory_ + "/state/logs");
    }
    EXPECT_GT(killed, rounds / 2);
  }
};

}  // namespace podvisor
