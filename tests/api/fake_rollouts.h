// Controls of rollouts that say what a test set, and remember what they were asked.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "podvisor/object_store.h"
#include "podvisor/ports/deployment_control.h"

namespace podvisor {

template <typename Control>
class FakeRolloutControl : public Control {
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
  std::uint64_t watch(RolloutControl::Watcher watcher) override {
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
  std::map<std::uint64_t, RolloutControl::Watcher> watchers;
  std::uint64_t last = 0;

 protected:
  Status note(std::string what) {
    asked.push_back(std::move(what));
    if (failure) return tl::unexpected<Error>(*failure);
    return {};
  }
};

using FakeRollouts = FakeRolloutControl<RolloutControl>;

class FakeDeployments final : public FakeRolloutControl<DeploymentControl> {
 public:
  explicit FakeDeployments(ObjectStore& store) : store_(store) {}
  Status remove(const std::string& namespace_, const std::string& name) override {
    store_.remove_deployment(namespace_, name);
    return note("remove " + name);
  }

 private:
  ObjectStore& store_;
};

}  // namespace podvisor
