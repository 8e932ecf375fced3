// Which OCI runtime works on this host: found by running something in it, since a runtime can be
// there and refuse the host's cgroups (crun 1.8 does, where v1 and v2 are mixed). Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loop/child_process.h"
#include "loop/loop.h"
#include "podvisor/result.h"

namespace podvisor {

struct OciRuntimeSettings {
  std::vector<std::string> candidates = {"crun", "runc"};  ///< in order of preference
  std::string pause_path;    ///< a static program: what the trial runs
  std::string directory;     ///< private, for the trial's bundle and the runtimes' states
  std::string cgroups_path;  ///< where the trial's container may be; empty: where it likes
  std::function<void()> remove_cgroups = [] {};  ///< what the trial has left of that path
};

class OciRuntime {
 public:
  OciRuntime(Loop& loop, OciRuntimeSettings settings);

  /// Calls back, at once when it is known already, with the program's name. The error says what
  /// each candidate said.
  using Found = std::function<void(const Result<std::string>&)>;
  void find(Found found);

  /// What a runtime keeps its containers' states in.
  [[nodiscard]] std::string state_root() const { return settings_.directory + "/state"; }
  /// For a socket that nobody else has, nor a runtime of an earlier podvisor still looks for.
  [[nodiscard]] std::string next_console_path();
  /// What an earlier podvisor has left of consoles and trials; before anything is found.
  void remove_leavings() const;

 private:
  void try_next();
  void on_tried(const ChildEnd& end);
  [[nodiscard]] Status make_bundle() const;
  void answer(Result<std::string> result);

  Loop& loop_;
  OciRuntimeSettings settings_;
  std::size_t next_ = 0;
  std::uint64_t next_console_ = 1;
  std::string refusals_;
  std::vector<Found> waiting_;
  std::unique_ptr<ChildProcess> child_;
  std::unique_ptr<ChildProcess> ended_;  ///< the one in whose callback we are
  std::optional<std::string> runtime_;
};

}  // namespace podvisor
