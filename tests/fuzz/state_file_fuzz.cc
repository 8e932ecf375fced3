// Any bytes as a file of the state directory: read, and if they are one, written and read again to
// the same; and a state that core says it can go on from survives being gone on from.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "podvisor/pod_state.h"
#include "state/text.h"

namespace {

using namespace podvisor;

const state::Stamp kNow{"boot",
                        {TimePoint{std::chrono::hours(1)}, WallTime{std::chrono::hours(1)}}};

void require(bool holds) {
  if (!holds) std::abort();
}

void go_on(const state::StateFile& file) {
  Pod pod;
  pod.spec.containers.resize(file.state.containers.size());
  if (!flaw_of(pod, file.state).empty()) return;
  PodState now = resumed_pod_state(file.state, kNow.at.monotonic);
  const auto take = [&](const PodEvent& event) {
    now = step(pod, std::move(now), event, kNow.at).state;
    static_cast<void>(wake_at(pod, now));
  };
  take(pod_event::SandboxAdopted{now.sandbox_attempt, "10.0.0.2", {{0, 0}}});
  take(pod_event::Tick{});
  take(pod_event::DeletionRequested{Seconds{1}});
  take(pod_event::SandboxDied{now.sandbox_attempt});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto file = state::read_state(text, kNow)) {
    const std::string body = state::state_body(file->facts, file->state);
    const auto again = state::read_state(state::state_text(body, kNow), kNow);
    require(again && state::state_body(again->facts, again->state) == body);
    go_on(*file);
  }
  static_cast<void>(state::read_rollout(text, kNow));
  static_cast<void>(state::read_pod(text));
  static_cast<void>(state::read_object(text));
  static_cast<void>(state::read_source(text));
  return 0;
}
