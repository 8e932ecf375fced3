// What a Deployment does with its pods, as a pure function (ROL-4, ROL-5):
// step(deployment, revision, state, pods, now) -> {state, pods to make and to delete, status}.
//
// Pods are of a revision, which is named by a hash (pod_template_hash.h); the latest is made, the
// others go. A revision is what Kubernetes has a ReplicaSet for, and its name ("web-7d9f8b6c5") is
// what conditions and events speak of. Every step looks at all pods anew, so there is no event that
// could be missed.
//
//   RollingUpdate  never more than replicas + maxSurge pods, never fewer available ones than
//                  replicas - maxUnavailable by its own doing; pods that are not available go first
//   Recreate       every old pod is gone before a new one is made
//   paused         the revisions stay as they are; only their number follows
//   scaled         in the middle of a rollout revisions grow and shrink in proportion, and the
//                  rollout goes on from there (deployment_scale.h). Unlike upstream none of
//                  them loses an available pod that the bound above asks for, and where a
//                  rollout only begins none is made of the former revision
//
// Available is a pod that has been Ready for minReadySeconds without a break. Pods that are being
// deleted count nowhere, as in Kubernetes; only Recreate waits for them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "podvisor/deployment.h"
#include "podvisor/time.h"

namespace podvisor {

struct ReplicaView {
  std::string name;
  std::string revision;
  bool terminating = false;
  bool ended = false;                    ///< Failed or Succeeded: it is deleted and made anew
  std::optional<TimePoint> ready_since;  ///< and open to traffic
  std::uint64_t created = 0;             ///< larger: younger
};

/// What has to be remembered from one step to the next.
struct DeploymentState {
  std::string revision;  ///< acted on last; empty: none yet
  bool complete = false;
  bool timed_out = false;
  bool paused = false;
  TimePoint progressed_at;  ///< progressDeadlineSeconds count from here
  int old = 0;              ///< pods of other revisions, at the last look
  /// For which the pods' number was right; unset: not known, nothing is shared.
  std::optional<int> replicas;
  int most = 0;  ///< with maxSurge
  DeploymentStatus status;
};

struct DeploymentStep {
  DeploymentState state;
  std::map<std::string, int> make;   ///< revision -> how many
  std::vector<std::string> remove;   ///< names
  std::optional<TimePoint> wake_at;  ///< when a step is due even if nothing happens
};

/// `revision` is the one that is wanted now.
[[nodiscard]] DeploymentStep step(const Deployment& deployment, const std::string& revision,
                                  DeploymentState state, const std::vector<ReplicaView>& pods,
                                  const Instant& now);

/// "web-7d9f8b6c5"
[[nodiscard]] std::string revision_name(const Deployment& deployment, const std::string& revision);

/// Every pod is there, of the current template and available: nothing is waited for.
[[nodiscard]] bool has_arrived(const Deployment& deployment, const DeploymentState& state);

/// Where the rollout is, in the words of `kubectl rollout status`.
[[nodiscard]] std::string progress(const Deployment& deployment, const DeploymentState& state);

}  // namespace podvisor
