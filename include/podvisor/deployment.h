// The Deployment manifest, typed: plain structs, defaults applied, every value valid. src/manifest
// makes it. It is read and checked, and kept; whoever replicates pods acts on it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "podvisor/pod.h"

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
};

struct LabelSelector {
  std::map<std::string, std::string> match_labels;
  std::vector<LabelRequirement> match_expressions;
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

/// Every requirement of `selector` holds for `labels`.
[[nodiscard]] bool matches(const LabelSelector& selector,
                           const std::map<std::string, std::string>& labels);

}  // namespace podvisor
