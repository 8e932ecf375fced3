#include "api/pod_json.h"

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

}  // namespace

Json object_json(const PodObject& object) {
  Json pod = Json::parse(object.pod->document, nullptr, false);
  if (!pod.is_object()) pod = Json::object();  // a pod that was made without a manifest
  pod["apiVersion"] = "v1";
  pod["kind"] = "Pod";
  if (!pod["metadata"].is_object()) pod["metadata"] = Json::object();
  set_metadata(pod["metadata"], object);
  pod["status"] = pod_status_json(object.status);
  return pod;
}

}  // namespace podvisor
