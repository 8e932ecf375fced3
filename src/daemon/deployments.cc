#include "daemon/deployments.h"

#include <algorithm>

#include "daemon/deployment_document.h"
#include "log/logger.h"
#include "podvisor/config_use.h"
#include "podvisor/pod_template_hash.h"
#include "podvisor/uid.h"

namespace podvisor {
namespace {

constexpr Duration kCheckAgain = std::chrono::seconds(1);
constexpr Duration kMakeAgain = std::chrono::seconds(10);

bool has_ended(const PodObject& object) {
  const PodPhase phase = object.status.phase;
  return phase == PodPhase::Succeeded || phase == PodPhase::Failed;
}

}  // namespace

std::optional<std::pair<std::string, std::string>> deployment_of(const Pod& pod) {
  const ObjectMeta& meta = pod.metadata;
  if (!meta.owner || meta.owner->kind != "Deployment") return std::nullopt;
  return std::pair(meta.namespace_, meta.owner->name);
}

std::string revision_of(const Pod& pod) {
  const auto found = pod.metadata.labels.find(kPodTemplateHash);
  return found == pod.metadata.labels.end() ? "" : found->second;
}

Deployments::Deployments(Loop& loop, ObjectStore& store, Edge edge)
    : loop_(loop), store_(store), edge_(std::move(edge)), due_timer_(loop, [this] { run_due(); }) {
  store_watches_ = {store.watch_instances(
                        [this](ChangeType type, const PodObject& object) { on_pod(type, object); }),
                    store.watch_configs([this](ChangeType type, const ConfigEntry& entry) {
                      on_config(type, entry);
                    })};
}

Deployments::~Deployments() {
  for (const std::uint64_t watch : store_watches_) store_.unwatch(watch);
}

void Deployments::on_pod(ChangeType type, const PodObject& object) {
  const auto name = deployment_of(*object.pod);
  if (!name) return;
  const PodUid& uid = object.pod->metadata.uid;
  if (type == ChangeType::Deleted) {
    replicas_.erase(uid);
  } else {
    std::optional<TimePoint>& since = replicas_[uid].ready_since;
    if (!object.serving || !is_ready(object.status))
      since.reset();
    else if (!since)
      since = loop_.now().monotonic;
  }
  due(*name);
}

/// Not when one goes: what is started without it does not start.
void Deployments::on_config(ChangeType type, const ConfigEntry& entry) {
  if (type == ChangeType::Deleted) return;
  const ConfigObject& config = entry.object;
  for (auto& [name, record] : records_) {
    const DeploymentEntry* deployment = store_.find_deployment(name.first, name.second);
    if (deployment == nullptr || name.first != config.metadata.namespace_ ||
        !is_made_of(deployment->object.pod, config.kind, config.metadata.name))
      continue;
    refresh(*deployment, record);
    due(name);
  }
}

/// Once the loop has gone round: several causes make one step, and watchers of the store are not to
/// change it.
void Deployments::due(const Name& name) {
  due_.insert(name);
  due_timer_.start(Duration{0});
}

void Deployments::run_due() {
  if (edge_.is_stopping()) return;
  for (const Name& name : std::exchange(due_, {})) {
    const auto found = records_.find(name);
    if (found != records_.end()) run(name, found->second);
  }
}

std::vector<const PodObject*> Deployments::pods_of(const Name& name) const {
  std::vector<const PodObject*> pods;
  for (const auto& [key, object] : store_.pods())
    if (deployment_of(*object.pod) == name) pods.push_back(&object);
  std::ranges::sort(pods, {}, [](const PodObject* object) { return object->created_version; });
  return pods;
}

std::vector<ReplicaView> Deployments::look(const Name& name) const {
  std::vector<ReplicaView> views;
  const auto add = [&](const PodObject& object) {
    const Pod& pod = *object.pod;
    const auto known = replicas_.find(pod.metadata.uid);
    views.push_back(
        {.name = pod.metadata.name,
         .revision = revision_of(pod),
         .terminating = object.deletion_timestamp.has_value(),
         .ended = has_ended(object),
         .ready_since = known == replicas_.end() ? std::nullopt : known->second.ready_since,
         .created = object.created_version});
  };
  for (const PodObject* object : pods_of(name)) add(*object);
  // One that gives way to its own replacement, or to nobody: it matters only until it is gone.
  for (const auto& [uid, object] : store_.beside())
    if (object.deletion_timestamp && deployment_of(*object.pod) == name) add(object);
  return views;
}

/// A request through the door stands between Ready and the traffic.
void Deployments::let_in(const Name& name) {
  std::vector<std::shared_ptr<const Pod>> ready;
  for (const PodObject* object : pods_of(name)) {
    const Replica& replica = replicas_[object->pod->metadata.uid];
    const bool waits = !object->serving && !object->deletion_timestamp && is_ready(object->status);
    if (waits && !replica.in_check && !replica.check_again) ready.push_back(object->pod);
  }
  for (const auto& pod : ready) {
    if (check_ == nullptr) {
      store_.serve(*pod);
      continue;
    }
    replicas_.at(pod->metadata.uid).in_check = true;
    check_->check(*pod, [this, pod](const std::string& error) { checked(*pod, error); });
  }
}

void Deployments::checked(const Pod& pod, const std::string& error) {
  const auto found = replicas_.find(pod.metadata.uid);
  const auto name = deployment_of(pod);
  const DeploymentEntry* entry = store_.find_deployment(name->first, name->second);
  if (found == replicas_.end() || entry == nullptr) return;
  found->second.in_check = false;
  if (error.empty()) return store_.serve(pod);
  tell_event(*entry, "TrafficCheckFailed",
             "a request through the door to pod " + pod.metadata.name + " failed: " + error, true);
  auto& again = found->second.check_again;
  again = std::make_unique<Timer>(loop_, [this, uid = pod.metadata.uid, name = *name] {
    const auto self = std::move(replicas_.at(uid).check_again);  // lives until this is over
    due(name);
  });
  again->start(kCheckAgain);
}

void Deployments::run(const Name& name, Record& record) {
  const DeploymentEntry* entry = store_.find_deployment(name.first, name.second);
  if (entry == nullptr) return;
  let_in(name);
  const Instant now = loop_.now();
  const bool was_paused = record.state.paused;
  DeploymentStep taken =
      step(entry->object, record.revision, std::move(record.state), look(name), now);
  record.state = std::move(taken.state);
  record.state.status.observed_generation = entry->generation;
  if (taken.wake_at)
    record.timer->start(std::max(*taken.wake_at - now.monotonic, Duration{0}));
  else
    record.timer->stop();
  const DeploymentStatus before = entry->status;
  const Revision* latest = record.revisions.latest();
  store_.set_deployment_status(name.first, name.second, record.state.status,
                               latest == nullptr ? 0 : latest->number);
  carry_out(*entry, record, taken);
  if (before != record.state.status || was_paused != record.state.paused)
    watchers_.tell(name.first, name.second);
}

void Deployments::carry_out(const DeploymentEntry& entry, const Record& record,
                            const DeploymentStep& step) {
  const Name name{entry.object.metadata.namespace_, entry.object.metadata.name};
  std::map<std::string, int> there;  // by revision
  std::map<std::string, int> removed;
  std::vector<std::shared_ptr<const Pod>> to_remove;
  for (const PodObject* object : pods_of(name)) {
    if (object->deletion_timestamp || has_ended(*object)) continue;
    ++there[revision_of(*object->pod)];
  }
  for (const std::string& pod : step.remove) {
    const PodObject* object = store_.find_pod(name.first, pod);
    if (object == nullptr) continue;
    if (!has_ended(*object)) ++removed[revision_of(*object->pod)];
    to_remove.push_back(object->pod);
  }
  const auto tell_scaling = [&](const char* word, const std::string& revision, int by) {
    const int from = there[revision];
    tell_event(entry, "ScalingReplicaSet",
               std::string("Scaled ") + word + " replica set " +
                   revision_name(entry.object, revision) + " from " + std::to_string(from) +
                   " to " + std::to_string(from + by));
  };
  for (const auto& [revision, number] : removed) tell_scaling("down", revision, -number);
  for (const auto& [revision, number] : step.make) tell_scaling("up", revision, number);
  for (const auto& pod : to_remove) edge_.remove(*pod);
  for (const auto& [revision, number] : step.make)
    for (int i = 0; i < number; ++i) {
      if (make(entry, revision)) continue;
      record.timer->start(kMakeAgain);
      return;
    }
}

/// A pod's document; empty: nobody knows it any more.
std::string Deployments::template_of(const Name& name, const std::string& revision) const {
  for (const Revision& known : records_.at(name).revisions.all())
    if (revision_of(known.pod) == revision) return known.pod.document;
  for (const PodObject* object : pods_of(name))  // forgotten, and still there
    if (revision_of(*object->pod) == revision) return object->pod->document;
  return "";
}

bool Deployments::make(const DeploymentEntry& entry, const std::string& revision) {
  const Deployment& deployment = entry.object;
  const std::string document =
      template_of({deployment.metadata.namespace_, deployment.metadata.name}, revision);
  const std::string name = replica_name(revision_name(deployment, revision), make_uid());
  const LoadResult loaded = document.empty() ? LoadResult{} : edge_.load(renamed(document, name));
  if (loaded.pods.size() != 1 || !loaded.ok()) {
    const std::string why = loaded.diagnostics.empty() ? "its template is not known any more"
                                                       : to_string(loaded.diagnostics.front());
    tell_event(entry, "FailedCreate", "Error creating: pods \"" + name + "\": " + why, true);
    return false;
  }
  edge_.make(loaded.pods.front());
  return true;
}

void Deployments::tell_event(const DeploymentEntry& entry, const char* reason, std::string message,
                             bool warning) {
  EventObject event;
  event.namespace_ = entry.object.metadata.namespace_;
  event.involved_kind = "Deployment";
  event.involved_name = entry.object.metadata.name;
  event.involved_uid = entry.object.metadata.uid;
  event.warning = warning;
  event.reason = reason;
  event.message = std::move(message);
  store_.record(std::move(event), loop_.now().wall);
}

}  // namespace podvisor
