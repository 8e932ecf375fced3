// A host of the test's own: network and mount namespaces without a way out, temporary directories,
// a cgroup parent by an unused name, and a podvisor that serves a directory in it. When the test is
// over podvisor is stopped, and nothing that it made may be left.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "e2e/command.h"
#include "podvisor/fd.h"

namespace podvisor {

/// Every directory of that name below the cgroup mounts, not too deep.
[[nodiscard]] std::vector<std::string> cgroups_named(const std::string& name);

class Host : public testing::Test {
 protected:
  void SetUp() override;     ///< skips without root
  void TearDown() override;  ///< stops podvisor and looks for leftovers

  /// `podvisor serve` on manifests(), with more arguments; returns when it answers.
  void serve(const std::vector<std::string>& more = {});
  /// The same without waiting for an answer.
  void start_serving(const std::vector<std::string>& more = {});
  /// Arguments that put `podvisor run` or `serve` into this host's directories.
  [[nodiscard]] std::vector<std::string> places() const;
  /// Writes a manifest under its name, by rename.
  void write_manifest(const std::string& name, const std::string& text) const;
  void remove_manifest(const std::string& name) const;

  /// The command line client.
  CommandResult cli(std::vector<std::string> arguments,
                    std::chrono::seconds limit = std::chrono::seconds(60)) const;
  /// `get pod NAME -o json`; null when there is none.
  [[nodiscard]] nlohmann::json pod(const std::string& name) const;
  /// containerStatuses[] by name.
  [[nodiscard]] nlohmann::json container(const std::string& pod_name,
                                         const std::string& name) const;
  [[nodiscard]] bool ready(const std::string& name) const;
  /// "Reason message" of every event about the pod, in order.
  [[nodiscard]] std::vector<std::string> events(const std::string& pod_name) const;
  /// The pid of the container's main process, from its cgroup; 0: none.
  [[nodiscard]] int pid_of(const std::string& pod_name, const std::string& container) const;
  static int parent_of(int pid);  ///< 0: there is no such process
  /// The inode of one of its namespaces, such as "net".
  static std::string namespace_of(int pid, const std::string& kind);
  static Fd hold_namespace(int pid, const std::string& kind);
  /// It exists and is no zombie.
  static bool lives(int pid);

  /// Fails the test where there is no such process: 0 is whoever runs the tests.
  static void send(int pid, int signal);
  /// Looks every few milliseconds until it holds, at the longest `limit`.
  static bool eventually(const std::function<bool()>& holds,
                         std::chrono::seconds limit = std::chrono::seconds(20));

  [[nodiscard]] const std::string& dir() const { return dir_; }
  [[nodiscard]] std::string manifests() const { return dir_ + "/manifests"; }
  [[nodiscard]] std::string socket() const { return dir_ + "/run/podvisor.sock"; }
  [[nodiscard]] std::string cgroup_parent() const;
  [[nodiscard]] Background& podvisor() { return *podvisor_; }
  /// What podvisor wrote to its standard error.
  [[nodiscard]] std::string podvisor_log() const { return read_file(dir_ + "/podvisor.err"); }

  void expect_nothing_left() const;
  /// podvisor was killed: what it has left is the test's to look at, and goes when it is over.
  void abandon_podvisor() { podvisor_.reset(); }

 private:
  std::string dir_;
  std::unique_ptr<Background> podvisor_;
};

}  // namespace podvisor
