#include "daemon/deployment_document.h"

#include "api/json.h"
#include "podvisor/config_use.h"
#include "podvisor/pod_template_hash.h"

namespace podvisor {
namespace {

constexpr const char* kRestartedAt = "kubectl.kubernetes.io/restartedAt";

const Json::json_pointer kTemplate("/spec/template");
const Json::json_pointer kTemplateAnnotations("/spec/template/metadata/annotations");
const Json::json_pointer kPaused("/spec/paused");

Json parse(const std::string& document) { return Json::parse(document, nullptr, false); }

std::string restarted_at(const Json& deployment) {
  const Json none = Json::object();
  const Json& annotations =
      deployment.contains(kTemplateAnnotations) ? deployment.at(kTemplateAnnotations) : none;
  const auto found = annotations.find(kRestartedAt);
  return found == annotations.end() ? "" : found->get<std::string>();
}

/// Secrets too: 32 bits of them, which nobody reads anything out of.
std::string contents(const Pod& pod, const ObjectStore& store) {
  std::string all;
  for (const auto& [key, entry] : store.configs()) {
    const auto& [kind, namespace_, name] = key;
    if (namespace_ != pod.metadata.namespace_ || !is_made_of(pod, kind, name)) continue;
    all += std::string("\n") + to_string(kind) + "/" + name;
    for (const auto& [file, data] : entry.object.data)
      all += "\n" + file + ":" + std::to_string(data.size()) + ":" + data;
  }
  return all;
}

/// The template that a pod was made of.
Json template_of(const Json& pod) {
  Json metadata = Json::object();
  for (const char* key : {"labels", "annotations"})
    if (pod["metadata"].contains(key)) metadata[key] = pod["metadata"][key];
  if (metadata.contains("labels")) metadata["labels"].erase(kPodTemplateHash);
  return {{"metadata", std::move(metadata)}, {"spec", pod["spec"]}};
}

/// Absent is the same as empty.
Json without_restart(Json pod_template) {
  Json& metadata = pod_template["metadata"];
  if (metadata.contains("annotations")) metadata["annotations"].erase(kRestartedAt);
  for (const char* key : {"labels", "annotations"})
    if (metadata.contains(key) && metadata[key].empty()) metadata.erase(key);
  return pod_template;
}

}  // namespace

std::string revision_of(const Deployment& deployment, const ObjectStore& store) {
  return pod_template_hash(parse(deployment.document)[kTemplate].dump() +
                           contents(deployment.pod, store));
}

std::string pod_document(const Deployment& deployment, const std::string& revision,
                         const std::string& name) {
  Json pod = parse(deployment.document)[kTemplate];
  pod["apiVersion"] = "v1";
  pod["kind"] = "Pod";
  Json& metadata = pod["metadata"];
  metadata["name"] = name;
  metadata["generateName"] = deployment.metadata.name + "-" + revision + "-";
  metadata["namespace"] = deployment.metadata.namespace_;
  metadata["labels"][kPodTemplateHash] = revision;
  metadata["ownerReferences"] = Json::array({{{"apiVersion", "apps/v1"},
                                              {"kind", "Deployment"},
                                              {"name", deployment.metadata.name},
                                              {"uid", deployment.metadata.uid},
                                              {"controller", true},
                                              {"blockOwnerDeletion", true}}});
  return pod.dump();
}

std::string renamed(const std::string& pod_document, const std::string& name) {
  Json pod = parse(pod_document);
  pod["metadata"]["name"] = name;
  return pod.dump();
}

std::string carried_over(const std::string& fresh, const std::string& current) {
  Json document = parse(fresh);
  const Json before = parse(current);
  if (!document.contains(kPaused) && before.contains(kPaused))
    document[kPaused] = before.at(kPaused);
  const std::string restart = restarted_at(before);
  if (!restart.empty() && restarted_at(document).empty())
    document[kTemplateAnnotations][kRestartedAt] = restart;
  return document.dump();
}

std::string restarted_as(const std::string& document, const std::string& pod_document) {
  Json deployment = parse(document);
  const Json made_of = template_of(parse(pod_document));
  if (!restarted_at(deployment).empty() ||
      without_restart(made_of) != without_restart(deployment[kTemplate]))
    return document;
  deployment[kTemplate] = made_of;
  return deployment.dump();
}

std::string with_paused(const std::string& document, bool paused) {
  Json deployment = parse(document);
  deployment[kPaused] = paused;
  return deployment.dump();
}

std::string with_restart(const std::string& document, WallTime now) {
  Json deployment = parse(document);
  deployment[kTemplateAnnotations][kRestartedAt] = time_json(now);
  return deployment.dump();
}

std::string with_template_of(const std::string& document, const std::string& pod_document) {
  Json deployment = parse(document);
  deployment[kTemplate] = template_of(parse(pod_document));
  return deployment.dump();
}

}  // namespace podvisor
