// What the status rooms want to know about a pod's containers (RDY, PHS). Private to src/core.
#pragma once

#include <cstddef>

#include "core/pod_turn.h"

namespace podvisor {

class ContainerView {
 public:
  ContainerView(const Pod& pod, const PodState& state) : pod_(pod), state_(state) {}

  [[nodiscard]] std::size_t size() const { return state_.containers.size(); }
  [[nodiscard]] ContainerRole role(ContainerIndex i) const { return pod_.spec.containers[i].role; }
  [[nodiscard]] const ContainerState& operator[](ContainerIndex i) const {
    return state_.containers[i];
  }
  [[nodiscard]] bool running(ContainerIndex i) const {
    return (*this)[i].run == ContainerState::Run::Running;
  }
  [[nodiscard]] bool started(ContainerIndex i) const { return running(i) && (*this)[i].started; }
  /// RDY-2, RDY-3. While the pod restarts nothing in it is ready (DIF-2.5, RAC-18).
  [[nodiscard]] bool ready(ContainerIndex i) const;
  /// Stopped: terminated now, or waiting with a previous termination (PHS-1).
  [[nodiscard]] const Termination* stopped(ContainerIndex i) const;
  [[nodiscard]] bool comes_back(ContainerIndex i) const;

 private:
  const Pod& pod_;
  const PodState& state_;
};

[[nodiscard]] bool is_terminal(PodPhase phase);
/// Nothing of the pod runs, and nothing of it ever will (TRM-14).
[[nodiscard]] bool is_over(const PodState& state);

// pod_phase.cc
[[nodiscard]] PodPhase derive_phase(const PodState& state, const ContainerView& containers);
// pod_conditions.cc
void fill_conditions(const Pod& pod, const PodState& state, const ContainerView& containers,
                     PodStatus& status);
/// CND-7: the time moves only with the status.
void keep_transition_times(const PodStatus& before, WallTime now, PodStatus& status);
// container_status.cc
void fill_container_statuses(const Pod& pod, const PodState& state, const ContainerView& containers,
                             PodStatus& status);

}  // namespace podvisor
