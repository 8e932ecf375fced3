// How far a Deployment may go, and how far it has come.
#include <algorithm>

#include "podvisor/deployment_plan.h"

namespace podvisor {
namespace {

int part_of(const IntOrPercent& part, int replicas, bool round_up) {
  if (!part.percent) return part.value;
  const std::int64_t hundredths = std::int64_t{part.value} * replicas;
  return static_cast<int>((hundredths + (round_up ? 99 : 0)) / 100);
}

std::string waiting_for(const std::string& name, const std::string& what) {
  return "Waiting for deployment \"" + name + "\" rollout to finish: " + what + "...";
}

}  // namespace

RollingBounds rolling_bounds(const Deployment& deployment) {
  if (deployment.strategy.recreate || deployment.replicas == 0) return {};
  RollingBounds bounds{part_of(deployment.strategy.max_surge, deployment.replicas, true),
                       part_of(deployment.strategy.max_unavailable, deployment.replicas, false)};
  bounds.unavailable = std::min(bounds.unavailable, deployment.replicas);
  if (bounds.surge == 0 && bounds.unavailable == 0) bounds.unavailable = 1;
  return bounds;
}

bool has_arrived(const Deployment& deployment, const DeploymentState& state) {
  const DeploymentStatus& status = state.status;
  return state.complete && status.updated == deployment.replicas &&
         status.replicas == status.updated && status.available == status.updated;
}

std::string progress(const Deployment& deployment, const DeploymentState& state) {
  const std::string& name = deployment.metadata.name;
  const DeploymentStatus& status = state.status;
  const auto number = [](int value) { return std::to_string(value); };
  if (state.timed_out) return "deployment \"" + name + "\" exceeded its progress deadline";
  if (status.updated < deployment.replicas)
    return waiting_for(name, number(status.updated) + " out of " + number(deployment.replicas) +
                                 " new replicas have been updated");
  if (status.replicas > status.updated)
    return waiting_for(
        name, number(status.replicas - status.updated) + " old replicas are pending termination");
  if (status.available < status.updated)
    return waiting_for(name, number(status.available) + " of " + number(status.updated) +
                                 " updated replicas are available");
  return "deployment \"" + name + "\" successfully rolled out";
}

}  // namespace podvisor
