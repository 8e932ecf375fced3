#include "daemon/rollouts.h"

#include <algorithm>
#include <variant>

#include "log/logger.h"
#include "podvisor/uid.h"

namespace podvisor {
namespace {

bool is_same(const std::shared_ptr<const Pod>& known, const Pod& pod) {
  return known && known->metadata.uid == pod.metadata.uid;
}

RolloutSpec spec_of(const Pod& pod, const PodObject* listed, bool restart) {
  const RolloutPolicy& policy = pod.spec.policy.rollout;
  RolloutSpec spec;
  spec.has_old = listed != nullptr;
  spec.surge = listed != nullptr && may_surge(pod.spec) && may_surge(listed->pod->spec) &&
               !listed->deletion_timestamp;
  spec.restart = restart;
  spec.min_ready = policy.min_ready;
  spec.progress_deadline = policy.progress_deadline;
  if (!restart) spec.bake = policy.bake;  // nobody wants a pod back that has failed
  return spec;
}

Status no_such_pod(const std::string& name) {
  return make_error("pods \"" + name + "\" not found");
}

}  // namespace

PodNews news_of(const Pod& pod, bool was_ready, const PodEvent& event, const PodStep& step) {
  PodNews news;
  news.was_ready = was_ready;
  news.ready = is_ready(step.state.status);
  const PodPhase phase = step.state.status.phase;
  news.completed = phase == PodPhase::Succeeded;
  news.failed = phase == PodPhase::Failed;
  news.start_failed = std::holds_alternative<pod_event::SandboxFailed>(event) ||
                      std::holds_alternative<pod_event::ContainerStartFailed>(event);
  for (const PodAction& action : step.actions) {
    const auto* told = std::get_if<pod_action::EmitEvent>(&action);
    if (told == nullptr || !told->warning) continue;
    const std::string about =
        told->container ? "container " + pod.spec.containers[*told->container].name + ": " : "";
    news.trouble = about + told->message;
  }
  return news;
}

/// Carries out what was decided for one rollout.
class Rollouts::Perform {
 public:
  Perform(Rollouts& self, Name name, const Rollout& rollout)
      : self_(self), name_(std::move(name)), rollout_(rollout) {}

  void operator()(const rollout_action::CreateNew&) {
    const bool beside = rollout_.spec.surge && !rollout_.state.old_gone;
    BackoffSeries restarts;
    if (rollout_.spec.restart) restarts = self_.host_.restarts_of(rollout_.old_pod->metadata.uid);
    self_.host_.admit(rollout_.new_pod, beside, restarts);
  }
  void operator()(const rollout_action::CheckTraffic& action) {
    const auto answer = [&self = self_, name = name_, id = rollout_.id,
                         check = action.check](std::string error) {
      self.send(name, id, rollout_event::Checked{check, std::move(error)});
    };
    if (self_.check_ == nullptr) return answer("");
    self_.check_->check(*rollout_.new_pod, answer);
  }
  void operator()(const rollout_action::Switch& action) {
    self_.store_.switch_to(action.back ? *rollout_.old_pod : *rollout_.new_pod);
  }
  void operator()(const rollout_action::DeleteOld&) { self_.host_.remove(*rollout_.old_pod); }
  void operator()(const rollout_action::DeleteNew&) { self_.host_.remove(*rollout_.new_pod); }
  void operator()(const rollout_action::EmitEvent& action) {
    EventObject event;
    event.namespace_ = name_.first;
    event.involved_name = name_.second;
    event.involved_uid = rollout_.new_pod->metadata.uid;
    event.warning = action.warning;
    event.reason = action.reason;
    event.message = action.message;
    self_.store_.record(std::move(event), self_.loop_.now().wall);
  }

