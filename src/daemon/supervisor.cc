#include "daemon/supervisor.h"

#include <algorithm>
#include <variant>
#include <vector>

#include "daemon/deployments.h"
#include "log/logger.h"
#include "loop/tick_grid.h"
#include "podvisor/config_use.h"
#include "podvisor/uid.h"

namespace podvisor {
namespace {

/// EVT-22.
std::string field_path(const Container& container) {
  const bool regular = container.role == ContainerRole::Regular;
  return (regular ? "spec.containers{" : "spec.initContainers{") + container.name + "}";
}

EventObject event_object(const Pod& pod, const pod_action::EmitEvent& action) {
  EventObject event;
  event.namespace_ = pod.metadata.namespace_;
  event.involved_name = pod.metadata.name;
  event.involved_uid = pod.metadata.uid;
  if (action.container) event.field_path = field_path(pod.spec.containers[*action.container]);
  event.warning = action.warning;
  event.reason = action.reason;
  event.message = action.message;
  return event;
}

std::vector<pod_action::SignalContainer> signals_in(const std::vector<PodAction>& actions) {
  std::vector<pod_action::SignalContainer> signals;
  for (const PodAction& action : actions)
    if (const auto* signal = std::get_if<pod_action::SignalContainer>(&action))
      signals.push_back(*signal);
  return signals;
}

}  // namespace

/// Carries out what was decided for one pod.
class Supervisor::Perform {
 public:
  Perform(Supervisor& self, const Pod& pod) : self_(self), pod_(pod) {}

  void operator()(const pod_action::MakeSandbox& action) {
    self_.runtime_->make_sandbox(pod_, action.attempt);
  }
  void operator()(const pod_action::RemoveSandbox& action) {
    self_.runtime_->remove_sandbox(uid(), action.attempt);
  }
  void operator()(const pod_action::StartContainer& action) {
    self_.runtime_->start_container(pod_, action.ref);
  }
  void operator()(const pod_action::SignalContainer& action) {
    self_.runtime_->signal_container(uid(), action.ref, action.signal);
  }
  void operator()(const pod_action::KillContainer& action) {
    self_.runtime_->kill_container(uid(), action.ref);
  }
  void operator()(const pod_action::DrainTraffic& action) {
    if (self_.traffic_ != nullptr) return self_.traffic_->drain(pod_, action);
    self_.post(uid(), pod_event::TrafficDrained{action.attempt});
  }
  void operator()(const pod_action::StartAttempt& action) {
    self_.prober_->start_attempt(pod_, action);
  }
  void operator()(const pod_action::CancelAttempt& action) {
    self_.prober_->cancel_attempt(uid(), action.attempt_id);
  }
  void operator()(const pod_action::RunHook& action) { self_.hooks_->run_hook(pod_, action); }
  void operator()(const pod_action::CancelHook& action) {
    self_.hooks_->cancel_hook(uid(), action);
  }
  void operator()(const pod_action::ForgetPod&) {
    self_.runtime_->forget_pod(pod_);
    self_.forget(uid());
  }
  void operator()(const pod_action::EmitEvent&) {}     // recorded before the status
  void operator()(const pod_action::CountVerdict&) {}  // the observer has seen it
  void operator()(const pod_action::CountPodRestart&) {}
  void operator()(const pod_action::RequestReplacement&) { self_.rollouts_.replace(pod_); }
  void operator()(const pod_action::WithdrawReplacement&) { self_.rollouts_.withdraw(pod_); }

 private:
  [[nodiscard]] const PodUid& uid() const { return pod_.metadata.uid; }

