#include "api/deployment_json.h"

#include "podvisor/pod_status.h"

namespace podvisor {
namespace {

void set_unless_zero(Json& object, const char* key, std::int64_t number) {
  if (number != 0) object[key] = number;
}

Json condition_json(const DeploymentCondition& condition) {
  return {{"type", condition.type},
          {"status", to_string(condition.status)},
          {"reason", condition.reason},
          {"message", condition.message},
          {"lastUpdateTime", time_json(condition.last_update_time)},
          {"lastTransitionTime", time_json(condition.last_transition_time)}};
}

Json status_json(const DeploymentStatus& status) {
  Json json = Json::object();
  set_unless_zero(json, "observedGeneration", status.observed_generation);
  set_unless_zero(json, "replicas", status.replicas);
  set_unless_zero(json, "updatedReplicas", status.updated);
  set_unless_zero(json, "readyReplicas", status.ready);
  set_unless_zero(json, "availableReplicas", status.available);
  set_unless_zero(json, "unavailableReplicas", status.unavailable);
  for (const DeploymentCondition& condition : status.conditions)
    json["conditions"].push_back(condition_json(condition));
  return json;
}

void set_metadata(Json& metadata, const DeploymentEntry& entry) {
  const ObjectMeta& meta = entry.object.metadata;
  metadata["name"] = meta.name;
  metadata["namespace"] = meta.namespace_;
  metadata["uid"] = meta.uid;
  metadata["resourceVersion"] = std::to_string(entry.resource_version);
  metadata["creationTimestamp"] = time_json(entry.creation_timestamp);
}

/// "app=web,tier in (a,b)", as metav1.FormatLabelSelector.
std::string selector_text(const LabelSelector& selector) {
  using Operator = LabelRequirement::Operator;
  std::string all;
  const auto add = [&](const std::string& one) { all += (all.empty() ? "" : ",") + one; };
  for (const auto& [key, value] : selector.match_labels) add(key + "=" + value);
  for (const LabelRequirement& each : selector.match_expressions) {
    std::string values;
    for (const std::string& value : each.values) values += (values.empty() ? "" : ",") + value;
    switch (each.op) {
      case Operator::In:
        add(each.key + " in (" + values + ")");
        break;
      case Operator::NotIn:
        add(each.key + " notin (" + values + ")");
        break;
      case Operator::Exists:
        add(each.key);
        break;
      case Operator::DoesNotExist:
        add("!" + each.key);
        break;
    }
  }
  return all;
}

}  // namespace

Json object_json(const DeploymentEntry& entry) {
  Json json = Json::parse(entry.object.document, nullptr, false);
  if (!json.is_object()) json = Json::object();  // one that was made without a manifest
  json["apiVersion"] = "apps/v1";
  json["kind"] = "Deployment";
  Json& metadata = json["metadata"];
  if (!metadata.is_object()) metadata = Json::object();
  set_metadata(metadata, entry);
  metadata["generation"] = entry.generation;
  if (entry.revision != 0)
    metadata["annotations"]["deployment.kubernetes.io/revision"] = std::to_string(entry.revision);
  json["status"] = status_json(entry.status);
  return json;
}

Json scale_json(const DeploymentEntry& entry) {
  Json metadata = Json::object();
  set_metadata(metadata, entry);
  return {
      {"apiVersion", "autoscaling/v1"},
      {"kind", "Scale"},
      {"metadata", std::move(metadata)},
      {"spec", {{"replicas", entry.object.replicas}}},
      {"status",
       {{"replicas", entry.status.replicas}, {"selector", selector_text(entry.object.selector)}}}};
}

}  // namespace podvisor
