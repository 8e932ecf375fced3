#include "api/kinds.h"

#include <utility>

#include "api/pod_address.h"

namespace podvisor {

const std::set<std::string>& PodKind::field_names() {
  static const std::set<std::string> names{"metadata.name", "metadata.namespace",
                                           "spec.restartPolicy", "status.phase", "status.podIP"};
  return names;
}

Selector::Fields PodKind::fields(const Object& object) {
  return {{"metadata.name", object.pod->metadata.name},
          {"metadata.namespace", object.pod->metadata.namespace_},
          {"spec.restartPolicy", to_string(object.pod->spec.restart_policy)},
          {"status.phase", to_string(object.status.phase)},
          {"status.podIP", pod_ip(object)}};
}

const ObjectMeta& PodKind::metadata(const Object& object) { return object.pod->metadata; }

void PodKind::for_each(const ObjectStore& store, const std::function<void(const Object&)>& visit) {
  for (const auto& [key, object] : store.pods()) visit(object);
}

std::uint64_t PodKind::watch(ObjectStore& store, ObjectStore::PodWatcher watcher) {
  return store.watch_pods(std::move(watcher));
}

const std::set<std::string>& EventKind::field_names() {
  static const std::set<std::string> names{"metadata.name",
                                           "metadata.namespace",
                                           "involvedObject.kind",
                                           "involvedObject.name",
                                           "involvedObject.namespace",
                                           "involvedObject.uid",
                                           "involvedObject.fieldPath",
                                           "reason",
                                           "type"};
  return names;
}

Selector::Fields EventKind::fields(const Object& event) {
  return {{"metadata.name", event.name},
          {"metadata.namespace", event.namespace_},
          {"involvedObject.kind", involved_kind(event)},
          {"involvedObject.name", event.involved_name},
          {"involvedObject.namespace", event.involved_uid.empty() ? "" : event.namespace_},
          {"involvedObject.uid", event.involved_uid},
          {"involvedObject.fieldPath", event.field_path},
          {"reason", event.reason},
          {"type", event_type(event)}};
}

const Selector::Fields& EventKind::labels(const Object&) {
  static const Selector::Fields none;
  return none;
}

const std::string& EventKind::namespace_(const Object& event) { return event.namespace_; }

const std::string& EventKind::uid(const Object& event) { return event.uid; }

void EventKind::for_each(const ObjectStore& store,
                         const std::function<void(const Object&)>& visit) {
  for (const EventObject& event : store.events()) visit(event);
}

std::uint64_t EventKind::watch(ObjectStore& store, ObjectStore::EventWatcher watcher) {
  return store.watch_events(std::move(watcher));
}

const std::set<std::string>& ServiceKind::field_names() {
  static const std::set<std::string> names{"metadata.name", "metadata.namespace"};
  return names;
}

Selector::Fields ServiceKind::fields(const Object& entry) {
  return {{"metadata.name", entry.object.metadata.name},
          {"metadata.namespace", entry.object.metadata.namespace_}};
}

const ObjectMeta& ServiceKind::metadata(const Object& entry) { return entry.object.metadata; }

void ServiceKind::for_each(const ObjectStore& store,
                           const std::function<void(const Object&)>& visit) {
  for (const auto& [name, entry] : store.services()) visit(entry);
}

std::uint64_t ServiceKind::watch(ObjectStore& store, ObjectStore::ServiceWatcher watcher) {
  return store.watch_services(std::move(watcher));
}

const std::set<std::string>& DeploymentKind::field_names() {
  static const std::set<std::string> names{"metadata.name", "metadata.namespace"};
  return names;
}

Selector::Fields DeploymentKind::fields(const Object& entry) {
  return {{"metadata.name", entry.object.metadata.name},
          {"metadata.namespace", entry.object.metadata.namespace_}};
}

const ObjectMeta& DeploymentKind::metadata(const Object& entry) { return entry.object.metadata; }

void DeploymentKind::for_each(const ObjectStore& store,
                              const std::function<void(const Object&)>& visit) {
  for (const auto& [name, entry] : store.deployments()) visit(entry);
}

std::uint64_t DeploymentKind::watch(ObjectStore& store, ObjectStore::DeploymentWatcher watcher) {
  return store.watch_deployments(std::move(watcher));
}

template <ConfigKind kind>
const std::set<std::string>& ConfigApiKind<kind>::field_names() {
  static const std::set<std::string> names{"metadata.name", "metadata.namespace", "type"};
  return names;
}

template <ConfigKind kind>
Selector::Fields ConfigApiKind<kind>::fields(const Object& entry) {
  return {{"metadata.name", entry.object.metadata.name},
          {"metadata.namespace", entry.object.metadata.namespace_},
          {"type", entry.object.type}};
}

template <ConfigKind kind>
const ObjectMeta& ConfigApiKind<kind>::metadata(const Object& entry) {
  return entry.object.metadata;
}

template <ConfigKind kind>
void ConfigApiKind<kind>::for_each(const ObjectStore& store,
                                   const std::function<void(const Object&)>& visit) {
  for (const auto& [key, entry] : store.configs())
    if (entry.object.kind == kind) visit(entry);
}

template <ConfigKind kind>
std::uint64_t ConfigApiKind<kind>::watch(ObjectStore& store, ObjectStore::ConfigWatcher watcher) {
  return store.watch_configs([watcher = std::move(watcher)](ChangeType type, const Object& entry) {
    if (entry.object.kind == kind) watcher(type, entry);
  });
}

template struct ConfigApiKind<ConfigKind::ConfigMap>;
template struct ConfigApiKind<ConfigKind::Secret>;

}  // namespace podvisor
