// An Executor that runs nothing: it records what it was asked, and the test says what came of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "podvisor/ports/runtime.h"

namespace podvisor {

class FakeExecutor final : public Executor {
 public:
  struct Run {
    PodUid pod;
    ContainerRef ref;
    std::vector<std::string> argv;
    Duration timeout{0};
    Done done;
  };

  std::uint64_t exec(const PodUid& pod, ContainerRef ref, std::vector<std::string> argv,
                     Duration timeout, Done done) override {
    runs[++last_id] = {pod, ref, std::move(argv), timeout, std::move(done)};
    return last_id;
  }
  void cancel(std::uint64_t exec) override {
    if (runs.erase(exec) != 0) cancelled.push_back(exec);
  }
  void finish(std::uint64_t exec, ExecOutcome outcome) {
    const Done done = std::move(runs.at(exec).done);
    runs.erase(exec);
    done(std::move(outcome));
  }

  std::map<std::uint64_t, Run> runs;  ///< under way
  std::vector<std::uint64_t> cancelled;
  std::uint64_t last_id = 0;
};

}  // namespace podvisor
