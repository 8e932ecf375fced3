#include "api/service_json.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "podvisor/traffic.h"

namespace podvisor {
namespace {

Json metadata_json(Json metadata, const ServiceEntry& entry) {
  const ObjectMeta& meta = entry.object.metadata;
  if (!metadata.is_object()) metadata = Json::object();
  metadata["name"] = meta.name;
  metadata["namespace"] = meta.namespace_;
  metadata["uid"] = meta.uid;
  metadata["resourceVersion"] = std::to_string(entry.resource_version);
  metadata["creationTimestamp"] = time_json(entry.creation_timestamp);
  return metadata;
}

/// Node ports that podvisor chose.
void set_node_ports(const Service& service, Json& spec) {
  const auto ports = spec.find("ports");
  if (ports == spec.end() || !ports->is_array()) return;
  for (std::size_t i = 0; i < std::min(ports->size(), service.ports.size()); ++i)
    if (service.ports[i].node_port != 0) (*ports)[i]["nodePort"] = service.ports[i].node_port;
}

Json address_json(const PodObject& object) {
  const Pod& pod = *object.pod;
  const std::string& pod_ip = object.status.pod_ip;
  return {{"ip", pod_ip.empty() ? "127.0.0.1" : pod_ip},
          {"nodeName", object.node_name},
          {"targetRef",
           {{"kind", "Pod"},
            {"name", pod.metadata.name},
            {"namespace", pod.metadata.namespace_},
            {"uid", pod.metadata.uid}}}};
}

/// Pods whose ports have the same numbers stand in one subset.
struct Subset {
  Json ready = Json::array();
  Json not_ready = Json::array();
};
using Numbers = std::vector<std::uint16_t>;  ///< parallel to the Service's ports; 0: not this one

Json ports_json(const Service& service, const Numbers& numbers) {
  Json ports = Json::array();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] == 0) continue;
    Json port{{"port", numbers[i]}, {"protocol", service.ports[i].protocol}};
    set_unless_empty(port, "name", service.ports[i].name);
    ports.push_back(std::move(port));
  }
  return ports;
}

void add_pod(const Service& service, const PodObject& object, std::map<Numbers, Subset>& subsets) {
  const bool over =
      object.status.phase == PodPhase::Succeeded || object.status.phase == PodPhase::Failed;
  if (over || object.status.traffic.sandbox < 0 || !selects(service, *object.pod)) return;
  Numbers numbers;
  for (const ServicePort& port : service.ports) numbers.push_back(target_port(port, *object.pod));
  if (std::ranges::all_of(numbers, [](std::uint16_t number) { return number == 0; })) return;
  Subset& subset = subsets[numbers];
  const bool ready =
      gets_traffic(object) || (service.publish_not_ready_addresses && !object.deletion_timestamp);
  (ready ? subset.ready : subset.not_ready).push_back(address_json(object));
}

}  // namespace

Json object_json(const ServiceEntry& entry) {
  Json json = Json::parse(entry.object.document, nullptr, false);
  if (!json.is_object()) json = Json::object();  // one that was made without a manifest
  json["apiVersion"] = "v1";
  json["kind"] = "Service";
  json["metadata"] = metadata_json(std::move(json["metadata"]), entry);
  set_node_ports(entry.object, json["spec"]);
  json["status"] = {{"loadBalancer", Json::object()}};
  return json;
}

Json endpoints_json(const ServiceEntry& entry, const ObjectStore& store) {
  std::map<Numbers, Subset> subsets;
  for (const auto& [name, object] : store.pods()) add_pod(entry.object, object, subsets);
  Json shown = Json::array();
  for (auto& [numbers, subset] : subsets) {
    Json one{{"ports", ports_json(entry.object, numbers)}};
    if (!subset.ready.empty()) one["addresses"] = std::move(subset.ready);
    if (!subset.not_ready.empty()) one["notReadyAddresses"] = std::move(subset.not_ready);
    shown.push_back(std::move(one));
  }
  Json metadata = metadata_json(Json::object(), entry);
  metadata["resourceVersion"] = std::to_string(store.resource_version());
  for (const auto& [key, value] : entry.object.metadata.labels) metadata["labels"][key] = value;
  return {{"apiVersion", "v1"}, {"kind", "Endpoints"}, {"metadata", metadata}, {"subsets", shown}};
}

}  // namespace podvisor
