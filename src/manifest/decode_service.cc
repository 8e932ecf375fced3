#include "manifest/decode.h"
#include "manifest/json_access.h"
#include "manifest/policy.h"

namespace podvisor::manifest {
namespace {

ServiceType decode_type(const std::string& word) {
  if (word == "NodePort") return ServiceType::NodePort;
  return word == "LoadBalancer" ? ServiceType::LoadBalancer : ServiceType::ClusterIp;
}

ServicePort decode_port(const Json& json) {
  ServicePort port;
  port.name = text(json, "name");
  port.protocol = text(json, "protocol");
  port.port = static_cast<std::uint16_t>(number(json, "port"));
  port.node_port = static_cast<std::uint16_t>(number(json, "nodePort"));
  port.app_protocol = text(json, "appProtocol");
  port.target_port = port.port;
  const Json* target = find(json, "targetPort");
  if (target == nullptr) return port;
  if (target->is_string()) port.target_port = target->get<std::string>();
  if (target->is_number_integer() && *target != 0) port.target_port = target->get<std::uint16_t>();
  return port;
}

}  // namespace

Service decode_service(const Json& json) {
  const Json& spec = json.at("spec");
  Service service;
  service.metadata = decode_metadata(json.at("metadata"));
  service.type = decode_type(text(spec, "type"));
  if (const Json* selector = find(spec, "selector")) {
    service.selector = selector->get<std::map<std::string, std::string>>();
  }
  each(spec, "ports", "",
       [&](const Json& port, const std::string&) { service.ports.push_back(decode_port(port)); });
  service.headless = text(spec, "clusterIP") == "None";
  service.session_affinity = text(spec, "sessionAffinity") == "ClientIP";
  const Json* config = find(spec, "sessionAffinityConfig");
  const Json* client = config ? find(*config, "clientIP") : nullptr;
  if (client) service.affinity_timeout = Seconds(number(*client, "timeoutSeconds"));
  service.publish_not_ready_addresses = flag(spec, "publishNotReadyAddresses");
  service.door = door_policy(json);
  service.document = json.dump();
  return service;
}

}  // namespace podvisor::manifest
