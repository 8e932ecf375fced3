// A real podvisor-pause, and everything that it says.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "loop/loop.h"
#include "runtime/pause_client.h"
#include "runtime/run_until.h"

namespace podvisor {

struct Told : PauseEvents {
  void on_ready(std::vector<PauseChild> found) override {
    ready = true;
    children = std::move(found);
  }
  void on_refused(const SpawnFailure& failure) override { refused.push_back(failure); }
  void on_spawned(std::uint64_t id, pid_t pid) override { pids[id] = pid; }
  void on_spawn_failed(std::uint64_t id, const SpawnFailure& failure) override {
    failures[id] = failure;
  }
  void on_exited(std::uint64_t id, pid_t, int wait_status) override { exits[id] = wait_status; }
  void on_died() override { died = true; }

  bool ready = false;
  bool died = false;
  std::vector<PauseChild> children;
  std::vector<SpawnFailure> refused;
  std::map<std::uint64_t, pid_t> pids;
  std::map<std::uint64_t, SpawnFailure> failures;
  std::map<std::uint64_t, int> exits;
};

inline std::string make_temporary_directory() {
  std::string path = "/tmp/podvisor-test-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) std::abort();
  return path;
}

class PauseFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    settings_.pause_path = PODVISOR_PAUSE_PATH;
    settings_.directory = directory_;
  }

  void TearDown() override {
    if (client_ && !told_.died) {
      // In order: every child that lives is gone before pause is.
      for (const auto& [id, pid] : told_.pids) client_->signal(id, SIGKILL);
      for (const PauseChild& child : told_.children) client_->signal(child.id, SIGKILL);
      client_->shutdown();
      run_until(loop_, [&] { return told_.died; });
    }
    client_.reset();
    std::filesystem::remove_all(directory_);
  }

  void start() {
    auto started = PauseClient::start(loop_, settings_, told_);
    ASSERT_TRUE(started.has_value()) << started.error().message;
    client_ = std::move(*started);
    process_ = identify(client_->pid());
    run_until(loop_, [&] { return told_.ready || told_.died; });
  }

  /// As a podvisor that was killed and comes back.
  void reconnect() {
    client_.reset();
    told_ = Told();
    auto connected = PauseClient::connect(loop_, directory_, {process_, getpid()}, told_);
    ASSERT_TRUE(connected.has_value()) << connected.error().message;
    client_ = std::move(*connected);
    run_until(loop_, [&] { return told_.ready; });
  }

  static SpawnRequest command(std::uint64_t id, std::vector<std::string> argv) {
    SpawnRequest request;
    request.id = id;
    request.argv = std::move(argv);
    request.env = {"PATH=/usr/bin:/bin"};
    return request;
  }
  static SpawnRequest script(std::uint64_t id, const std::string& text) {
    return command(id, {"sh", "-c", text});
  }

  void spawn(const SpawnRequest& request) {
    const Status sent = client_->spawn(request);
    ASSERT_TRUE(sent.has_value()) << sent.error().message;
  }

  int wait_status_of(std::uint64_t id) {
    run_until(loop_, [&] { return told_.exits.contains(id) || told_.failures.contains(id); });
    return told_.exits.contains(id) ? told_.exits[id] : -1;
  }

  /// What the program wrote to stdout and stderr.
  std::string output_of(SpawnRequest request) {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0) return "no pipe";
    const Fd read_end(fds[0]);
    {
      const Fd write_end(fds[1]);
      request.stdout_fd = request.stderr_fd = write_end.get();
      spawn(request);
    }
    wait_status_of(request.id);
    std::string text(65536, '\0');
    const ssize_t size = read(read_end.get(), text.data(), text.size());
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
  }

  std::string directory_ = make_temporary_directory();
  Loop loop_;
  PauseSettings settings_;
  Told told_;
  ProcessIdentity process_;
  std::unique_ptr<PauseClient> client_;
};

}  // namespace podvisor
