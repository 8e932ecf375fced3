// The Service manifest, typed: plain structs, defaults applied, every value valid. src/manifest
// makes it. What listens for it on the host is decided in podvisor/traffic.h.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "podvisor/pod.h"

namespace podvisor {

enum class ServiceType : std::uint8_t { ClusterIp, NodePort, LoadBalancer };

struct ServicePort {
  std::string name;  ///< may be empty when it is the only one
  std::string protocol = "TCP";
  std::uint16_t port = 0;
  PortRef target_port;          ///< the pod's; a name is one of its containers' ports
  std::uint16_t node_port = 0;  ///< 0: not chosen
  std::string app_protocol;     ///< "http", "kubernetes.io/h2c", … ; may be empty
};

struct Service {
  ObjectMeta metadata;
  ServiceType type = ServiceType::ClusterIp;
  std::map<std::string, std::string> selector;  ///< empty: of no pods
  std::vector<ServicePort> ports;
  bool headless = false;            ///< clusterIP: None
  bool session_affinity = false;    ///< sessionAffinity: ClientIP
  Seconds affinity_timeout{10800};  ///< sessionAffinityConfig.clientIP.timeoutSeconds
  bool publish_not_ready_addresses = false;
  DoorPolicy door;
  std::string document;  ///< as accepted: what the API shows
};

}  // namespace podvisor
