// What an earlier podvisor wrote down becomes pods, rollouts and objects again.
#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "daemon/daemon.h"
#include "log/logger.h"
#include "podvisor/traffic.h"

namespace podvisor {
namespace {

const RolloutRecord* find_rollout(const std::vector<RolloutRecord>& names, const ObjectMeta& meta) {
  const auto found = std::ranges::find_if(names, [&](const RolloutRecord& record) {
    return record.namespace_ == meta.namespace_ && record.name == meta.name;
  });
  return found == names.end() ? nullptr : &*found;
}

/// Which of the pods of one name has it: the one that its rollout says; else one that did not stand
/// beside another.
PodUid holder_among(const std::vector<const KeptPod*>& pods, const RolloutRecord* rollout) {
  const PodUid holder = rollout != nullptr ? holder_of(*rollout) : PodUid();
  const auto is_holder = [&](const KeptPod* pod) { return pod->file.uid == holder; };
  const auto is_listed = [](const KeptPod* pod) { return !pod->now || !pod->now->facts.beside; };
  auto found = std::ranges::find_if(pods, is_holder);
  if (found == pods.end()) found = std::ranges::find_if(pods, is_listed);
  return found == pods.end() ? pods.front()->file.uid : (*found)->file.uid;
}

std::vector<std::uint16_t> node_ports_of(const Service& service) {
  std::vector<std::uint16_t> ports;
  for (const ServicePort& port : service.ports) ports.push_back(port.node_port);
  return ports;
}

void choose_again(Service& service, const std::vector<std::uint16_t>& node_ports) {
  if (node_ports.size() != service.ports.size()) return;
  for (std::size_t i = 0; i < node_ports.size(); ++i) service.ports[i].node_port = node_ports[i];
}

template <typename Entry>
ObjectRecord record_of(const Entry& entry) {
  return {.uid = entry.object.metadata.uid,
          .created = entry.creation_timestamp,
          .document = entry.object.document};
}

}  // namespace

LoadResult Daemon::load_kept(const std::string& document) const {
  LoadOptions options = load_options();
  options.validate = Validate::Ignore;  // it was accepted when it came
  return load_text(document, "state", options);
}

std::shared_ptr<const Pod> Daemon::pod_of(const std::string& document) const {
  const LoadResult loaded = load_kept(document);
  if (!loaded.ok() || loaded.pods.size() != 1) return nullptr;
  auto pod = std::make_shared<Pod>(*loaded.pods.front().pod);
  pod->spec.policy.backoff = options_.backoff;
  return pod;
}

/// Its own file, or else the revision that it was made of.
std::shared_ptr<const Pod> Daemon::pod_of(const KeptPod& kept,
                                          const std::vector<RolloutRecord>& names) const {
  const PodUid& uid = kept.file.uid;
  std::shared_ptr<Pod> pod;
  if (const auto loaded = pod_of(kept.file.document)) {
    pod = std::make_shared<Pod>(*loaded);
    pod->spec.network = kept.file.network;
    pod->spec.pids_limit = kept.file.pids_limit;
  }
  for (const RolloutRecord& name : names) {
    const auto number = name.revision_of.find(uid);
    if (pod || number == name.revision_of.end()) continue;
    for (const RevisionRecord& revision : name.revisions)
      if (revision.number == number->second)
        if (const auto loaded = pod_of(revision.document)) pod = std::make_shared<Pod>(*loaded);
  }
  if (pod) pod->metadata.uid = uid;
  return pod;
}

Status Daemon::restore() {
  auto journal = StateDirectory::open(options_.layout.state_dir, loop_);
  if (!journal) return tl::unexpected(journal.error());
  journal_ = std::move(*journal);
  journal_->sync_by([this](Fd written) {
    to_disk_.add(std::move(written));
    return Status();
  });
  unwritten_ = std::make_unique<Unwritten>(loop_, store_, *journal_, node_->node().name);
  Kept kept = journal_->read();
  troubles_ = std::move(kept.troubles);
  const std::vector<KeptDeployment> deployments = restore_objects(kept.objects);
  write_objects_down();
  restore_pods(std::move(kept.pods), kept.rollouts);
  const auto load = [this](const std::string& document) { return pod_of(document); };
  // Once their pods are there: they are found again by owner and pod-template-hash.
  for (const auto& [deployment, record] : deployments)
    deployments_->restore(deployment, record, load);
  deployments_->write_to(*journal_);
  for (const RolloutRecord& record : kept.rollouts) supervisor_->rollouts().restore(record, load);
  last_sources_ = std::move(kept.sources);
  supervisor_->write_to(*journal_);
  return {};
}

void Daemon::restore_pods(std::vector<KeptPod> pods, const std::vector<RolloutRecord>& rollouts) {
  std::map<PodUid, std::shared_ptr<const Pod>> made;
  std::map<std::pair<std::string, std::string>, std::vector<const KeptPod*>> by_name;
  for (const KeptPod& kept : pods) {
    auto pod = pod_of(kept, rollouts);
    if (!pod) {
      say_lost(kept.file.uid, nullptr, "nobody knows any more what it was: it is removed");
      continue;
    }
    by_name[{pod->metadata.namespace_, pod->metadata.name}].push_back(&kept);
    made.emplace(kept.file.uid, std::move(pod));
  }
  std::set<PodUid> listed;
  for (const auto& [name, of_name] : by_name) {
    ObjectMeta meta{.name = name.second, .namespace_ = name.first};
    listed.insert(holder_among(of_name, find_rollout(rollouts, meta)));
  }
  for (KeptPod& kept : pods) {
    const auto pod = made.find(kept.file.uid);
    const bool beside = !listed.contains(kept.file.uid);
    if (pod != made.end()) restore_pod(pod->second, std::move(kept), beside);
  }
}

void Daemon::restore_pod(std::shared_ptr<const Pod> pod, KeptPod kept, bool beside) {
  const PodUid& uid = pod->metadata.uid;
  const std::string flaw = kept.now ? flaw_of(*pod, kept.now->state) : "";
  if (!flaw.empty()) {
    troubles_.push_back({uid, "pods/" + uid + "/state.json cannot be used: " + flaw + "; " +
                                  journal_->set_aside_state(uid)});
    kept.now.reset();
  }
  if (kept.now && kept.now->state.forgotten) return;  // what is left of it is a stray's
  if (!kept.now) {
    const Instant now = loop_.now();
    kept.now = state::StateFile{{.created = now.wall}, lost_pod_state(*pod, now)};
  }
  kept.now->facts.beside = beside;
  supervisor_->restore(std::move(pod), kept.now->state, std::move(kept.now->facts));
}

void Daemon::resume() {
  std::map<PodUid, std::shared_ptr<const Pod>> pods;
  for (const auto& [name, object] : store_.pods())
    pods.emplace(object.pod->metadata.uid, object.pod);
  for (const auto& [uid, object] : store_.beside()) pods.emplace(uid, object.pod);
  for (const Kept::Trouble& trouble : std::exchange(troubles_, {})) {
    const auto pod = pods.find(trouble.pod);
    say_lost(trouble.pod, pod == pods.end() ? nullptr : pod->second.get(), trouble.message);
  }
  std::set<PodUid> known;
  for (const auto& [uid, pod] : pods) known.insert(uid);
  supervisor_->resume();
  runtime_->remove_strays(known);
}

std::vector<Daemon::KeptDeployment> Daemon::restore_objects(
    const std::vector<ObjectRecord>& records) {
  std::vector<KeptDeployment> deployments;
  for (const ObjectRecord& record : records) {
    const LoadResult loaded = load_kept(record.document);
    if (!loaded.ok() || loaded.size() != 1) {
      troubles_.push_back({"", "objects/" + record.uid +
                                   ".json cannot be used: its document is no "
                                   "object that podvisor keeps"});
      continue;
    }
    for (const Loaded<ConfigObject>& config : loaded.configs) {
      ConfigObject object = *config.object;
      object.metadata.uid = record.uid;
      store_.set_config(std::move(object), record.created);
    }
    for (const Loaded<Service>& service : loaded.services) {
      Service object = *service.object;
      object.metadata.uid = record.uid;
      choose_again(object, record.node_ports);
      store_.set_service(std::move(object), record.created);
    }
    for (const Loaded<Deployment>& deployment : loaded.deployments) {
      deployments.emplace_back(*deployment.object, record);
      deployments.back().first.metadata.uid = record.uid;
    }
  }
  return deployments;
}

void Daemon::write_objects_down() {
  store_.watch_configs([this](ChangeType type, const ConfigEntry& entry) {
    if (type == ChangeType::Deleted) return journal_->forget_object(entry.object.metadata.uid);
    journal_->write_object(record_of(entry));
  });
  store_.watch_services([this](ChangeType type, const ServiceEntry& entry) {
    if (type == ChangeType::Deleted) return journal_->forget_object(entry.object.metadata.uid);
    ObjectRecord record = record_of(entry);
    record.node_ports = node_ports_of(entry.object);
    journal_->write_object(record);
  });
  // With its revisions, which Deployments knows.
  store_.watch_deployments([this](ChangeType type, const DeploymentEntry& entry) {
    if (type == ChangeType::Deleted) journal_->forget_object(entry.object.metadata.uid);
  });
}

/// An event, about the pod if there is one.
void Daemon::say_lost(const PodUid& uid, const Pod* pod, const std::string& message) {
  EventObject event;
  event.namespace_ = pod != nullptr ? pod->metadata.namespace_ : "default";
  event.involved_name = pod != nullptr ? pod->metadata.name : node_->node().name;
  if (pod != nullptr) event.involved_uid = uid;
  event.warning = true;
  event.reason = "StateLost";
  event.message = (pod != nullptr || uid.empty() ? "" : "pod " + uid + ": ") + message;
  log_warning(event.message, {{"reason", event.reason}});
  store_.record(std::move(event), loop_.now().wall);
}

}  // namespace podvisor
