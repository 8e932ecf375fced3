// One probe of one container (kubernetes-semantics PRB), as a pure state machine.
//
// A probe belongs to an *instance* (one run of a container) and has, at any moment, at most one
// *attempt* in flight. An attempt is one try, or up to three when tries end in an internal error
// (PRB-16); each try has an id of its own, and a completion with another id is stale and dropped.
//
//     Idle ──InstanceStarted──► Waiting ──due──► InFlight ──AttemptCompleted──► Waiting ─ …
//                                  ▲                                   └─► OnHold (PRB-20)
//     InstanceEnded leads to Idle from everywhere and cancels what is in flight.
//
// The *result* is what the pod sees (PRB-9, PRB-19): it changes only when a run of equal verdicts
// reaches its threshold, and each change is one Published action.
//
// Ticks (PRB-3a, PRB-4): the first attempt is due initialDelaySeconds after the instance started,
// the k-th (k-1) periods later. Attempts never overlap; of the ticks missed meanwhile one is
// remembered.
//
// Ramp (podvisor.io/fast-ready): until the first success of a readiness or startup probe, attempts
// are added between those ticks, 20 ms after the first attempt, then twice that after the next, and
// so on up to the period. Ticks are neither moved nor left out for them. An added attempt counts if
// it succeeds, and the ramp ends with it; if it fails it is not an attempt that failureThreshold
// counts, nor does it make an event. So a startup probe that never succeeds fails when it would
// have failed without the ramp (PRB-22), and after the first success nothing differs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "podvisor/pod.h"
#include "podvisor/time.h"

namespace podvisor {

enum class ProbeResult : std::uint8_t { Unknown, Success, Failure };

/// What one try came to. Error is an internal error: it says nothing about the container.
enum class Verdict : std::uint8_t { Success, Warning, Failure, Error };

struct ProbeState {
  enum class Phase : std::uint8_t { Idle, Waiting, InFlight, OnHold };
  Phase phase = Phase::Idle;
  ProbeResult result = ProbeResult::Unknown;
  bool last_success = false;     ///< the verdict that the run repeats; meaningless while run is 0
  int run = 0;                   ///< consecutive equal verdicts (PRB-19)
  int tries = 0;                 ///< of the attempt in flight (PRB-16)
  std::uint64_t attempt_id = 0;  ///< of the latest try; unique within the pod
  TimePoint due;                 ///< Waiting: when the next attempt starts
  TimePoint tick;                ///< the first tick that has not been used; due unless ramping
  Duration ramp{0};              ///< from one attempt to the next that is added; zero: no ramp
  bool added = false;            ///< the attempt in flight, or the latest, stands between ticks
  TimePoint not_before;          ///< end of the initial delay (PRB-6)
  TimePoint attempt_started;     ///< first try of the attempt in flight (PRB-31)
};

namespace probe_event {
struct InstanceStarted {
  bool ramp = false;  ///< PodPolicy::fast_ready; not for liveness
};
struct InstanceEnded {};
/// Time passed, or the gate opened or closed. `open` is PRB-14: this probe may run now.
struct Tick {
  bool open = true;
};
/// PRB-5: an extra attempt now, the period counted from here. Readiness only; never queued twice.
struct Trigger {};
struct AttemptCompleted {
  std::uint64_t attempt_id = 0;
  Verdict verdict = Verdict::Failure;
  std::string output;  ///< at most 10 KiB, for the event
};
/// PRB-12: the pod is being deleted. Liveness and startup succeed and end; readiness goes on.
struct PodTerminating {};
}  // namespace probe_event
using ProbeEvent =
    std::variant<probe_event::InstanceStarted, probe_event::InstanceEnded, probe_event::Tick,
                 probe_event::Trigger, probe_event::AttemptCompleted, probe_event::PodTerminating>;

namespace probe_action {
struct StartAttempt {
  std::uint64_t attempt_id = 0;
};
struct CancelAttempt {
  std::uint64_t attempt_id = 0;
};
/// The result changed (PRB-19, PRB-23).
struct Published {
  ProbeResult result = ProbeResult::Unknown;
};
/// One attempt produced a verdict: for metrics (PRB-31) and for the event of EVT-11, 12 or 14.
/// Error here means that all tries erred and the attempt was discarded (PRB-17).
struct Verdicted {
  Verdict verdict = Verdict::Failure;
  std::string output;
  Duration duration{0};
  bool added = false;  ///< by the ramp: no event if it fails
};
}  // namespace probe_action
using ProbeAction = std::variant<probe_action::StartAttempt, probe_action::CancelAttempt,
                                 probe_action::Published, probe_action::Verdicted>;

/// Advances one probe in place (its owner, the pod, has already copied or moved the whole state);
/// actions are appended. Pure otherwise: same arguments, same outcome.
void step(const Probe& spec, ProbeKind kind, ProbeState& state, const ProbeEvent& event,
          TimePoint now, std::vector<ProbeAction>& actions);

/// When this probe wants its next Tick; nothing while idle, in flight or on hold.
[[nodiscard]] std::optional<TimePoint> wake_at(const ProbeState& state);

}  // namespace podvisor
