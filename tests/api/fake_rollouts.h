// A RolloutControl that says what a test set, and remembers what it was asked.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "podvisor/ports/rollout_control.h"

namespace podvisor {

class FakeRollouts final : public RolloutControl {
 public:
  std::optional<RolloutView> view(const std::string&, const std::string& name) const override {
    return name == "web" ? shown : std::nullopt;
  }
  Status undo(const std::string&, const std::string& name, int to_revision) override {
    return note("undo " + name + " " + std::to_string(to_revision));
  }
  Status restart(const std::string&, const std::string& name) override {
    return note("restart " + name);
  }
  Status pause(const std::string&, const std::string& name) override {
    return note("pause " + name);
  }
  Status resume(const std::string&, const std::string& name) override {
    return note("resume " + name);
  }
  std::uint64_t watch(Watcher watcher) override {
    watchers[++last] = std::move(watcher);
    return last;
  }
  void unwatch(std::uint64_t id) override { watchers.erase(id); }

  void tell() {
    for (const auto& [id, watcher] : std::map(watchers)) watcher("default", "web");
  }

  std::optional<RolloutView> shown;
  std::optional<Error> failure;
  std::vector<std::string> asked;
  std::map<std::uint64_t, Watcher> watchers;
  std::uint64_t last = 0;

 private:
  Status note(std::string what) {
    asked.push_back(std::move(what));
    if (failure) return tl::unexpected<Error>(*failure);
    return {};
  }
};

}  // namespace podvisor
