// What the generic parts of the API (lists, watches, selectors) have to know about each kind.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "api/config_json.h"
#include "api/deployment_json.h"
#include "api/event_json.h"
#include "api/pod_json.h"
#include "api/selector.h"
#include "api/service_json.h"
#include "podvisor/object_store.h"

namespace podvisor {

/// Of all kinds but Event.
template <typename Kind, typename Entry>
struct KindWithMetadata {
  using Object = Entry;
  static const Selector::Fields& labels(const Object& o) { return Kind::metadata(o).labels; }
  static const std::string& namespace_(const Object& o) { return Kind::metadata(o).namespace_; }
  static const std::string& uid(const Object& o) { return Kind::metadata(o).uid; }
};

struct PodKind : KindWithMetadata<PodKind, PodObject> {
  static constexpr const char* kList = "PodList";

  static const std::set<std::string>& field_names();
  static Selector::Fields fields(const Object& object);
  static const ObjectMeta& metadata(const Object& object);
  static void for_each(const ObjectStore& store, const std::function<void(const Object&)>& visit);
  static std::uint64_t watch(ObjectStore& store, ObjectStore::PodWatcher watcher);
};

struct EventKind {
  using Object = EventObject;
  static constexpr const char* kList = "EventList";

  static const std::set<std::string>& field_names();
  static Selector::Fields fields(const Object& object);
  static const Selector::Fields& labels(const Object& object);
  static const std::string& namespace_(const Object& object);
  static const std::string& uid(const Object& object);
  static void for_each(const ObjectStore& store, const std::function<void(const Object&)>& visit);
  static std::uint64_t watch(ObjectStore& store, ObjectStore::EventWatcher watcher);
};

struct ServiceKind : KindWithMetadata<ServiceKind, ServiceEntry> {
  static constexpr const char* kList = "ServiceList";

  static const std::set<std::string>& field_names();
  static Selector::Fields fields(const Object& object);
  static const ObjectMeta& metadata(const Object& object);
  static void for_each(const ObjectStore& store, const std::function<void(const Object&)>& visit);
  static std::uint64_t watch(ObjectStore& store, ObjectStore::ServiceWatcher watcher);
};

struct DeploymentKind : KindWithMetadata<DeploymentKind, DeploymentEntry> {
  static constexpr const char* kList = "DeploymentList";

  static const std::set<std::string>& field_names();
  static Selector::Fields fields(const Object& object);
  static const ObjectMeta& metadata(const Object& object);
  static void for_each(const ObjectStore& store, const std::function<void(const Object&)>& visit);
  static std::uint64_t watch(ObjectStore& store, ObjectStore::DeploymentWatcher watcher);
};

/// ConfigMaps, or Secrets.
template <ConfigKind kind>
struct ConfigApiKind : KindWithMetadata<ConfigApiKind<kind>, ConfigEntry> {
  using Object = ConfigEntry;
  static constexpr const char* kList =
      kind == ConfigKind::ConfigMap ? "ConfigMapList" : "SecretList";

  static const std::set<std::string>& field_names();
  static Selector::Fields fields(const Object& object);
  static const ObjectMeta& metadata(const Object& object);
  static void for_each(const ObjectStore& store, const std::function<void(const Object&)>& visit);
  static std::uint64_t watch(ObjectStore& store, ObjectStore::ConfigWatcher watcher);
};
using ConfigMapKind = ConfigApiKind<ConfigKind::ConfigMap>;
using SecretKind = ConfigApiKind<ConfigKind::Secret>;

}  // namespace podvisor
