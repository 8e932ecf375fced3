#include <optional>

#include "core/pod_turn.h"

namespace podvisor {
namespace {

/// RES-5: a zero counts as absent.
bool given(const std::optional<std::int64_t>& quantity) { return quantity.value_or(0) != 0; }

bool guaranteed(const ResourceRequirements& r) {
  const auto covered = [](const auto& limit, const auto& request) {
    return given(limit) && (!given(request) || *request == *limit);
  };
  return covered(r.cpu_limit, r.cpu_request) && covered(r.memory_limit, r.memory_request);
}

bool best_effort(const ResourceRequirements& r) {
  return !given(r.cpu_limit) && !given(r.cpu_request) && !given(r.memory_limit) &&
         !given(r.memory_request);
}

}  // namespace

const char* qos_class(const PodSpec& spec) {
  bool all_guaranteed = true;
  bool all_best_effort = true;
  for (const Container& container : spec.containers) {
    all_guaranteed = all_guaranteed && guaranteed(container.resources);
    all_best_effort = all_best_effort && best_effort(container.resources);
  }
  if (all_best_effort) return "BestEffort";
  return all_guaranteed ? "Guaranteed" : "Burstable";
}

}  // namespace podvisor
