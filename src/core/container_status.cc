// The containers' statuses (CST, RDY, PHS-7).
#include <algorithm>

#include "core/container_view.h"

namespace podvisor {
namespace {

using Run = ContainerState::Run;

constexpr std::size_t kMaxMessages = 12288;  // bytes, of one pod (MSG-5)

ContainerStateTerminated terminated(const Termination& end, const std::string& container_id) {
  return {.exit_code = end.exit_code,
          .signal = end.signal,
          .reason = end.reason,
          .message = end.message,
          .started_at = end.started.wall,
          .finished_at = end.finished.wall,
          .container_id = container_id + std::to_string(end.instance)};
}

ContainerStateWaiting waiting(const Pod& pod, const ContainerState& c) {
  if (!c.waiting_reason.empty()) return {c.waiting_reason, c.waiting_message};
  const bool has_init = pod.spec.containers.front().role != ContainerRole::Regular;
  return {has_init ? "PodInitializing" : "ContainerCreating", ""};  // CST-1
}

/// CST-2: a termination stays the state until a restart is refused or has happened.
void set_states(const Pod& pod, const ContainerState& c, const std::string& id,
                ContainerStatus& status) {
  const bool refused = c.run != Run::Running && !c.waiting_reason.empty();
  const std::optional<Termination>& last =
      refused && c.termination ? c.termination : c.last_termination;
  if (last) status.last_state = terminated(*last, id);
  if (c.run == Run::Running)
    status.state = ContainerStateRunning{c.started_at.wall};
  else if (c.termination && !refused)
    status.state = terminated(*c.termination, id);
  else
    status.state = waiting(pod, c);
}

ContainerStatus container_status(const Pod& pod, const ContainerView& containers,
                                 ContainerIndex i) {
  const Container& spec = pod.spec.containers[i];
  const ContainerState& c = containers[i];
  const std::string id = "podvisor://" + pod.metadata.uid + "/" + spec.name + "/";
  ContainerStatus status;
  status.name = spec.name;
  status.image = c.image.empty() ? spec.image : c.image;
  status.image_id = c.image_id;
  if (c.next_instance > 0) status.container_id = id + std::to_string(c.instance());
  status.started = containers.started(i);
  status.ready = containers.ready(i);
  status.restart_count = c.restart_count();
  set_states(pod, c, id, status);
  return status;
}

/// PHS-7. In the suffix of init containers that never ran nothing was lost.
void mark_unknown_ends(const PodState& state, const ContainerView& containers, PodStatus& status) {
  const auto mark = [](ContainerStatus& each) {
    if (std::holds_alternative<ContainerStateTerminated>(each.state)) return;
    each.state = ContainerStateTerminated{
        .exit_code = 137,
        .reason = "ContainerStatusUnknown",
        .message = "The container could not be located when the pod was terminated"};
  };
  std::size_t began = 0;  // init containers up to the last that ever ran
  for (ContainerIndex i = 0; i < status.init_container_statuses.size(); ++i)
    if (containers[i].next_instance > 0) began = i + 1;
  for (std::size_t i = 0; i < began; ++i) mark(status.init_container_statuses[i]);
  if (!state.initialized) return;
  for (ContainerStatus& each : status.container_statuses) mark(each);
}

/// Never within a character.
void cut(std::string& text, std::size_t size) {
  if (text.size() <= size) return;
  const auto continues = [&] { return (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U; };
  while (size > 0 && continues()) --size;
  text.resize(size);
}

/// MSG-5: all containers of a pod have the same share.
void share_messages(std::vector<ContainerStatus>& statuses, std::size_t share) {
  for (ContainerStatus& each : statuses) {
    if (auto* now = std::get_if<ContainerStateTerminated>(&each.state)) cut(now->message, share);
    if (each.last_state) cut(each.last_state->message, share);
  }
}

}  // namespace

void fill_container_statuses(const Pod& pod, const PodState& state, const ContainerView& containers,
                             PodStatus& status) {
  for (ContainerIndex i = 0; i < containers.size(); ++i) {
    auto& list = containers.role(i) == ContainerRole::Regular ? status.container_statuses
                                                              : status.init_container_statuses;
    list.push_back(container_status(pod, containers, i));
  }
  if (is_over(state)) mark_unknown_ends(state, containers, status);
  const std::size_t share = kMaxMessages / containers.size();
  share_messages(status.init_container_statuses, share);
  share_messages(status.container_statuses, share);
  std::ranges::sort(status.container_statuses, {}, &ContainerStatus::name);  // CST-4
}

}  // namespace podvisor
