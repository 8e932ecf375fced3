#include <charconv>

#include "manifest/decode.h"
#include "manifest/json_access.h"

namespace podvisor::manifest {
namespace {

LabelRequirement::Operator decode_operator(const std::string& word) {
  using Operator = LabelRequirement::Operator;
  if (word == "NotIn") return Operator::NotIn;
  if (word == "Exists") return Operator::Exists;
  return word == "DoesNotExist" ? Operator::DoesNotExist : Operator::In;
}

DeploymentStrategy decode_strategy(const Json& spec) {
  DeploymentStrategy strategy;
  const Json* json = find(spec, "strategy");
  if (json == nullptr) return strategy;
  strategy.recreate = text(*json, "type") == "Recreate";
  const Json* rolling = find(*json, "rollingUpdate");
  if (rolling == nullptr) return strategy;
  strategy.max_surge = decode_int_or_percent(rolling->at("maxSurge"));
  strategy.max_unavailable = decode_int_or_percent(rolling->at("maxUnavailable"));
  return strategy;
}

/// The template as the document of a pod that has the deployment's name until it gets its own.
Json pod_of(const Json& deployment) {
  Json pod = deployment.at("spec").at("template");
  const Json& metadata = deployment.at("metadata");
  pod["apiVersion"] = "v1";
  pod["kind"] = "Pod";
  pod["metadata"]["name"] = metadata.at("name");
  pod["metadata"]["namespace"] = metadata.at("namespace");
  return pod;
}

}  // namespace

IntOrPercent decode_int_or_percent(const Json& json) {
  if (json.is_number_integer()) return {json.get<int>(), false};
  const auto& text = json.get_ref<const std::string&>();
  IntOrPercent decoded{0, true};
  std::from_chars(text.data(), text.data() + text.size(), decoded.value);
  return decoded;
}

LabelSelector decode_label_selector(const Json& json) {
  LabelSelector selector;
  if (const Json* labels = find(json, "matchLabels")) {
    selector.match_labels = labels->get<std::map<std::string, std::string>>();
  }
  each(json, "matchExpressions", "", [&](const Json& item, const std::string&) {
    LabelRequirement requirement{text(item, "key"), decode_operator(text(item, "operator")), {}};
    if (const Json* values = find(item, "values")) {
      requirement.values = values->get<std::vector<std::string>>();
    }
    selector.match_expressions.push_back(std::move(requirement));
  });
  return selector;
}

Deployment decode_deployment(const Json& json, const LoadOptions& options) {
  const Json& spec = json.at("spec");
  Deployment deployment;
  deployment.metadata = decode_metadata(json.at("metadata"));
  deployment.replicas = static_cast<int>(number(spec, "replicas"));
  deployment.selector = decode_label_selector(spec.at("selector"));
  deployment.pod = decode_pod(pod_of(json), options);
  deployment.strategy = decode_strategy(spec);
  deployment.min_ready = Seconds(number(spec, "minReadySeconds"));
  deployment.progress_deadline = Seconds(number(spec, "progressDeadlineSeconds"));
  deployment.revision_history_limit = static_cast<int>(number(spec, "revisionHistoryLimit"));
  deployment.paused = flag(spec, "paused");
  deployment.document = json.dump();
  return deployment;
}

}  // namespace podvisor::manifest
