#include "api/config_json.h"

namespace podvisor {

Json object_json(const ConfigEntry& entry) {
  const ConfigObject& object = entry.object;
  Json json = Json::parse(object.document, nullptr, false);
  if (!json.is_object()) json = Json::object();  // one that was made without a manifest
  json["apiVersion"] = "v1";
  json["kind"] = to_string(object.kind);
  Json& metadata = json["metadata"];
  if (!metadata.is_object()) metadata = Json::object();
  metadata["name"] = object.metadata.name;
  metadata["namespace"] = object.metadata.namespace_;
  metadata["uid"] = object.metadata.uid;
  metadata["resourceVersion"] = std::to_string(entry.resource_version);
  metadata["creationTimestamp"] = time_json(entry.creation_timestamp);
  return json;
}

}  // namespace podvisor
