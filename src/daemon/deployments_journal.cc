// What is written down of Deployments, and how a later podvisor goes on with them.
#include <utility>

#include "daemon/deployment_document.h"
#include "daemon/deployments.h"

namespace podvisor {

void Deployments::write_down(const DeploymentEntry& entry, Record& record) {
  if (journal_ == nullptr) return;
  const Deployment& deployment = entry.object;
  const auto& revisions = record.revisions.all();
  Record::Written now{deployment.document, record.revisions.last_number(), revisions.size()};
  if (record.written == now) return;
  record.written = std::move(now);
  journal_->write_object({.uid = deployment.metadata.uid,
                          .created = entry.creation_timestamp,
                          .document = deployment.document,
                          .revisions = record.revisions.records(),
                          .last_revision = record.revisions.last_number()});
}

void Deployments::write_to(Journal& journal) {
  journal_ = &journal;
  for (auto& [name, record] : records_)
    if (const DeploymentEntry* entry = store_.find_deployment(name.first, name.second))
      write_down(*entry, record);
}

void Deployments::restore(const Deployment& deployment, const ObjectRecord& kept,
                          const Revisions::LoadDocument& load) {
  const Name name{deployment.metadata.namespace_, deployment.metadata.name};
  store_.set_deployment(deployment, kept.created);
  Record& record = records_[name];
  record.revisions.restore(kept.revisions, kept.last_revision, load);
  begin(name, record);
}

/// The pods that are there tell the history where nothing else does.
void Deployments::begin(const Name& name, Record& record) {
  record.timer = std::make_unique<Timer>(loop_, [this, name] { due(name); });
  if (record.revisions.all().empty())
    for (const PodObject* object : pods_of(name)) {
      const LoadResult of = edge_.load(renamed(object->pod->document, name.second));
      if (of.pods.size() == 1)
        record.revisions.add(*of.pods.front().pod, object->creation_timestamp);
    }
  const DeploymentEntry& entry = *store_.find_deployment(name.first, name.second);
  const Revision* latest = record.revisions.latest();
  if (entry.object.paused && latest != nullptr)
    record.revision = record.state.revision = revision_of(latest->pod);
  refresh(entry, record);
  due(name);
}

}  // namespace podvisor
