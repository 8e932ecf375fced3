#include "podvisor/object_store.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "podvisor/uid.h"

namespace podvisor {
namespace {

std::pair<std::string, std::string> key_of(const Pod& pod) {
  return {pod.metadata.namespace_, pod.metadata.name};
}

/// Names are shared by pods that come and go: only the uid tells which one is meant.
template <typename Listed, typename Beside>
auto find_same(Listed& listed, Beside& beside, const Pod& pod)
    -> decltype(&beside.begin()->second) {
  const auto named = listed.find(key_of(pod));
  if (named != listed.end() && named->second.pod->metadata.uid == pod.metadata.uid)
    return &named->second;
  const auto found = beside.find(pod.metadata.uid);
  return found == beside.end() ? nullptr : &found->second;
}

/// EVT-24: the same source, object, type, reason and message.
bool repeats(const EventObject& old, const EventObject& fresh) {
  return old.involved_uid == fresh.involved_uid && old.reason == fresh.reason &&
         old.message == fresh.message && old.warning == fresh.warning &&
         old.field_path == fresh.field_path && old.involved_name == fresh.involved_name &&
         old.involved_kind == fresh.involved_kind && old.namespace_ == fresh.namespace_;
}

/// "web.18a0f3c2d5e6b7a8", as client-go names events: time in hex. The version keeps two events of
/// one clock reading apart.
std::string event_name(const EventObject& event, WallTime now, std::uint64_t version) {
  const auto nanoseconds = static_cast<std::uint64_t>(now.time_since_epoch().count());
  std::array<char, 17> hex{};
  std::snprintf(hex.data(), hex.size(), "%lx", nanoseconds + version);
  return event.involved_name + "." + hex.data();
}

/// Adds the object, or replaces the one of its key, whose uid and age it takes.
template <typename Map, typename Object>
auto put(Map& entries, const typename Map::key_type& key, Object object, std::uint64_t version,
         WallTime now) {
  const auto [place, added] = entries.try_emplace(key);
  auto& entry = place->second;
  entry.resource_version = version;
  if (added) {
    entry.created_version = version;
    entry.creation_timestamp = now;
  }
  if (!added)
    object.metadata.uid = entry.object.metadata.uid;
  else if (object.metadata.uid.empty())
    object.metadata.uid = make_uid();
  entry.object = std::move(object);
  return std::pair(added ? ChangeType::Added : ChangeType::Modified, &entry);
}

/// Watchers may end themselves or one another while being told; those that begin meanwhile have
/// already read the store as it is now, so they are not told.
template <typename Watchers, typename Object>
void tell(const Watchers& watchers, std::uint64_t end_id, ChangeType type, const Object& object) {
  for (auto it = watchers.begin(); it != watchers.end() && it->first < end_id;) {
    const auto id = it->first;
    const auto watcher = it->second;
    watcher(type, object);
    it = watchers.upper_bound(id);
  }
}

}  // namespace

const PodObject* ObjectStore::find_pod(const std::string& namespace_,
                                       const std::string& name) const {
  const auto found = pods_.find({namespace_, name});
  return found == pods_.end() ? nullptr : &found->second;
}

const PodObject* ObjectStore::find_instance(const Pod& pod) const {
  return find_same(pods_, beside_, pod);
}

const ConfigEntry* ObjectStore::find_config_entry(ConfigKind kind, const std::string& namespace_,
                                                  const std::string& name) const {
  const auto found = configs_.find({kind, namespace_, name});
  return found == configs_.end() ? nullptr : &found->second;
}

const ConfigObject* ObjectStore::find_config(ConfigKind kind, const std::string& namespace_,
                                             const std::string& name) const {
  const ConfigEntry* entry = find_config_entry(kind, namespace_, name);
  return entry == nullptr ? nullptr : &entry->object;
}

const ServiceEntry* ObjectStore::find_service(const std::string& namespace_,
                                              const std::string& name) const {
  const auto found = services_.find({namespace_, name});
  return found == services_.end() ? nullptr : &found->second;
}

void ObjectStore::set_config(ConfigObject object, WallTime now) {
  const ObjectMeta& meta = object.metadata;
  const ConfigMap::key_type key{object.kind, meta.namespace_, meta.name};
  const auto [type, entry] = put(configs_, key, std::move(object), ++resource_version_, now);
  notify(type, *entry);
}

void ObjectStore::set_service(Service service, WallTime now) {
  const ServiceMap::key_type key{service.metadata.namespace_, service.metadata.name};
  const auto [type, entry] = put(services_, key, std::move(service), ++resource_version_, now);
  notify(type, *entry);
}

const DeploymentEntry* ObjectStore::find_deployment(const std::string& namespace_,
                                                    const std::string& name) const {
  const auto found = deployments_.find({namespace_, name});
  return found == deployments_.end() ? nullptr : &found->second;
}

void ObjectStore::set_deployment(Deployment deployment, WallTime now) {
  const DeploymentMap::key_type key{deployment.metadata.namespace_, deployment.metadata.name};
  const DeploymentEntry* old = find_deployment(key.first, key.second);
  const bool changes = old == nullptr || old->object.document != deployment.document;
  const auto [type, entry] =
      put(deployments_, key, std::move(deployment), ++resource_version_, now);
  if (changes) ++entry->generation;
  notify(type, *entry);
}

void ObjectStore::set_deployment_status(const std::string& namespace_, const std::string& name,
                                        const DeploymentStatus& status, int revision) {
  const auto found = deployments_.find({namespace_, name});
  if (found == deployments_.end()) return;
  DeploymentEntry& entry = found->second;
  if (entry.status == status && entry.revision == revision) return;
  entry.status = status;
  entry.revision = revision;
  entry.resource_version = ++resource_version_;
  notify(ChangeType::Modified, entry);
}

void ObjectStore::remove_deployment(const std::string& namespace_, const std::string& name) {
  auto node = deployments_.extract({namespace_, name});
  if (node.empty()) return;
  node.mapped().resource_version = ++resource_version_;
  notify(ChangeType::Deleted, node.mapped());
}

void ObjectStore::remove_config(ConfigKind kind, const std::string& namespace_,
                                const std::string& name) {
  auto node = configs_.extract({kind, namespace_, name});
  if (node.empty()) return;
  node.mapped().resource_version = ++resource_version_;
  notify(ChangeType::Deleted, node.mapped());
}

void ObjectStore::remove_service(const std::string& namespace_, const std::string& name) {
  auto node = services_.extract({namespace_, name});
  if (node.empty()) return;
  node.mapped().resource_version = ++resource_version_;
  notify(ChangeType::Deleted, node.mapped());
}

void ObjectStore::set_node(std::string name, std::string address) {
  node_name_ = std::move(name);
  node_address_ = std::move(address);
}

PodObject ObjectStore::new_object(std::shared_ptr<const Pod> pod, PodStatus status, WallTime now) {
  PodObject object;
  object.pod = std::move(pod);
  object.node_name = node_name_;
  object.host_ip = node_address_;
  object.status = std::move(status);
  object.resource_version = object.created_version = ++resource_version_;
  object.creation_timestamp = now;
  return object;
}

void ObjectStore::add_pod(std::shared_ptr<const Pod> pod, PodStatus status, WallTime now,
                          bool serving) {
  if (const PodObject* old = find_pod(pod->metadata.namespace_, pod->metadata.name))
    remove_pod(*std::shared_ptr(old->pod));
  const auto key = key_of(*pod);
  PodObject object = new_object(std::move(pod), std::move(status), now);
  object.serving = serving;
  notify(ChangeType::Added, pods_.emplace(key, std::move(object)).first->second);
}

void ObjectStore::serve(const Pod& pod) {
  PodObject* object = find_same(pods_, beside_, pod);
  if (object == nullptr || !object->listed || object->serving) return;
  object->serving = true;
  object->resource_version = ++resource_version_;
  notify(ChangeType::Modified, *object);
}

void ObjectStore::add_beside(std::shared_ptr<const Pod> pod, PodStatus status, WallTime now) {
  PodObject object = new_object(std::move(pod), std::move(status), now);
  object.listed = object.serving = false;
  const PodUid uid = object.pod->metadata.uid;
  notify(ChangeType::Added, beside_.insert_or_assign(uid, std::move(object)).first->second);
}

void ObjectStore::restore_pod(std::shared_ptr<const Pod> pod, PodStatus status,
                              const PodRecord& facts) {
  const auto key = key_of(*pod);
  const PodUid uid = pod->metadata.uid;
  PodObject object = new_object(std::move(pod), std::move(status), facts.created);
  object.deletion_timestamp = facts.deleted;
  object.deletion_grace_period = facts.deletion_grace;
  object.listed = !facts.beside;
  // A Deployment's pod that is not Ready may still owe its first answer.
  object.serving = object.listed && (!object.pod->metadata.owner || is_ready(object.status));
  const auto place = facts.beside ? &beside_.insert_or_assign(uid, std::move(object)).first->second
                                  : &pods_.insert_or_assign(key, std::move(object)).first->second;
  notify(ChangeType::Added, *place);
}

void ObjectStore::switch_to(const Pod& pod) {
  auto incoming = beside_.extract(pod.metadata.uid);
  if (incoming.empty()) return;
  PodObject& listed = pods_[key_of(pod)];
  PodObject outgoing = std::exchange(listed, std::move(incoming.mapped()));
  const bool replaces = outgoing.pod != nullptr;
  if (replaces) outgoing.resource_version = ++resource_version_;
  outgoing.listed = outgoing.serving = false;
  listed.listed = listed.serving = true;
  listed.resource_version = listed.created_version = ++resource_version_;
  if (replaces) {
    const PodObject& gone = beside_[outgoing.pod->metadata.uid] = std::move(outgoing);
    tell(instance_watchers_, next_watch_id_, ChangeType::Modified, gone);
    tell(pod_watchers_, next_watch_id_, ChangeType::Deleted, gone);
  }
  tell(instance_watchers_, next_watch_id_, ChangeType::Modified, listed);
  tell(pod_watchers_, next_watch_id_, ChangeType::Added, listed);
}

void ObjectStore::set_status(const Pod& pod, const PodStatus& status) {
  PodObject* object = find_same(pods_, beside_, pod);
  if (object == nullptr || object->status == status) return;
  object->status = status;
  object->resource_version = ++resource_version_;
  notify(ChangeType::Modified, *object);
}

void ObjectStore::mark_deleted(const Pod& pod, WallTime now, Seconds grace_period) {
  PodObject* object = find_same(pods_, beside_, pod);
  if (object == nullptr) return;
  // As Kubernetes does: the moment at which the grace period will be over.
  object->deletion_timestamp = now + grace_period;
  object->deletion_grace_period = grace_period;
  object->resource_version = ++resource_version_;
  notify(ChangeType::Modified, *object);
}

void ObjectStore::remove_pod(const Pod& pod) {
  PodObject* object = find_same(pods_, beside_, pod);
  if (object == nullptr) return;
  PodObject gone = std::move(*object);
  if (beside_.erase(gone.pod->metadata.uid) == 0) pods_.erase(key_of(*gone.pod));
  gone.resource_version = ++resource_version_;
  notify(ChangeType::Deleted, gone);
}

void ObjectStore::record(EventObject event, WallTime now) {
  const auto same = std::find_if(events_.rbegin(), events_.rend(),
                                 [&](const EventObject& old) { return repeats(old, event); });
  const bool repeat = same != events_.rend();
  if (repeat) {
    // To the end, so that what goes first is what has not been seen for longest.
    std::rotate(events_.rbegin(), same, same + 1);
    ++events_.back().count;
  } else {
    event.name = event_name(event, now, resource_version_ + 1);
    event.uid = make_uid();
    event.count = 1;
    event.first_timestamp = now;
    event.created_version = resource_version_ + 1;
    events_.push_back(std::move(event));
  }
  events_.back().last_timestamp = now;
  events_.back().resource_version = ++resource_version_;
  notify(repeat ? ChangeType::Modified : ChangeType::Added, events_.back());
  if (events_.size() <= kMaxEvents) return;
  EventObject oldest = std::move(events_.front());
  events_.pop_front();
  oldest.resource_version = ++resource_version_;
  notify(ChangeType::Deleted, oldest);
}

std::uint64_t ObjectStore::watch_pods(PodWatcher watcher) {
  pod_watchers_.emplace(next_watch_id_, std::move(watcher));
  return next_watch_id_++;
}

std::uint64_t ObjectStore::watch_instances(PodWatcher watcher) {
  instance_watchers_.emplace(next_watch_id_, std::move(watcher));
  return next_watch_id_++;
}

std::uint64_t ObjectStore::watch_events(EventWatcher watcher) {
  event_watchers_.emplace(next_watch_id_, std::move(watcher));
  return next_watch_id_++;
}

std::uint64_t ObjectStore::watch_configs(ConfigWatcher watcher) {
  config_watchers_.emplace(next_watch_id_, std::move(watcher));
  return next_watch_id_++;
}

std::uint64_t ObjectStore::watch_services(ServiceWatcher watcher) {
  service_watchers_.emplace(next_watch_id_, std::move(watcher));
  return next_watch_id_++;
}

std::uint64_t ObjectStore::watch_deployments(DeploymentWatcher watcher) {
  deployment_watchers_.emplace(next_watch_id_, std::move(watcher));
  return next_watch_id_++;
}

void ObjectStore::unwatch(std::uint64_t id) {
  pod_watchers_.erase(id);
  instance_watchers_.erase(id);
  event_watchers_.erase(id);
  config_watchers_.erase(id);
  service_watchers_.erase(id);
  deployment_watchers_.erase(id);
}

bool gets_traffic(const PodObject& object) {
  return object.serving && !object.deletion_timestamp && object.status.traffic.open;
}

void ObjectStore::notify(ChangeType type, const PodObject& object) {
  tell(instance_watchers_, next_watch_id_, type, object);
  if (!object.listed) return;
  tell(pod_watchers_, next_watch_id_, type, object);
}

void ObjectStore::notify(ChangeType type, const EventObject& event) {
  tell(event_watchers_, next_watch_id_, type, event);
}

void ObjectStore::notify(ChangeType type, const ServiceEntry& entry) {
  tell(service_watchers_, next_watch_id_, type, entry);
}

void ObjectStore::notify(ChangeType type, const DeploymentEntry& entry) {
  tell(deployment_watchers_, next_watch_id_, type, entry);
}

void ObjectStore::notify(ChangeType type, const ConfigEntry& entry) {
  tell(config_watchers_, next_watch_id_, type, entry);
}

}  // namespace podvisor
