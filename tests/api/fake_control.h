// A Control that does what a test tells it to, and remembers what it was asked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "podvisor/object_store.h"
#include "podvisor/ports/control.h"

namespace podvisor {

class FakeControl final : public Control {
 public:
  explicit FakeControl(ObjectStore& store) : store_(store) {}

  struct Deletion {
    std::string name;
    std::optional<Seconds> grace_period;
  };

  Status delete_pod(const std::string& namespace_, const std::string& name,
                    std::optional<Seconds> grace_period) override {
    deletions.push_back({namespace_ + "/" + name, grace_period});
    if (failure) return tl::unexpected(*failure);
    const PodObject* found = store_.find_pod(namespace_, name);
    if (!found || later) return {};
    const auto pod = found->pod;
    if (at_once)
      store_.remove_pod(*pod);
    else
      store_.mark_deleted(*pod, now, grace_period.value_or(pod->spec.termination_grace_period));
    return {};
  }

  void stop_all(std::optional<Seconds> grace_period) override { stops.push_back(grace_period); }

  Status set_condition(const std::string& namespace_, const std::string& name,
                       const GivenCondition& condition) override {
    conditions.push_back(namespace_ + "/" + name + " " + condition.type + "=" +
                         to_string(condition.status));
    if (failure) return tl::unexpected(*failure);
    return {};
  }

  std::vector<std::string> conditions;
  std::vector<Deletion> deletions;
  std::vector<std::optional<Seconds>> stops;
  std::optional<Error> failure;
  bool at_once = false;  ///< the pod is gone when delete_pod returns
  bool later = false;    ///< nothing has happened yet when it returns
  WallTime now{std::chrono::seconds(1'795'348'800)};

 private:
  ObjectStore& store_;
};

}  // namespace podvisor
