// What is written down of pods, and how a later podvisor goes on with them.
#include <utility>
#include <variant>

#include "daemon/supervisor.h"
#include "log/logger.h"

namespace podvisor {

void Supervisor::write_to(Journal& journal) {
  journal_ = &journal;
  rollouts_.write_to(journal);
}

void Supervisor::write_down(const Record& record,
                            std::vector<pod_action::SignalContainer> signals) {
  const PodObject* object = store_.find_instance(*record.pod);
  if (journal_ == nullptr || object == nullptr) return;
  PodRecord facts;
  facts.created = object->creation_timestamp;
  facts.deleted = object->deletion_timestamp;
  facts.deletion_grace = object->deletion_grace_period;
  facts.beside = store_.beside().contains(record.pod->metadata.uid);
  facts.signals = std::move(signals);
  facts.signals.insert(facts.signals.end(), record.signals.begin(), record.signals.end());
  journal_->write_pod(*record.pod, facts, record.state);
}

void Supervisor::restore(std::shared_ptr<const Pod> pod, const PodState& written, PodRecord facts) {
  const PodUid uid = pod->metadata.uid;
  PodState state = resumed_pod_state(written, loop_.now().monotonic);
  store_.restore_pod(pod, state.status, facts);
  track(std::move(pod), std::move(state));
  pods_.at(uid).signals = std::move(facts.signals);
}

void Supervisor::resume() {
  std::vector<std::shared_ptr<const Pod>> pods;
  for (const auto& [uid, record] : pods_) pods.push_back(record.pod);
  for (const auto& pod : pods) {
    const auto found = pods_.find(pod->metadata.uid);
    if (found == pods_.end()) continue;
    const PodState& state = found->second.state;
    log_info("pod found", {{"pod", pod->metadata.namespace_ + "/" + pod->metadata.name},
                           {"uid", pod->metadata.uid},
                           {"stage", to_string(state.stage)}});
    if (state.adopting)
      runtime_->adopt_sandbox(*pod, state);
    else if (!state.scheduled)
      place(*pod);
    else
      post(pod->metadata.uid, pod_event::Tick{});
  }
  rollouts_.resume();
  for (const auto& pod : pods) {
    const auto found = pods_.find(pod->metadata.uid);
    if (found == pods_.end()) continue;
    const std::optional<PodRestart>& restart = found->second.state.restart;
    if (restart && restart->surge && restart->requested) rollouts_.replace_unless_begun(*pod);
  }
}

/// After the actions of a step: what only now may be forgotten, or be done.
void Supervisor::settle(const PodUid& uid, const PodEvent& event, bool signalled) {
  if (const auto* exited = std::get_if<pod_event::ContainerExited>(&event))
    runtime_->acknowledge(uid, exited->ref);
  const auto found = pods_.find(uid);
  if (found == pods_.end()) return;
  Record& record = found->second;
  if (std::holds_alternative<pod_event::SandboxAdopted>(event)) {
    for (const pod_action::SignalContainer& signal : std::exchange(record.signals, {}))
      runtime_->signal_container(uid, signal.ref, signal.signal);
    signalled = true;
  }
  if (signalled) write_down(record, {});  // a second SIGTERM would be more than was decided
}

}  // namespace podvisor
