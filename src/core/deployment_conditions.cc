#include "core/deployment_conditions.h"

#include <algorithm>
#include <utility>

namespace podvisor {
namespace {

void set(DeploymentStatus& status, DeploymentCondition fresh, WallTime now) {
  fresh.last_update_time = fresh.last_transition_time = now;
  const auto old = std::ranges::find(status.conditions, fresh.type, &DeploymentCondition::type);
  if (old == status.conditions.end()) return status.conditions.push_back(std::move(fresh));
  if (old->status == fresh.status) {
    if (old->reason == fresh.reason && old->message == fresh.message) return;
    fresh.last_transition_time = old->last_transition_time;
  }
  *old = std::move(fresh);
}

}  // namespace

const DeploymentCondition* find_condition(const DeploymentStatus& status, const std::string& type) {
  const auto found = std::ranges::find(status.conditions, type, &DeploymentCondition::type);
  return found == status.conditions.end() ? nullptr : &*found;
}

void set_progressing(const Deployment& deployment, DeploymentState& state, ProgressReason reason,
                     WallTime now) {
  const std::string set_name = '"' + revision_name(deployment, state.revision) + '"';
  DeploymentCondition condition{"Progressing", ConditionStatus::True, {}, {}, {}, {}};
  const auto say = [&](const char* why, std::string message) {
    condition.reason = why;
    condition.message = std::move(message);
  };
  switch (reason) {
    case ProgressReason::Created:
      say("NewReplicaSetCreated", "Created new replica set " + set_name);
      break;
    case ProgressReason::Found:
      say("FoundNewReplicaSet", "Found new replica set " + set_name);
      break;
    case ProgressReason::Updated:
      say("ReplicaSetUpdated", "ReplicaSet " + set_name + " is progressing.");
      break;
    case ProgressReason::Available:
      say("NewReplicaSetAvailable", "ReplicaSet " + set_name + " has successfully progressed.");
      break;
    case ProgressReason::DeadlineExceeded:
      condition.status = ConditionStatus::False;
      say("ProgressDeadlineExceeded", "ReplicaSet " + set_name + " has timed out progressing.");
      break;
    case ProgressReason::Paused:
      condition.status = ConditionStatus::Unknown;
      say("DeploymentPaused", "Deployment is paused");
      break;
    case ProgressReason::Resumed:
      condition.status = ConditionStatus::Unknown;
      say("DeploymentResumed", "Deployment is resumed");
      break;
  }
  set(state.status, std::move(condition), now);
}

void set_available(DeploymentState& state, bool enough, WallTime now) {
  DeploymentCondition condition{"Available", ConditionStatus::True, {}, {}, {}, {}};
  condition.status = enough ? ConditionStatus::True : ConditionStatus::False;
  condition.reason = enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable";
  condition.message = enough ? "Deployment has minimum availability."
                             : "Deployment does not have minimum availability.";
  set(state.status, std::move(condition), now);
}

}  // namespace podvisor
