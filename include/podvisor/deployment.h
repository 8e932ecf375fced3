// The Deployment manifest, typed: plain structs, defaults applied, every value valid. src/manifest
// makes it. And its status, as the API shows it: deployment_plan.h decides both.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "podvisor/pod.h"
#include "podvisor/pod_status.h"

namespace podvisor {

/// A number of pods, or a share of the replicas.
struct IntOrPercent {
  int value = 0;
  bool percent = false;
  friend bool operator==(const IntOrPercent&, const IntOrPercent&) = default;
};

struct LabelRequirement {
  enum class Operator : std::uint8_t { In, NotIn, Exists, DoesNotExist };
  std::string key;
  Operator op = Operator::In;
  std::vector<std::string> values;  ///< of In and NotIn
  friend bool operator==(const LabelRequirement&, const LabelRequirement&) = default;
};

struct LabelSelector {
  std::map<std::string, std::string> match_labels;
  std::vector<LabelRequirement> match_expressions;
  friend bool operator==(const LabelSelector&, const LabelSelector&) = default;
};

struct DeploymentStrategy {
  bool recreate = false;                   ///< type: Recreate; else RollingUpdate
  IntOrPercent max_surge{25, true};        ///< rounded up; only of RollingUpdate
  IntOrPercent max_unavailable{25, true};  ///< rounded down; never 0 together with max_surge
};

struct Deployment {
  ObjectMeta metadata;
  int replicas = 1;
  LabelSelector selector;  ///< matches the labels of `pod`
  /// The template as a pod of the deployment's namespace; its name is the deployment's.
  Pod pod;
  DeploymentStrategy strategy;
  Seconds min_ready{0};
  Seconds progress_deadline{600};
  int revision_history_limit = 10;
  bool paused = false;
  std::string document;  ///< as accepted: what the API shows
};

struct DeploymentCondition {
  std::string type;  ///< "Available", "Progressing"
  ConditionStatus status = ConditionStatus::False;
  std::string reason;
  std::string message;
  WallTime last_update_time;
  WallTime last_transition_time;  ///< moves only when status does
  friend bool operator==(const DeploymentCondition&, const DeploymentCondition&) = default;
};

/// Pods that are being deleted, or have ended, count nowhere.
struct DeploymentStatus {
  std::int64_t observed_generation = 0;
  int replicas = 0;
  int updated = 0;  ///< of the current template
  int ready = 0;
  int available = 0;  ///< Ready for minReadySeconds
  int unavailable = 0;
  std::vector<DeploymentCondition> conditions;
  friend bool operator==(const DeploymentStatus&, const DeploymentStatus&) = default;
};

/// The condition of that type, or nullptr.
[[nodiscard]] const DeploymentCondition* find_condition(const DeploymentStatus& status,
                                                        const std::string& type);

/// ROL-4. Both rounded as Kubernetes does, up and down; where both come to 0, one pod may be
/// missing.
struct RollingBounds {
  int surge = 0;
  int unavailable = 0;
};
/// Recreate: neither.
[[nodiscard]] RollingBounds rolling_bounds(const Deployment& deployment);

/// Every requirement of `selector` holds for `labels`.
[[nodiscard]] bool matches(const LabelSelector& selector,
                           const std::map<std::string, std::string>& labels);

}  // namespace podvisor
