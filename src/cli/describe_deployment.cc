#include "cli/details.h"
#include "cli/service_text.h"
#include "cli/text.h"

namespace podvisor::cli {
namespace {

std::string count(const Json& deployment, const char* path, const char* what) {
  return std::to_string(number(deployment, path)) + " " + what;
}

void describe_strategy(Details& details, const Json& deployment) {
  details.pair(0, "StrategyType", text_or(deployment, "spec.strategy.type", "RollingUpdate"));
  details.pair(0, "MinReadySeconds", std::to_string(number(deployment, "spec.minReadySeconds")));
  if (!has(deployment, "spec.strategy.rollingUpdate")) return;
  details.pair(0, "RollingUpdateStrategy",
               text(deployment, "spec.strategy.rollingUpdate.maxUnavailable") +
                   " max unavailable, " + text(deployment, "spec.strategy.rollingUpdate.maxSurge") +
                   " max surge");
}

void describe_conditions(Details& details, const Json& deployment) {
  const Json& conditions = list(deployment, "status.conditions");
  if (conditions.empty()) return;
  details.end_block();
  details.title(0, "Conditions");
  details.line(1, {"Type", "Status", "Reason"});
  details.line(1, {"----", "------", "------"});
  for (const Json& condition : conditions)
    details.line(1,
                 {text(condition, "type"), text(condition, "status"), text(condition, "reason")});
  details.end_block();
}

}  // namespace

std::string describe_deployment(const Json& deployment, const Json& events, WallTime now) {
  Details details;
  details.pair(0, "Name", text(deployment, "metadata.name"));
  details.pair(0, "Namespace", text(deployment, "metadata.namespace"));
  details.pair(0, "CreationTimestamp",
               local_time(raw_text(deployment, "metadata.creationTimestamp")));
  describe_map(details, "Labels", field(deployment, "metadata.labels"), "=");
  describe_map(details, "Annotations", field(deployment, "metadata.annotations"), ": ");
  details.pair(0, "Selector", pairs_text(field(deployment, "spec.selector.matchLabels")));
  details.pair(0, "Replicas",
               count(deployment, "spec.replicas", "desired | ") +
                   count(deployment, "status.updatedReplicas", "updated | ") +
                   count(deployment, "status.replicas", "total | ") +
                   count(deployment, "status.availableReplicas", "available | ") +
                   count(deployment, "status.unavailableReplicas", "unavailable"));
  describe_strategy(details, deployment);
  details.title(0, "Pod Template");
  const Json& pod = field(deployment, "spec.template");
  details.pair(1, "Labels", pairs_text(field(pod, "metadata.labels")));
  details.title(1, "Containers");
  for (const Json& container : list(pod, "spec.containers"))
    describe_container(details, pod, container, Json());
  describe_conditions(details, deployment);
  describe_events(details, events, now);
  return details.take_text();
}

}  // namespace podvisor::cli
