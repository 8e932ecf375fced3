#include "api/pod_json.h"

#include "api/pod_address.h"
#include "api/pod_status_json.h"

namespace podvisor {
namespace {

void set_metadata(Json& metadata, const PodObject& object) {
  metadata["name"] = object.pod->metadata.name;
  metadata["namespace"] = object.pod->metadata.namespace_;
  metadata["uid"] = object.pod->metadata.uid;
  metadata["resourceVersion"] = std::to_string(object.resource_version);
  metadata["creationTimestamp"] = time_json(object.creation_timestamp);
  if (!object.deletion_timestamp) return;
  metadata["deletionTimestamp"] = time_json(*object.deletion_timestamp);
  metadata["deletionGracePeriodSeconds"] = object.deletion_grace_period.count();
}

/// A pod that waits for a node is on none.
void set_place(Json& pod, const PodObject& object) {
  const PodCondition* scheduled = find_condition(object.status, "PodScheduled");
  if (scheduled == nullptr || !scheduled->status || object.node_name.empty()) return;
  if (pod["spec"].is_object()) pod["spec"]["nodeName"] = object.node_name;
  set_unless_empty(pod["status"], "hostIP", object.host_ip);
  if (!object.host_ip.empty()) pod["status"]["hostIPs"] = Json::array({{{"ip", object.host_ip}}});
  set_unless_empty(pod["status"], "podIP", pod_ip(object));
  if (!pod_ip(object).empty()) pod["status"]["podIPs"] = Json::array({{{"ip", pod_ip(object)}}});
}

}  // namespace

Json object_json(const PodObject& object) {
  Json pod = Json::parse(object.pod->document, nullptr, false);
  if (!pod.is_object()) pod = Json::object();  // a pod that was made without a manifest
  pod["apiVersion"] = "v1";
  pod["kind"] = "Pod";
  if (!pod["metadata"].is_object()) pod["metadata"] = Json::object();
  set_metadata(pod["metadata"], object);
  pod["status"] = pod_status_json(object.status);
  set_place(pod, object);
  return pod;
}

}  // namespace podvisor
