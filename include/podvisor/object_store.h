// The typed store of API objects: one resourceVersion counter, every change goes through it, and
// whoever watches is told. Owned by the daemon, written by its dispatch, read by API and metrics.
// Loop thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "podvisor/config_object.h"
#include "podvisor/deployment.h"
#include "podvisor/pod.h"
#include "podvisor/pod_status.h"
#include "podvisor/ports/config_source.h"
#include "podvisor/ports/journal.h"
#include "podvisor/service.h"
#include "podvisor/time.h"

namespace podvisor {

struct PodObject {
  std::shared_ptr<const Pod> pod;
  std::string node_name;  ///< where it runs, once it is scheduled
  std::string host_ip;    ///< that node's address (DWN-6)
  PodStatus status;
  std::uint64_t resource_version = 0;
  std::uint64_t created_version = 0;  ///< resource_version of its addition
  WallTime creation_timestamp;
  std::optional<WallTime> deletion_timestamp;
  Seconds deletion_grace_period{0};
  bool listed = true;  ///< it has its name; else it is beside (see ObjectStore::beside)
  /// It may have traffic while it is Ready. One beside may not, nor may a Deployment's pod that
  /// has not answered its first request yet.
  bool serving = true;
};

/// Whether new requests may go to the pod now: what the door and /readyz follow (DIF-3.1).
[[nodiscard]] bool gets_traffic(const PodObject& object);

/// A core/v1 Event. Repeats of one (object, type, reason, message) bump count (EVT-24).
struct EventObject {
  std::string name;
  std::string namespace_;
  PodUid uid;                 ///< of the event itself
  std::string involved_kind;  ///< "ConfigMap", "Secret"; empty: a pod, or without uid the node
  std::string involved_name;
  PodUid involved_uid;     ///< empty for events about the node
  std::string field_path;  ///< "spec.containers{web}" (EVT-22), or empty
  bool warning = false;
  std::string reason;
  std::string message;
  int count = 1;
  WallTime first_timestamp;
  WallTime last_timestamp;
  std::uint64_t resource_version = 0;
  std::uint64_t created_version = 0;  ///< resource_version of its addition
};

/// A ConfigMap or Secret.
struct ConfigEntry {
  ConfigObject object;  ///< with its metadata.uid
  std::uint64_t resource_version = 0;
  std::uint64_t created_version = 0;  ///< resource_version of its addition
  WallTime creation_timestamp;
};

struct ServiceEntry {
  Service object;  ///< with its metadata.uid
  std::uint64_t resource_version = 0;
  std::uint64_t created_version = 0;  ///< resource_version of its addition
  WallTime creation_timestamp;
};

struct DeploymentEntry {
  Deployment object;  ///< with its metadata.uid
  DeploymentStatus status;
  int revision = 0;             ///< annotation deployment.kubernetes.io/revision; 0: none yet
  std::int64_t generation = 0;  ///< counts the documents that it has had
  std::uint64_t resource_version = 0;
  std::uint64_t created_version = 0;  ///< resource_version of its addition
  WallTime creation_timestamp;
};

enum class ChangeType : std::uint8_t { Added, Modified, Deleted };

class ObjectStore final : public ConfigSource {
 public:
  /// Keyed by (namespace, name).
  using PodMap = std::map<std::pair<std::string, std::string>, PodObject>;
  using InstanceMap = std::map<PodUid, PodObject>;
  /// Keyed by (kind, namespace, name).
  using ConfigMap = std::map<std::tuple<ConfigKind, std::string, std::string>, ConfigEntry>;
  /// Keyed by (namespace, name).
  using ServiceMap = std::map<std::pair<std::string, std::string>, ServiceEntry>;
  /// Keyed by (namespace, name).
  using DeploymentMap = std::map<std::pair<std::string, std::string>, DeploymentEntry>;
  using DeploymentWatcher = std::function<void(ChangeType, const DeploymentEntry&)>;
  using ServiceWatcher = std::function<void(ChangeType, const ServiceEntry&)>;
  using ConfigWatcher = std::function<void(ChangeType, const ConfigEntry&)>;
  using PodWatcher = std::function<void(ChangeType, const PodObject&)>;
  using EventWatcher = std::function<void(ChangeType, const EventObject&)>;

  /// The pod of each name: the one that has its traffic.
  [[nodiscard]] const PodMap& pods() const { return pods_; }
  [[nodiscard]] const PodObject* find_pod(const std::string& namespace_,
                                          const std::string& name) const;
  /// Further pods of names that are listed: on their way in or out, and without traffic.
  [[nodiscard]] const InstanceMap& beside() const { return beside_; }
  /// This very pod, listed or beside.
  [[nodiscard]] const PodObject* find_instance(const Pod& pod) const;
  [[nodiscard]] const std::deque<EventObject>& events() const { return events_; }
  [[nodiscard]] std::uint64_t resource_version() const { return resource_version_; }

