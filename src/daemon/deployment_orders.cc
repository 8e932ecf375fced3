// What somebody wants of a Deployment: another manifest, or its rollout steered.
#include <algorithm>

#include "daemon/deployment_document.h"
#include "daemon/deployments.h"
#include "log/logger.h"

namespace podvisor {
namespace {

Status not_found(const std::string& name) {
  return make_error("deployments.apps \"" + name + "\" not found");
}

}  // namespace

/// What is read again of a document that was changed here has been accepted before.
Deployment Deployments::reloaded(Deployment deployment, const std::string& document) const {
  if (document == deployment.document) return deployment;
  const LoadResult loaded = edge_.load(document);
  if (loaded.deployments.size() != 1 || !loaded.ok()) return deployment;
  Deployment fresh = *loaded.deployments.front().object;
  fresh.metadata.uid = deployment.metadata.uid;
  return fresh;
}

Deployment Deployments::accepted(const Deployment& deployment) const {
  const ObjectMeta& meta = deployment.metadata;
  const Name name{meta.namespace_, meta.name};
  if (const DeploymentEntry* known = store_.find_deployment(meta.namespace_, meta.name))
    return reloaded(deployment, carried_over(deployment.document, known->object.document));
  const std::vector<const PodObject*> pods = pods_of(name);
  if (pods.empty()) return deployment;
  // Pods that are there before their Deployment are from before podvisor's own restart.
  const Pod& latest = *pods.back()->pod;
  Deployment again = reloaded(deployment, restarted_as(deployment.document, latest.document));
  again.metadata.uid = latest.metadata.owner->uid;
  return again;
}

void Deployments::apply(const Deployment& deployment) {
  const ObjectMeta& meta = deployment.metadata;
  const Name name{meta.namespace_, meta.name};
  store_.set_deployment(accepted(deployment), loop_.now().wall);
  Record& record = records_[name];
  if (!record.timer) return begin(name, record);
  refresh(*store_.find_deployment(name.first, name.second), record);
  due(name);
}

/// What is wanted may be another revision now.
void Deployments::refresh(const DeploymentEntry& entry, Record& record) {
  const Deployment& deployment = entry.object;
  record.revisions.keep(static_cast<std::size_t>(deployment.revision_history_limit) + 1);
  if (!deployment.paused) turn_to_latest(entry, record);
  write_down(entry, record);
}

void Deployments::turn_to_latest(const DeploymentEntry& entry, Record& record) {
  const Deployment& deployment = entry.object;
  record.revision = revision_of(deployment, store_);
  LoadResult loaded =
      edge_.load(pod_document(deployment, record.revision, deployment.metadata.name));
  if (loaded.pods.size() != 1)
    return tell_event(entry, "FailedCreate",
                      loaded.diagnostics.empty() ? "" : to_string(loaded.diagnostics.front()),
                      true);
  const Revision& revision = record.revisions.add(*loaded.pods.front().pod, loop_.now().wall,
                                                  Revisions::change_cause(deployment.metadata));
  log_info("deployment wanted", {{"deployment", full_name(deployment.metadata)},
                                 {"revision", revision.number},
                                 {"hash", record.revision},
                                 {"replicas", deployment.replicas}});
}

Status Deployments::change(const Name& name, const std::string& document) {
  const DeploymentEntry* entry = store_.find_deployment(name.first, name.second);
  Deployment changed = reloaded(entry->object, document);
  if (changed.document == entry->object.document)
    return make_error("the Deployment does not take that change");
  apply(changed);
  return {};
}

Status Deployments::remove(const std::string& namespace_, const std::string& name) {
  const Name key{namespace_, name};
  if (records_.erase(key) == 0) return not_found(name);
  std::vector<std::shared_ptr<const Pod>> pods;
  for (const PodObject* object : pods_of(key)) pods.push_back(object->pod);
  store_.remove_deployment(namespace_, name);
  for (const auto& pod : pods) edge_.remove(*pod);
  watchers_.tell(key.first, key.second);
  return {};
}

void Deployments::remove_all() {
  while (!records_.empty()) {
    const auto [namespace_, name] = records_.begin()->first;
    static_cast<void>(remove(namespace_, name));
  }
}

std::optional<RolloutView> Deployments::view(const std::string& namespace_,
                                             const std::string& name) const {
  const auto found = records_.find({namespace_, name});
  const DeploymentEntry* entry = store_.find_deployment(namespace_, name);
  if (found == records_.end() || entry == nullptr) return std::nullopt;
  const Record& record = found->second;
  RolloutView view;
  view.stage = has_arrived(entry->object, record.state) ? RolloutState::Stage::Done
               : record.state.timed_out                 ? RolloutState::Stage::Failed
                                                        : RolloutState::Stage::Starting;
  // An order that has not been looked at yet is not done.
  if (entry->status.observed_generation != entry->generation ||
      (!entry->object.paused && record.revision != record.state.revision))
    view.stage = RolloutState::Stage::Starting;
  const DeploymentCondition* progressing = find_condition(record.state.status, "Progressing");
  if (progressing != nullptr) view.reason = progressing->reason;
  view.progress = progress(entry->object, record.state);
  view.paused = entry->object.paused;
  for (const Revision& revision : record.revisions.all())
    view.history.push_back({revision.number, revision.since, revision.cause});
  if (!view.history.empty()) view.revision = view.history.back().number;
  return view;
}

Status Deployments::undo(const std::string& namespace_, const std::string& name, int to_revision) {
  const auto found = records_.find({namespace_, name});
  if (found == records_.end()) return not_found(name);
  const DeploymentEntry* entry = store_.find_deployment(namespace_, name);
  if (entry->object.paused)
    return make_error(
        "you cannot rollback a paused deployment; resume it first with 'podvisor rollout resume "
        "deployment/" +
        name + "' and try again");
  const Revisions& revisions = found->second.revisions;
  const Revision* target =
      to_revision == 0 ? revisions.before_latest() : revisions.find(to_revision);
  if (target == nullptr)
    return make_error(to_revision == 0 ? "no rollout history found for deployment \"" + name + "\""
                                       : "unable to find specified revision " +
                                             std::to_string(to_revision) + " in history");
  const std::string document = with_template_of(entry->object.document, target->pod.document);
  if (document == entry->object.document)
    return make_error("skipped rollback (current template already matches revision " +
                      std::to_string(target->number) + ")");
  return change(found->first, document);
}

Status Deployments::restart(const std::string& namespace_, const std::string& name) {
  const DeploymentEntry* entry = store_.find_deployment(namespace_, name);
  if (entry == nullptr) return not_found(name);
  if (entry->object.paused)
    return make_error("can't restart paused deployment (run rollout resume first)");
  const Instant now = loop_.now();
  const std::string document = with_restart(entry->object.document, now.wall);
  if (document == entry->object.document)
    return make_error(
        "if restart has already been triggered within the past second, please wait before "
        "attempting to trigger another");
  return change({namespace_, name}, document);
}

Status Deployments::pause(const std::string& namespace_, const std::string& name) {
  const DeploymentEntry* entry = store_.find_deployment(namespace_, name);
  if (entry == nullptr) return not_found(name);
  if (entry->object.paused)
    return make_error("deployments.apps \"" + name + "\" is already paused");
  return change({namespace_, name}, with_paused(entry->object.document, true));
}

Status Deployments::resume(const std::string& namespace_, const std::string& name) {
  const DeploymentEntry* entry = store_.find_deployment(namespace_, name);
  if (entry == nullptr) return not_found(name);
  if (!entry->object.paused) return make_error("deployments.apps \"" + name + "\" is not paused");
  return change({namespace_, name}, with_paused(entry->object.document, false));
}

}  // namespace podvisor
