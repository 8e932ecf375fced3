// The pod's phase (PHS-1 … PHS-6).
#include <algorithm>

#include "core/container_view.h"

namespace podvisor {
namespace {

using Stage = PodState::Stage;
using Run = ContainerState::Run;

bool exited_well(const Termination& end) { return end.exit_code == 0 && !end.oom_killed; }

struct Tally {
  bool init_failed = false;
  bool init_pending = false;
  bool regular_waiting = false;
  bool anything_running = false;
  bool regular_stopped = false;
  bool all_exited_well = true;
};

void tally_init(const ContainerView& containers, ContainerIndex i, bool sandbox_initialized,
                Tally& tally) {
  const ContainerState& c = containers[i];
  if (c.completed || sandbox_initialized) return;
  const bool failed = c.run == Run::Exited && !containers.comes_back(i);
  (failed ? tally.init_failed : tally.init_pending) = true;
}

void tally_sidecar(const ContainerView& containers, ContainerIndex i, bool sandbox_initialized,
                   Tally& tally) {
  const bool never_ran = containers.stopped(i) == nullptr && !containers.running(i);
  const bool not_started = containers.running(i) && !containers.started(i);
  if ((never_ran || not_started) && !sandbox_initialized) tally.init_pending = true;
}

void tally_regular(const ContainerView& containers, ContainerIndex i, Tally& tally) {
  if (containers.running(i)) {
    tally.anything_running = true;
  } else if (const Termination* end = containers.stopped(i)) {
    tally.regular_stopped = true;
    tally.all_exited_well = tally.all_exited_well && exited_well(*end);
  } else {
    tally.regular_waiting = true;
  }
}

Tally tally_containers(const PodState& state, const ContainerView& containers) {
  Tally tally;
  for (ContainerIndex i = 0; i < containers.size(); ++i) {
    switch (containers.role(i)) {
      case ContainerRole::Init:
        tally_init(containers, i, state.sandbox_initialized, tally);
        break;
      case ContainerRole::Sidecar:
        tally_sidecar(containers, i, state.sandbox_initialized, tally);
        break;
      case ContainerRole::Regular:
        tally_regular(containers, i, tally);
        break;
    }
  }
  return tally;
}

/// PHS-1 step 5 for a pod of which nothing will run again; what has no known end has ended badly
/// (PHS-7).
PodPhase final_phase(const PodState& state, const Tally& tally) {
  const bool well = state.failed_reason.empty() && !tally.init_failed && !tally.init_pending &&
                    !tally.regular_waiting && tally.all_exited_well;
  return well ? PodPhase::Succeeded : PodPhase::Failed;
}

}  // namespace

bool is_terminal(PodPhase phase) {
  return phase == PodPhase::Succeeded || phase == PodPhase::Failed;
}

bool is_over(const PodState& state) {
  const bool alive =
      std::ranges::any_of(state.containers, [](const auto& each) { return each.alive(); });
  return !alive && !state.restarting() &&
         (state.stage == Stage::RemovingSandbox || state.stage == Stage::Ended);
}

/// First match wins. A terminal phase shows only once nothing runs, and stays (PHS-4).
PodPhase derive_phase(const PodState& state, const ContainerView& containers) {
  if (is_terminal(state.status.phase)) return state.status.phase;
  const Tally tally = tally_containers(state, containers);
  if (is_over(state)) return final_phase(state, tally);
  if (tally.init_pending || tally.init_failed) return PodPhase::Pending;
  if (tally.regular_waiting) return PodPhase::Pending;
  if (tally.anything_running || tally.regular_stopped) return PodPhase::Running;
  return PodPhase::Pending;
}

}  // namespace podvisor
