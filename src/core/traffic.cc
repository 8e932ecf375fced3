#include "podvisor/traffic.h"

#include <algorithm>
#include <map>

namespace podvisor {
namespace {

using Mode = DoorPolicy::Mode;

/// "http", "http-admin", "http8080": what Istio and others take for HTTP. TLS and HTTP/2 are not.
bool names_http(const std::string& name) {
  return name.starts_with("http") && !name.starts_with("https") && !name.starts_with("http2");
}

DoorMode mode_of(Mode policy, const std::string& port_name, const std::string& app_protocol) {
  if (policy == Mode::Http) return DoorMode::Http;
  if (policy == Mode::Tcp) return DoorMode::Tcp;
  const bool http = app_protocol.empty() ? names_http(port_name) : app_protocol == "http";
  return http ? DoorMode::Http : DoorMode::Tcp;
}

std::string with_port(const std::string& address, std::uint16_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  return (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

/// 0.0.0.0 is everywhere, for whoever wrote it.
std::string listen_address(const std::string& host_ip) {
  return host_ip == "0.0.0.0" || host_ip == "::" ? "" : host_ip;
}

WantedDoor make_door(const char* kind, const ObjectMeta& meta, const DoorPolicy& policy,
                     const std::string& address, std::uint16_t port) {
  WantedDoor door;
  door.address = listen_address(address);
  door.port = port;
  door.owner = std::string(kind) + " " + full_name(meta);
  door.listener.id = full_name(meta) + ":" +
                     (door.address.empty() ? std::to_string(port) : with_port(door.address, port));
  door.listener.name = door.listener.id;
  door.listener.hold.timeout = policy.hold_timeout;
  door.listener.forwarded_headers = policy.forwarded_headers;
  return door;
}

bool runs_all_along(const Container& container) { return container.role != ContainerRole::Init; }

/// One more door with the port of the container that is behind it.
struct PublishedPort {
  WantedDoor door;
  std::uint16_t container_port = 0;
};

/// Replicas stand behind one door, which is their owner's.
WantedDoor door_of(const Pod& pod, const ContainerPort& port) {
  const DoorPolicy& policy = pod.spec.policy.door;
  ObjectMeta whose = pod.metadata;
  const bool owned = whose.owner && whose.owner->kind == "Deployment";
  if (owned) whose.name = whose.owner->name;
  WantedDoor door =
      make_door(owned ? "deployment" : "pod", whose, policy, port.host_ip, port.host_port);
  door.listener.mode = mode_of(policy.mode, port.name, "");
  return door;
}

std::vector<PublishedPort> published_ports(const Pod& pod) {
  const DoorPolicy& policy = pod.spec.policy.door;
  std::vector<PublishedPort> published;
  if (pod.spec.host_network || policy.mode == Mode::Off) return published;
  for (const Container& container : pod.spec.containers) {
    if (!runs_all_along(container)) continue;
    for (const ContainerPort& port : container.ports) {
      if (port.host_port == 0 || port.protocol != "TCP") continue;
      published.push_back({door_of(pod, port), port.container_port});
    }
  }
  return published;
}

std::uint16_t published_port(const Service& service, const ServicePort& port) {
  if (port.protocol != "TCP" || service.door.mode == Mode::Off) return 0;
  if (service.type == ServiceType::NodePort) return port.node_port;
  return service.type == ServiceType::LoadBalancer ? port.port : std::uint16_t{0};
}

WantedDoor door_of(const Service& service, const ServicePort& port) {
  WantedDoor door =
      make_door("service", service.metadata, service.door, "", published_port(service, port));
  door.listener.mode = mode_of(service.door.mode, port.name, port.app_protocol);
  door.listener.session_affinity = service.session_affinity;
  return door;
}

std::uint16_t node_port_of(const Service& service, const ServicePort& like) {
  const auto found = std::ranges::find_if(service.ports, [&](const ServicePort& port) {
    return port.name == like.name && port.port == like.port;
  });
  return found == service.ports.end() ? std::uint16_t{0} : found->node_port;
}

/// Kubernetes' range. Where in it to begin is FNV-1a of the name, so that a port outlives podvisor.
std::uint16_t free_node_port(const Service& service, const ServicePort& port,
                             const std::set<std::uint16_t>& used) {
  constexpr std::uint16_t kFirst = 30000;
  constexpr std::uint32_t kPorts = 2768;
  std::uint32_t hash = 2166136261U;
  for (const char c : full_name(service.metadata) + "/" + port.name)
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  for (std::uint32_t i = 0; i < kPorts; ++i) {
    const auto number = static_cast<std::uint16_t>(kFirst + (hash + i) % kPorts);
    if (!used.contains(number)) return number;
  }
  return 0;
}

/// It has finished by itself. One that is being deleted keeps its door until it is gone: who takes
/// its place takes the door as well.
bool is_over(const PodObject& object) {
  const PodPhase phase = object.status.phase;
  const bool finished = phase == PodPhase::Succeeded || phase == PodPhase::Failed;
  return finished && !object.deletion_timestamp;
}

/// A pod that waits for a node with other labels is not this host's yet.
bool is_here(const PodObject& object) {
  const PodCondition* scheduled = find_condition(object.status, "PodScheduled");
  return scheduled != nullptr && scheduled->status && !is_over(object);
}

EndpointState state_of(const PodObject& object, bool publish_not_ready) {
  if (object.status.traffic.draining) return EndpointState::Draining;
  const bool open = publish_not_ready ? !object.deletion_timestamp : gets_traffic(object);
  return open ? EndpointState::Ready : EndpointState::NotReady;
}

DoorEndpoint endpoint_of(const PodObject& object, std::uint16_t port, bool publish_not_ready) {
  const std::string& pod_ip = object.status.pod_ip;
  const bool host_network = object.pod->spec.host_network;
  DoorEndpoint endpoint;
  endpoint.id = endpoint_id(object.pod->metadata.uid, object.status.traffic.sandbox);
  endpoint.address = with_port(pod_ip.empty() || host_network ? "127.0.0.1" : pod_ip, port);
  endpoint.handed_over_sockets = pod_ip.empty() && !host_network;
  endpoint.state = state_of(object, publish_not_ready);
  return endpoint;
}

/// Waiting makes sense unless every pod that might come backs off; then until the first of them.
class BackOff {
 public:
  void add(const PodObject& object) {
    const std::optional<TimePoint>& until = object.status.traffic.back_off_until;
    if (object.deletion_timestamp) return;
    if (!until) hopeful_ = true;
    if (until && (!first_ || *until < *first_)) first_ = until;
  }
  [[nodiscard]] std::optional<TimePoint> until() const { return hopeful_ ? std::nullopt : first_; }

 private:
  bool hopeful_ = false;
  std::optional<TimePoint> first_;
};

class Planner {
 public:
  explicit Planner(const std::vector<const PodObject*>& pods) : pods_(pods) {}

  void add_pods() {
    for (const PodObject* object : pods_) {
      if (!is_here(*object)) continue;
      for (PublishedPort& port : published_ports(*object->pod)) {
        const auto door = place(std::move(port.door), object->serving);
        if (door) add_endpoint(*object, port.container_port, false, *door);
      }
    }
  }

  void add_service(const Service& service) {
    for (const ServicePort& port : service.ports) {
      if (published_port(service, port) == 0) continue;
      const auto door = place(door_of(service, port), true);
      if (!door) continue;
      for (const PodObject* object : pods_)
        if (is_here(*object) && selects(service, *object->pod))
          add_endpoint(*object, target_port(port, *object->pod),
                       service.publish_not_ready_addresses, *door);
    }
  }

  [[nodiscard]] TrafficPlan take() {
    for (std::size_t i = 0; i < plan_.doors.size(); ++i)
      plan_.doors[i].back_off_until = back_offs_[i].until();
    return std::move(plan_);
  }

 private:
  using Index = std::size_t;  ///< of a door

  /// The door of that name; nothing: it is somebody else's port.
  std::optional<Index> place(WantedDoor door, bool has_say) {
    const auto [first, last] = by_port_.equal_range(door.port);
    for (auto known = first; known != last; ++known) {
      WantedDoor& other = plan_.doors[known->second];
      if (other.listener.id == door.listener.id && other.owner == door.owner) {
        if (has_say) other.listener = std::move(door.listener);
        return known->second;
      }
      if (!collide(door, other)) continue;
      plan_.conflicts.push_back(door.owner + " wants host port " + std::to_string(door.port) +
                                ", which " + other.owner + " has");
      return std::nullopt;
    }
    by_port_.emplace(door.port, plan_.doors.size());
    back_offs_.emplace_back();
    plan_.doors.push_back(std::move(door));
    return plan_.doors.size() - 1;
  }

  /// DIF-3.6: it is there as long as it has a sandbox, whether it gets anything or not.
  void add_endpoint(const PodObject& object, std::uint16_t port, bool publish_not_ready,
                    Index door) {
    back_offs_[door].add(object);
    if (object.status.traffic.sandbox < 0 || port == 0) return;
    plan_.doors[door].endpoints.push_back(endpoint_of(object, port, publish_not_ready));
  }

  const std::vector<const PodObject*>& pods_;
  TrafficPlan plan_;
  std::multimap<std::uint16_t, Index> by_port_;
  std::vector<BackOff> back_offs_;  ///< parallel to the doors
};

}  // namespace

TrafficPlan plan_traffic(const std::vector<const PodObject*>& pods,
                         const std::vector<const Service*>& services) {
  Planner planner(pods);
  planner.add_pods();
  for (const Service* service : services) planner.add_service(*service);
  return planner.take();
}

std::vector<WantedDoor> doors_of(const Pod& pod) {
  std::vector<WantedDoor> doors;
  for (PublishedPort& port : published_ports(pod)) doors.push_back(std::move(port.door));
  return doors;
}

std::vector<WantedDoor> doors_of(const Service& service) {
  std::vector<WantedDoor> doors;
  for (const ServicePort& port : service.ports)
    if (published_port(service, port) != 0) doors.push_back(door_of(service, port));
  return doors;
}

void choose_node_ports(Service& service, const Service* before,
                       const std::set<std::uint16_t>& taken) {
  if (service.type != ServiceType::NodePort) return;
  std::set<std::uint16_t> used = taken;
  for (const ServicePort& port : service.ports) used.insert(port.node_port);
  for (ServicePort& port : service.ports) {
    if (port.node_port != 0) continue;
    if (before != nullptr) port.node_port = node_port_of(*before, port);
    if (port.node_port == 0) port.node_port = free_node_port(service, port, used);
    used.insert(port.node_port);
  }
}

bool collide(const WantedDoor& a, const WantedDoor& b) {
  const bool same_place = a.address.empty() || b.address.empty() || a.address == b.address;
  return a.port == b.port && same_place;
}

std::string endpoint_id(const PodUid& pod, int sandbox) {
  return pod + "/" + std::to_string(sandbox);
}

bool selects(const Service& service, const Pod& pod) {
  const auto& labels = pod.metadata.labels;
  const auto has = [&](const auto& wanted) {
    const auto found = labels.find(wanted.first);
    return found != labels.end() && found->second == wanted.second;
  };
  return !service.selector.empty() && service.metadata.namespace_ == pod.metadata.namespace_ &&
         std::ranges::all_of(service.selector, has);
}

std::uint16_t target_port(const ServicePort& port, const Pod& pod) {
  if (const auto* number = std::get_if<std::uint16_t>(&port.target_port)) return *number;
  const auto& name = std::get<std::string>(port.target_port);
  for (const Container& container : pod.spec.containers) {
    if (!runs_all_along(container)) continue;
    const auto found = std::ranges::find(container.ports, name, &ContainerPort::name);
    if (found != container.ports.end()) return found->container_port;
  }
  return 0;
}

}  // namespace podvisor
