// Which host ports are listened on, for whom, and which pods are behind each of them (DIF-3,
// ROL-1). Pure: from pods and Services as they are now.
//
// A door is one host port: a hostPort of a pod's container, or a port of a Service (NodePort: its
// nodePort; LoadBalancer: its port). It belongs to the name of the pod, of the Deployment that
// made the pod, or of the Service, not to an instance: two revisions of a pod stand behind one
// door, and so do the replicas of a Deployment. A pod on the host's network listens there
// itself, so that its ports make no door.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "podvisor/object_store.h"
#include "podvisor/ports/door.h"
#include "podvisor/service.h"

namespace podvisor {

struct WantedDoor {
  DoorListener listener;
  std::string address;  ///< to listen at; empty: everywhere
  std::uint16_t port = 0;
  std::string owner;  ///< "pod default/web", "deployment default/web", "service default/web"
  std::vector<DoorEndpoint> endpoints;
  std::optional<TimePoint> back_off_until;  ///< none of its pods is Ready before
};

struct TrafficPlan {
  std::vector<WantedDoor> doors;
  /// "pod default/b wants host port 8080, which pod default/a has": the former has no door.
  std::vector<std::string> conflicts;
};

/// Of two that want one host port, the one that comes first in the lists gets it, pods before
/// Services.
[[nodiscard]] TrafficPlan plan_traffic(const std::vector<const PodObject*>& pods,
                                       const std::vector<const Service*>& services);

/// The doors of a pod or of a Service alone, without endpoints.
[[nodiscard]] std::vector<WantedDoor> doors_of(const Pod& pod);
[[nodiscard]] std::vector<WantedDoor> doors_of(const Service& service);
/// Gives the ports of a NodePort Service that names none numbers between 30000 and 32767: those
/// that it had before, else ones that follow from its name, besides those that are taken.
void choose_node_ports(Service& service, const Service* before,
                       const std::set<std::uint16_t>& taken);
/// Whether both cannot be had: one port at one address.
[[nodiscard]] bool collide(const WantedDoor& a, const WantedDoor& b);

/// What an endpoint of the pod, in the sandbox that it has now, is called.
[[nodiscard]] std::string endpoint_id(const PodUid& pod, int sandbox);
[[nodiscard]] bool selects(const Service& service, const Pod& pod);
/// The number behind targetPort; 0: no container of the pod has a port of that name.
[[nodiscard]] std::uint16_t target_port(const ServicePort& port, const Pod& pod);

}  // namespace podvisor
