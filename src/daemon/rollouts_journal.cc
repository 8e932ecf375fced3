// What is written down of rollouts, and how a later podvisor goes on with them.
#include <utility>

#include "daemon/rollouts.h"
#include "log/logger.h"

namespace podvisor {
namespace {

using Stage = RolloutState::Stage;

std::shared_ptr<const Pod> with_uid(const Pod& pod, const PodUid& uid) {
  auto made = std::make_shared<Pod>(pod);
  made->metadata.uid = uid;
  return made;
}

}  // namespace

PodUid holder_of(const RolloutRecord& record) {
  const RolloutState& state = record.state;
  const bool switched =
      state.stage == Stage::Baking || state.stage == Stage::Stopping || state.stage == Stage::Done;
  const bool old_has_it =
      record.spec.surge ? !switched && !state.old_gone : state.stage == Stage::Emptying;
  return old_has_it && !record.old_pod.empty() ? record.old_pod : record.new_pod;
}

void Rollouts::write_down(const Name& name) {
  if (journal_ == nullptr) return;
  const auto found = names_.find(name);
  if (found == names_.end() || found->second.rollout.id == 0)
    return journal_->forget_rollout(name.first, name.second);
  const Named& named = found->second;
  const Rollout& rollout = named.rollout;
  RolloutRecord record;
  record.namespace_ = name.first;
  record.name = name.second;
  record.revisions = named.revisions.records();
  record.last_revision = named.revisions.last_number();
  record.paused = named.paused;
  if (named.wanted) record.wanted = named.wanted->document;
  record.revision_of = named.revision_of;
  record.spec = rollout.spec;
  record.state = rollout.state;
  if (rollout.old_pod) record.old_pod = rollout.old_pod->metadata.uid;
  record.new_pod = rollout.new_pod->metadata.uid;
  record.revision = rollout.revision;
  record.restart_due = due_.contains(name);
  journal_->write_rollout(record);
}

void Rollouts::restore(const RolloutRecord& record, const LoadDocument& load) {
  const Name name{record.namespace_, record.name};
  Named named;
  named.revisions.restore(record.revisions, record.last_revision, load);
  named.paused = record.paused;
  if (record.wanted)
    if (const auto pod = load(*record.wanted)) named.wanted = *pod;
  named.revision_of = record.revision_of;
  Rollout& rollout = named.rollout;
  rollout.spec = record.spec;
  rollout.state = record.state;
  rollout.revision = record.revision;
  const auto there = [&](const PodUid& uid) -> std::shared_ptr<const Pod> {
    Pod wanted;
    wanted.metadata = {.name = name.second, .namespace_ = name.first, .uid = uid};
    const PodObject* object = store_.find_instance(wanted);
    return object == nullptr ? nullptr : object->pod;
  };
  const Revision* revision = named.revisions.find(record.revision);
  rollout.new_pod = there(record.new_pod);
  if (!rollout.new_pod && revision != nullptr)  // gone, or never made
    rollout.new_pod = with_uid(revision->pod, record.new_pod);
  if (!rollout.new_pod) return;  // nobody knows what it was
  if (!record.old_pod.empty()) rollout.old_pod = there(record.old_pod);
  if (!record.old_pod.empty() && !rollout.old_pod)  // gone: only its name is asked for
    rollout.old_pod = with_uid(*rollout.new_pod, record.old_pod);
  rollout.id = ++last_id_;
  names_[name] = std::move(named);
  arm(name, names_[name]);
  if (record.restart_due) due_.insert(name);
}

void Rollouts::resume() {
  if (!due_.empty()) restart_timer_.start(Duration{0});
  std::vector<Name> names;
  for (const auto& [name, named] : names_)
    if (named.under_way()) names.push_back(name);
  for (const Name& name : names) {
    log_info("rollout goes on", {{"pod", name.first + "/" + name.second},
                                 {"stage", to_string(names_[name].rollout.state.stage)}});
    run([this, name] {
      say_again(name);
      catch_up(name);
    });
  }
}

void Rollouts::replace_unless_begun(const Pod& pod) {
  const Named* named = find(pod);
  const bool begun = named != nullptr && named->under_way() && named->rollout.old_pod &&
                     named->rollout.old_pod->metadata.uid == pod.metadata.uid;
  if (!begun) replace(pod);
}

/// What the stage implies was said, and perhaps not done.
void Rollouts::say_again(const Name& name) {
  Rollout& rollout = names_[name].rollout;
  const bool made = store_.find_instance(*rollout.new_pod) != nullptr;
  switch (rollout.state.stage) {
    case Stage::Emptying:
    case Stage::Stopping:
      return perform(name, rollout, rollout_action::DeleteOld{});
    case Stage::Starting:
      if (!made) perform(name, rollout, rollout_action::CreateNew{});
      return;
    case Stage::Checking:
      return perform(name, rollout, rollout_action::CheckTraffic{rollout.state.check});
    case Stage::Gating:
    case Stage::Baking:
    case Stage::Done:
    case Stage::Failed:
      return;
  }
}

/// With what its pods have become.
void Rollouts::catch_up(const Name& name) {
  const Rollout& rollout = names_[name].rollout;
  const std::uint64_t id = rollout.id;
  if (rollout.old_pod && store_.find_instance(*rollout.old_pod) == nullptr)
    send(name, id, rollout_event::OldGone{});
  const PodObject* made = store_.find_instance(*rollout.new_pod);
  const bool starting = rollout.state.stage == Stage::Starting;
  if (made == nullptr && !starting && rollout.state.stage != Stage::Emptying)
    send(name, id, rollout_event::NewGone{"it was deleted"});
  if (made != nullptr && made->status.phase == PodPhase::Failed)
    send(name, id, rollout_event::NewGone{"it has ended"});
  const bool ready =
      made != nullptr && (is_ready(made->status) || made->status.phase == PodPhase::Succeeded);
  if (ready && !rollout.state.new_ready) send(name, id, rollout_event::NewReady{});
  if (!ready && rollout.state.new_ready) send(name, id, rollout_event::NewNotReady{});
  send(name, id, rollout_event::Tick{});  // and its timer runs
}

}  // namespace podvisor