 private:
  Rollouts& self_;
  Name name_;
  const Rollout& rollout_;
};

Rollouts::Rollouts(Loop& loop, ObjectStore& store, PodHost& host)
    : loop_(loop), store_(store), host_(host), restart_timer_(loop, [this] { restart_due(); }) {}

void Rollouts::run(std::function<void()> task) {
  queue_.push_back(std::move(task));
  if (running_) return;
  running_ = true;
  while (!queue_.empty()) {
    const auto next = std::move(queue_.front());
    queue_.pop_front();
    next();
  }
  running_ = false;
}

void Rollouts::apply(Pod pod) {
  run([this, pod = std::move(pod)] { take_in(pod); });
}

bool Rollouts::is_wanted(const Pod& pod) const {
  const auto found = names_.find({pod.metadata.namespace_, pod.metadata.name});
  if (found == names_.end()) return false;
  const Named& named = found->second;
  if (named.wanted) return named.wanted->document == pod.document;
  const Revision* latest = named.revisions.latest();
  if (latest == nullptr || latest->pod.document != pod.document) return false;
  if (named.under_way()) return true;
  return listed_revision(found->first) == latest->number;
}

int Rollouts::listed_revision(const Name& name) const {
  const PodObject* listed = store_.find_pod(name.first, name.second);
  const auto named = names_.find(name);
  if (listed == nullptr || listed->deletion_timestamp || named == names_.end()) return 0;
  const auto found = named->second.revision_of.find(listed->pod->metadata.uid);
  return found == named->second.revision_of.end() ? 0 : found->second;
}

void Rollouts::take_in(const Pod& pod) {
  const Name name{pod.metadata.namespace_, pod.metadata.name};
  Named& named = names_[name];
  if (is_wanted(pod)) return;
  if (named.paused) {
    named.wanted = pod;
    return tell(name);
  }
  const Revision& revision = named.revisions.add(pod, loop_.now().wall);
  begin(name, Pod(revision.pod), revision.number, false);
}

void Rollouts::begin(const Name& name, const Pod& pod, int revision, bool restart) {
  Named& named = names_[name];
  if (named.under_way()) dispatch(name, named.rollout.id, rollout_event::Superseded{});
  due_.erase(name);
  const PodObject* listed = store_.find_pod(name.first, name.second);
  auto incoming = std::make_shared<Pod>(pod);
  incoming->metadata.uid = make_uid();
  Rollout rollout;
  rollout.id = ++last_id_;
  rollout.spec = spec_of(pod, listed, restart);
  if (listed != nullptr) rollout.old_pod = listed->pod;
  named.revision_of[incoming->metadata.uid] = revision;
  rollout.new_pod = std::move(incoming);
  rollout.revision = revision;
  arm(name, named);
  log_info("rollout begun", {{"pod", name.first + "/" + name.second},
                             {"revision", revision},
                             {"uid", rollout.new_pod->metadata.uid},
                             {"strategy", !rollout.spec.has_old ? "First"
                                          : rollout.spec.surge  ? "Surge"
                                                                : "Recreate"}});
  named.rollout = std::move(rollout);
  dispatch(name, named.rollout.id, rollout_event::Began{});
}

void Rollouts::arm(const Name& name, Named& named) {
  if (named.timer) return;
  named.timer = std::make_unique<Timer>(
      loop_, [this, name] { send(name, find(name)->rollout.id, rollout_event::Tick{}); });
}

void Rollouts::perform(const Name& name, const Rollout& rollout, const RolloutAction& action) {
  std::visit(Perform(*this, name, rollout), action);
}

void Rollouts::restart_soon(const std::string& namespace_, const std::string& name) {
  const Named* named = find(namespace_, name);
  if (named == nullptr) return;
  if (due_.emplace(namespace_, name).second) write_down({namespace_, name});
  restart_timer_.start(Duration{0});
}

void Rollouts::restart_due() {
  for (const Name& name : std::exchange(due_, {}))
    if (!restart(name.first, name.second)) write_down(name);  // gone meanwhile, or held up
}

std::vector<std::shared_ptr<const Pod>> Rollouts::forget(const std::string& namespace_,
                                                         const std::string& name) {
  run([this, name = Name(namespace_, name)] {
    due_.erase(name);
    names_.erase(name);
    tell(name);
  });
  std::vector<std::shared_ptr<const Pod>> beside;
  for (const auto& [uid, object] : store_.beside()) {
    const ObjectMeta& meta = object.pod->metadata;
    if (meta.namespace_ == namespace_ && meta.name == name) beside.push_back(object.pod);
  }
  return beside;
}

void Rollouts::send_to_new(const Pod& pod, RolloutEvent event) {
  const Named* named = find(pod);
  send({pod.metadata.namespace_, pod.metadata.name}, named->rollout.id, std::move(event));
}

void Rollouts::observe(const Pod& pod, const PodNews& news) {
  const Named* named = find(pod);
  if (named == nullptr || !is_same(named->rollout.new_pod, pod)) return;
  if (!news.trouble.empty())
    send_to_new(pod, rollout_event::NewTroubled{news.trouble, news.start_failed});
  if (news.failed) return send_to_new(pod, rollout_event::NewGone{"it has ended"});
  if (news.completed || (news.ready && !news.was_ready))
    send_to_new(pod, rollout_event::NewReady{});
  if (!news.completed && !news.ready && news.was_ready)
    send_to_new(pod, rollout_event::NewNotReady{});
}

void Rollouts::gone(const Pod& pod) {
  Named* named = find(pod);
  if (named == nullptr) return;
  named->revision_of.erase(pod.metadata.uid);
  write_down({pod.metadata.namespace_, pod.metadata.name});
  if (is_same(named->rollout.new_pod, pod))
    send_to_new(pod, rollout_event::NewGone{"it was deleted"});
  else if (is_same(named->rollout.old_pod, pod))
    send_to_new(pod, rollout_event::OldGone{});
}

void Rollouts::replace(const Pod& pod) {
  run([this, pod] { make_replacement(pod); });
}

void Rollouts::make_replacement(const Pod& pod) {
  const Named* named = find(pod);
  const PodUid& uid = pod.metadata.uid;
  const PodObject* object = store_.find_instance(pod);
  if (named == nullptr || object == nullptr || !object->listed)  // nothing hangs on it yet
    return host_.answer(uid, pod_event::ReplacementEnded{});
  // A newer revision is on its way already; or the one before is there to go back to.
  if (named->under_way() && named->rollout.state.stage != RolloutState::Stage::Stopping)
    return host_.answer(uid, pod_event::ReplacementBegun{});
  const std::string no_room = host_.no_room_for(pod);
  if (!no_room.empty()) return host_.answer(uid, pod_event::ReplacementRefused{no_room});
  host_.answer(uid, pod_event::ReplacementBegun{});
  const Name name{pod.metadata.namespace_, pod.metadata.name};
  begin(name, pod, listed_revision(name), true);
}

void Rollouts::withdraw(const Pod& pod) {
  const Named* named = find(pod);
  if (named != nullptr && is_same(named->rollout.old_pod, pod))
    send_to_new(pod, rollout_event::OldReady{});
}

void Rollouts::send(const Name& name, std::uint64_t id, RolloutEvent event) {
  run([this, name, id, event = std::move(event)] { dispatch(name, id, event); });
}

void Rollouts::dispatch(const Name& name, std::uint64_t id, const RolloutEvent& event) {
  const auto found = names_.find(name);
  if (found == names_.end() || found->second.rollout.id != id) return;
  Rollout& rollout = found->second.rollout;
  if (rollout.state.ended()) return;
  const TimePoint now = loop_.now().monotonic;
  RolloutStep taken = step(rollout.spec, std::move(rollout.state), event, now);
  rollout.state = std::move(taken.state);
  const auto at = wake_at(rollout.spec, rollout.state);
  if (at)
    found->second.timer->start(std::max(*at - now, Duration{0}));
  else
    found->second.timer->stop();
  write_down(name);
  for (const RolloutAction& action : taken.actions) perform(name, rollout, action);
  if (rollout.state.ended()) {
    const Pod& pod = *rollout.new_pod;
    if (store_.find_instance(pod) == nullptr)  // it was never made
      found->second.revision_of.erase(pod.metadata.uid);
    ended(rollout);
  }
  tell(name);
}

void Rollouts::ended(const Rollout& rollout) {
  const ObjectMeta& meta = rollout.new_pod->metadata;
  log_info("rollout ended", {{"pod", meta.namespace_ + "/" + meta.name},
                             {"revision", rollout.revision},
                             {"uid", meta.uid},
                             {"reason", rollout.state.reason}});
  const bool old_stays = rollout.state.stage == RolloutState::Stage::Failed && rollout.old_pod;
  if (!old_stays) return;
  const PodUid& old = rollout.old_pod->metadata.uid;
  if (rollout.state.reason == "ReplacementNotStarted")
    host_.answer(old, pod_event::ReplacementRefused{rollout.state.message});
  else
    host_.answer(old, pod_event::ReplacementEnded{});
}

std::optional<RolloutView> Rollouts::view(const std::string& namespace_,
                                          const std::string& name) const {
  const auto found = names_.find({namespace_, name});
  if (found == names_.end() || found->second.rollout.id == 0) return std::nullopt;
  const Named& named = found->second;
  const Rollout& rollout = named.rollout;
  RolloutView view;
  view.revision = rollout.revision;
  view.stage = rollout.state.stage;
  view.reason = rollout.state.reason;
  view.progress = progress(rollout.spec, rollout.state);
  view.paused = named.paused;
  view.restart = rollout.spec.restart;
  view.new_pod = rollout.new_pod->metadata.uid;
  if (rollout.old_pod) view.old_pod = rollout.old_pod->metadata.uid;
  for (const Revision& revision : named.revisions.all())
    view.history.push_back({revision.number, revision.since, revision.cause});
  return view;
}

Status Rollouts::undo(const std::string& namespace_, const std::string& name, int to_revision) {
  Named* named = find(namespace_, name);
  if (named == nullptr) return no_such_pod(name);
  if (named->paused)
    return make_error(
        "cannot roll back a paused pod; resume it first with 'podvisor rollout "
        "resume pod/" +
        name + "' and try again");
  const Rollout& rollout = named->rollout;
  if (to_revision == 0 && named->under_way() && can_go_back(rollout.spec, rollout.state)) {
    send({namespace_, name}, rollout.id, rollout_event::Undone{});
    return {};
  }
  const Revision* target =
      to_revision == 0 ? named->revisions.before_latest() : named->revisions.find(to_revision);
  if (target == nullptr && to_revision != 0)
    return make_error("unable to find specified revision " + std::to_string(to_revision) +
                      " in history");
  if (target == nullptr) return make_error("no rollout history found for pod \"" + name + "\"");
  if (listed_revision({namespace_, name}) == target->number)
    return make_error("skipped rollback: the pod is of revision " + std::to_string(target->number) +
                      " already");
  run([this, name = Name(namespace_, name), pod = Pod(target->pod)] {
    const Revision& revision = names_[name].revisions.add(pod, loop_.now().wall);
    begin(name, pod, revision.number, false);
  });
  return {};
}

Status Rollouts::restart(const std::string& namespace_, const std::string& name) {
  Named* named = find(namespace_, name);
  const PodObject* listed = store_.find_pod(namespace_, name);
  if (named == nullptr || named->revisions.latest() == nullptr || listed == nullptr ||
      listed->deletion_timestamp)
    return no_such_pod(name);
  if (named->paused)
    return make_error("can't restart a paused pod; run 'podvisor rollout resume pod/" + name +
                      "' first");
  run([this, name = Name(namespace_, name), latest = Revision(*named->revisions.latest())] {
    begin(name, latest.pod, latest.number, false);
  });
  return {};
}

Status Rollouts::pause(const std::string& namespace_, const std::string& name) {
  Named* named = find(namespace_, name);
  if (named == nullptr) return no_such_pod(name);
  if (std::exchange(named->paused, true))
    return make_error("pods \"" + name + "\" is already paused");
  if (named->under_way()) send({namespace_, name}, named->rollout.id, rollout_event::Paused{});
  tell({namespace_, name});
  return {};
}

Status Rollouts::resume(const std::string& namespace_, const std::string& name) {
  Named* named = find(namespace_, name);
  if (named == nullptr) return no_such_pod(name);
  if (!std::exchange(named->paused, false))
    return make_error("pods \"" + name + "\" is not paused");
  std::optional<Pod> wanted = std::exchange(named->wanted, std::nullopt);
  if (wanted)
    apply(std::move(*wanted));
  else if (named->under_way())
    send({namespace_, name}, named->rollout.id, rollout_event::Resumed{});
  tell({namespace_, name});
  return {};
}

void Rollouts::tell(const Name& name) {
  write_down(name);
  watchers_.tell(name.first, name.second);
}

Rollouts::Named* Rollouts::find(const Pod& pod) {
  return find(pod.metadata.namespace_, pod.metadata.name);
}

Rollouts::Named* Rollouts::find(const std::string& namespace_, const std::string& name) {
  const auto found = names_.find({namespace_, name});
  return found == names_.end() || found->second.rollout.id == 0 ? nullptr : &found->second;
}

}  // namespace podvisor