  /// What pods that are added from now on say of where they are.
  void set_node(std::string name, std::string address);
  /// `serving`: it gets traffic as soon as it is Ready; else not before serve().
  void add_pod(std::shared_ptr<const Pod> pod, PodStatus status, WallTime now, bool serving = true);
  void serve(const Pod& pod);
  void add_beside(std::shared_ptr<const Pod> pod, PodStatus status, WallTime now);
  /// As an earlier podvisor had it.
  void restore_pod(std::shared_ptr<const Pod> pod, PodStatus status, const PodRecord& facts);
  /// A pod that was beside takes its name and its traffic. Who had them, if there is one, goes
  /// beside in the same step: both are so before anybody is told.
  void switch_to(const Pod& pod);
  void set_status(const Pod& pod, const PodStatus& status);
  void mark_deleted(const Pod& pod, WallTime now, Seconds grace_period);
  void remove_pod(const Pod& pod);
  /// `event` without name, uid, count and times; those are filled in here.
  void record(EventObject event, WallTime now);

  [[nodiscard]] const ConfigObject* find_config(ConfigKind kind, const std::string& namespace_,
                                                const std::string& name) const override;
  [[nodiscard]] const ConfigMap& configs() const { return configs_; }
  [[nodiscard]] const ConfigEntry* find_config_entry(ConfigKind kind, const std::string& namespace_,
                                                     const std::string& name) const;
  /// Adds it (with its uid, if it has one), or replaces the one of its kind, namespace and name,
  /// whose uid and age it takes.
  void set_config(ConfigObject object, WallTime now = {});
  void remove_config(ConfigKind kind, const std::string& namespace_, const std::string& name);

  [[nodiscard]] const ServiceMap& services() const { return services_; }
  [[nodiscard]] const ServiceEntry* find_service(const std::string& namespace_,
                                                 const std::string& name) const;
  /// As set_config().
  void set_service(Service service, WallTime now);
  void remove_service(const std::string& namespace_, const std::string& name);

  [[nodiscard]] const DeploymentMap& deployments() const { return deployments_; }
  [[nodiscard]] const DeploymentEntry* find_deployment(const std::string& namespace_,
                                                       const std::string& name) const;
  /// As set_config(), but one that has an uid keeps it; another document is another generation.
  void set_deployment(Deployment deployment, WallTime now);
  void set_deployment_status(const std::string& namespace_, const std::string& name,
                             const DeploymentStatus& status, int revision);
  void remove_deployment(const std::string& namespace_, const std::string& name);

  /// Watchers are called synchronously, after the change; they must not change the store.
  /// A returned id ends the watch; unknown ids do nothing.
  std::uint64_t watch_pods(PodWatcher watcher);  ///< listed ones; a switch: Deleted, then Added
  std::uint64_t watch_instances(PodWatcher watcher);  ///< all; a switch: Modified twice
  std::uint64_t watch_events(EventWatcher watcher);
  std::uint64_t watch_configs(ConfigWatcher watcher);
  std::uint64_t watch_services(ServiceWatcher watcher);
  std::uint64_t watch_deployments(DeploymentWatcher watcher);
  void unwatch(std::uint64_t id);

  /// Events kept; the oldest go first.
  static constexpr std::size_t kMaxEvents = 1000;

 private:
  PodObject new_object(std::shared_ptr<const Pod> pod, PodStatus status, WallTime now);
  void notify(ChangeType type, const PodObject& object);
  void notify(ChangeType type, const EventObject& event);
  void notify(ChangeType type, const ConfigEntry& entry);
  void notify(ChangeType type, const ServiceEntry& entry);
  void notify(ChangeType type, const DeploymentEntry& entry);

  std::string node_name_;
  std::string node_address_;
  PodMap pods_;
  InstanceMap beside_;
  ConfigMap configs_;
  ServiceMap services_;
  DeploymentMap deployments_;
  std::deque<EventObject> events_;
  std::map<std::uint64_t, PodWatcher> pod_watchers_;
  std::map<std::uint64_t, PodWatcher> instance_watchers_;
  std::map<std::uint64_t, EventWatcher> event_watchers_;
  std::map<std::uint64_t, ConfigWatcher> config_watchers_;
  std::map<std::uint64_t, ServiceWatcher> service_watchers_;
  std::map<std::uint64_t, DeploymentWatcher> deployment_watchers_;
  std::uint64_t resource_version_ = 0;
  std::uint64_t next_watch_id_ = 1;
};

}  // namespace podvisor
