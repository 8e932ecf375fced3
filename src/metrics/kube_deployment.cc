#include "metrics/kube_deployment.h"

#include <array>

#include "metrics/kube_pod.h"

namespace podvisor {
namespace {

struct DeploymentFamily {
  FamilyInfo info;
  void (*add)(const DeploymentEntry& entry, const Sink& sink);
};

void add_conditions(const DeploymentEntry& entry, const Sink& sink) {
  for (const DeploymentCondition& condition : entry.status.conditions) {
    const auto add = [&](const char* status, ConditionStatus value) {
      sink.add(condition.status == value ? 1 : 0,
               {{"condition", condition.type}, {"reason", condition.reason}, {"status", status}});
    };
    add("true", ConditionStatus::True);
    add("false", ConditionStatus::False);
    add("unknown", ConditionStatus::Unknown);
  }
}

/// As kube-state-metrics: of a RollingUpdate only.
void add_bound(const DeploymentEntry& entry, int RollingBounds::*bound, const Sink& sink) {
  if (!entry.object.strategy.recreate) sink.add(rolling_bounds(entry.object).*bound);
}

const std::array<DeploymentFamily, 14> kDeploymentFamilies{{
    {{"kube_deployment_created", "Unix time at which the deployment was accepted."},
     [](const DeploymentEntry& entry, const Sink& sink) {
       sink.add(unix_seconds(entry.creation_timestamp));
     }},
    {{"kube_deployment_metadata_generation", "Counts changes of the deployment's manifest."},
     [](const DeploymentEntry& entry, const Sink& sink) {
       sink.add(static_cast<double>(entry.generation));
     }},
    {{"kube_deployment_status_observed_generation", "The generation that was acted on last."},
     [](const DeploymentEntry& entry, const Sink& sink) {
       sink.add(static_cast<double>(entry.status.observed_generation));
     }},
    {{"kube_deployment_spec_replicas", "Pods that are wanted."},
     [](const DeploymentEntry& entry, const Sink& sink) { sink.add(entry.object.replicas); }},
    {{"kube_deployment_spec_paused", "Whether the deployment is paused."},
     [](const DeploymentEntry& entry, const Sink& sink) { sink.add(entry.object.paused ? 1 : 0); }},
    {{"kube_deployment_spec_strategy_rollingupdate_max_surge",
      "Pods that there may be too many during a rolling update."},
     [](const DeploymentEntry& entry, const Sink& sink) {
       add_bound(entry, &RollingBounds::surge, sink);
     }},
    {{"kube_deployment_spec_strategy_rollingupdate_max_unavailable",
      "Pods that may be missing during a rolling update."},
     [](const DeploymentEntry& entry, const Sink& sink) {
       add_bound(entry, &RollingBounds::unavailable, sink);
     }},
    {{"kube_deployment_status_replicas", "Pods that are there."},
     [](const DeploymentEntry& entry, const Sink& sink) { sink.add(entry.status.replicas); }},
    {{"kube_deployment_status_replicas_updated", "Pods of the current template."},
     [](const DeploymentEntry& entry, const Sink& sink) { sink.add(entry.status.updated); }},
    {{"kube_deployment_status_replicas_ready", "Pods that are ready."},
     [](const DeploymentEntry& entry, const Sink& sink) { sink.add(entry.status.ready); }},
    {{"kube_deployment_status_replicas_available", "Pods that are available."},
     [](const DeploymentEntry& entry, const Sink& sink) { sink.add(entry.status.available); }},
    {{"kube_deployment_status_replicas_unavailable", "Pods that are not."},
     [](const DeploymentEntry& entry, const Sink& sink) { sink.add(entry.status.unavailable); }},
    {{"kube_deployment_status_condition", "The deployment's conditions."}, add_conditions},
    {{"kube_deployment_owner", "The deployment's owner."},
     [](const DeploymentEntry&, const Sink& sink) {
       sink.add(1, {{"owner_kind", ""}, {"owner_name", ""}, {"owner_is_controller", ""}});
     }},
}};

}  // namespace

void add_kube_deployments(Families& families, const ObjectStore& store) {
  for (const auto& [name, entry] : store.deployments()) {
    const Labels labels{{"namespace", name.first}, {"deployment", name.second}};
    for (const DeploymentFamily& family : kDeploymentFamilies)
      family.add(entry, Sink(families.get(family.info), labels));
  }
}

}  // namespace podvisor