  Supervisor& self_;
  const Pod& pod_;
};

Supervisor::Supervisor(Loop& loop, ObjectStore& store, StepObserver& observer)
    : loop_(loop), store_(store), observer_(observer), rollouts_(loop, store, *this) {}

void Supervisor::connect(Runtime& runtime, Prober& prober, HookRunner& hooks) {
  runtime_ = &runtime;
  prober_ = &prober;
  hooks_ = &hooks;
}

void Supervisor::set_node(Node node) {
  node_ = std::move(node);
  std::vector<std::shared_ptr<const Pod>> waiting;
  for (const auto& [uid, record] : pods_)
    if (!record.state.scheduled) waiting.push_back(record.pod);
  for (const auto& pod : waiting) place(*pod);
}

void Supervisor::place(const Pod& pod) {
  std::optional<std::string> why_not = why_not_on(node_, pod.spec);
  if (why_not)
    post(pod.metadata.uid, pod_event::NodeMismatched{std::move(*why_not)});
  else
    post(pod.metadata.uid, pod_event::NodeMatched{});
}

void Supervisor::apply(Pod pod) {
  if (!stopping_) rollouts_.apply(std::move(pod));
}

void Supervisor::admit(std::shared_ptr<const Pod> pod, bool beside, const BackoffSeries& restarts) {
  const PodUid uid = pod->metadata.uid;
  PodState state = initial_pod_state(*pod, restarts);
  if (beside)
    store_.add_beside(pod, state.status, loop_.now().wall);
  else
    store_.add_pod(pod, state.status, loop_.now().wall, !deployment_of(*pod));
  track(pod, std::move(state));
  log_info("pod admitted", {{"pod", full_name(pod->metadata)}, {"uid", uid}});
  post(uid, pod_event::Admitted{});
  place(*pod);
}

void Supervisor::track(std::shared_ptr<const Pod> pod, PodState state) {
  const PodUid uid = pod->metadata.uid;
  auto timer = std::make_unique<Timer>(loop_, [this, uid] { post(uid, pod_event::Tick{}); });
  pods_.emplace(uid, Record{std::move(pod), std::move(state), std::move(timer), {}});
}

void Supervisor::remove(const Pod& pod) {
  const auto found = pods_.find(pod.metadata.uid);
  const PodObject* object = store_.find_instance(pod);
  if (found == pods_.end() || object == nullptr || object->deletion_timestamp) return;
  remove(found->second, pod.spec.termination_grace_period);
}

BackoffSeries Supervisor::restarts_of(const PodUid& pod) const {
  const auto found = pods_.find(pod);
  return found == pods_.end() ? BackoffSeries{} : found->second.state.restart_backoff;
}

std::string Supervisor::no_room_for(const Pod& pod) const { return no_room_ ? no_room_(pod) : ""; }

void Supervisor::remove(Record& record, Seconds grace_period) {
  store_.mark_deleted(*record.pod, loop_.now().wall, grace_period);
  post(PodUid(record.pod->metadata.uid), pod_event::DeletionRequested{grace_period});
}

void Supervisor::stop_all(std::optional<Seconds> grace_period) {
  stopping_ = true;
  std::vector<PodUid> uids;
  for (const auto& [uid, record] : pods_) {
    const ObjectMeta& meta = record.pod->metadata;
    static_cast<void>(rollouts_.forget(meta.namespace_, meta.name));  // beside or not, it goes
    uids.push_back(uid);
  }
  for (const PodUid& uid : uids) {  // a pod may be gone by the time its turn comes
    const auto found = pods_.find(uid);
    if (found == pods_.end()) continue;
    const Seconds own = found->second.pod->spec.termination_grace_period;
    remove(found->second, grace_period.value_or(own));
  }
  if (pods_.empty() && on_settled_) on_settled_();
}

bool Supervisor::all_ended() const {
  return std::ranges::all_of(
      pods_, [](const auto& entry) { return entry.second.state.stage == PodState::Stage::Ended; });
}

Status Supervisor::delete_pod(const std::string& namespace_, const std::string& name,
                              std::optional<Seconds> grace_period) {
  Record* record = find(namespace_, name);
  if (record == nullptr) return make_error("pods \"" + name + "\" not found");
  for (const auto& beside : rollouts_.forget(namespace_, name)) remove(*beside);
  remove(*record, grace_period.value_or(record->pod->spec.termination_grace_period));
  return {};
}

Status Supervisor::set_condition(const std::string& namespace_, const std::string& name,
                                 const GivenCondition& condition) {
  if (find(namespace_, name) == nullptr) return make_error("pods \"" + name + "\" not found");
  std::vector<PodUid> uids;  // one beside may be waiting for its gate
  for (const auto& [uid, record] : pods_) {
    const ObjectMeta& meta = record.pod->metadata;
    if (meta.namespace_ == namespace_ && meta.name == name) uids.push_back(uid);
  }
  for (const PodUid& uid : uids)
    post(uid, pod_event::ConditionSet{condition.type, condition.status, condition.reason,
                                      condition.message});
  return {};
}

void Supervisor::signal_main(int signal) {
  for (const auto& [name, object] : store_.pods()) {
    const auto found = pods_.find(object.pod->metadata.uid);
    if (found == pods_.end()) continue;
    const ContainerIndex main = object.pod->spec.policy.main_container;
    const ContainerState& container = found->second.state.containers[main];
    if (container.run == ContainerState::Run::Running)
      runtime_->signal_container(found->first, {main, container.instance()}, signal);
  }
}

void Supervisor::config_changing(ConfigKind kind, const std::string& namespace_,
                                 const std::string& name) {
  for (const auto& [uid, record] : pods_) {
    const Pod& pod = *record.pod;
    if (pod.metadata.namespace_ != namespace_ || !is_made_of(pod, kind, name)) continue;
    if (!deployment_of(pod))  // whose owner makes others
      rollouts_.restart_soon(namespace_, pod.metadata.name);
  }
}

void Supervisor::config_changed(ConfigKind kind, const std::string& namespace_,
                                const std::string& name) {
  std::vector<PodUid> users;
  for (const auto& [uid, record] : pods_) {
    const Pod& pod = *record.pod;
    if (pod.metadata.namespace_ != namespace_) continue;
    const bool mounts = mounts_config(pod, kind, name), made_of = is_made_of(pod, kind, name);
    if (mounts) runtime_->refresh_volumes(pod);
    if (mounts || made_of) users.push_back(uid);
  }
  for (const PodUid& uid : users) post(uid, pod_event::ConfigChanged{});
}

Supervisor::Record* Supervisor::find(const std::string& namespace_, const std::string& name) {
  const PodObject* object = store_.find_pod(namespace_, name);
  if (object == nullptr) return nullptr;
  const auto found = pods_.find(object->pod->metadata.uid);
  return found == pods_.end() ? nullptr : &found->second;
}

void Supervisor::post(const PodUid& pod, PodEvent event) {
  queue_.emplace_back(pod, std::move(event));
  if (dispatching_) return;
  dispatching_ = true;
  while (!queue_.empty()) {
    const auto [uid, next] = std::move(queue_.front());
    queue_.pop_front();
    dispatch(uid, next);
  }
  dispatching_ = false;
}

void Supervisor::dispatch(const PodUid& uid, const PodEvent& event) {
  const auto found = pods_.find(uid);
  if (found == pods_.end()) return;
  Record& record = found->second;
  const std::shared_ptr<const Pod> pod = record.pod;  // outlives ForgetPod
  const Instant now = loop_.now();
  const bool was_ready = is_ready(record.state.status);
  PodStep taken = step(*pod, std::move(record.state), event, now);
  const PodNews news = news_of(*pod, was_ready, event, taken);
  observer_.stepped(*pod, event, taken);
  for (const PodAction& action : taken.actions)  // first what happened, then what it led to
    if (const auto* told = std::get_if<pod_action::EmitEvent>(&action))
      store_.record(event_object(*pod, *told), now.wall);
  if (taken.status_changed) publish(record, taken);
  record.state = std::move(taken.state);
  arm(record, now.monotonic);
  const bool ended = record.state.stage == PodState::Stage::Ended;
  std::vector<pod_action::SignalContainer> signals = signals_in(taken.actions);
  const bool signalled = !signals.empty();
  if (taken.lasting) write_down(record, std::move(signals));
  for (const PodAction& action : taken.actions) std::visit(Perform(*this, *pod), action);
  settle(uid, event, signalled);
  rollouts_.observe(*pod, news);
  if (ended && on_settled_) on_settled_();
}

void Supervisor::publish(const Record& record, const PodStep& step) {
  const PodObject* before = store_.find_instance(*record.pod);
  const PodStatus& status = step.state.status;
  const bool was_ready = before != nullptr && is_ready(before->status);
  if (before != nullptr && (before->status.phase != status.phase || was_ready != is_ready(status)))
    log_info("pod changed", {{"pod", full_name(record.pod->metadata)},
                             {"phase", to_string(status.phase)},
                             {"ready", is_ready(status) ? "true" : "false"},
                             {"stage", to_string(step.state.stage)}});
  store_.set_status(*record.pod, status);
}

void Supervisor::arm(Record& record, TimePoint now) {
  const std::optional<TimePoint> at = wake_at(*record.pod, record.state);
  if (!at) return record.timer->stop();
  record.timer->start(until_tick(*at, now));
}

void Supervisor::forget(const PodUid& uid) {
  if (journal_ != nullptr) journal_->forget_pod(uid);
  const auto node = pods_.extract(uid);
  const Record& record = node.mapped();
  store_.remove_pod(*record.pod);
  log_info("pod forgotten", {{"pod", full_name(record.pod->metadata)}, {"uid", uid}});
  rollouts_.gone(*record.pod);
}

}  // namespace podvisor
