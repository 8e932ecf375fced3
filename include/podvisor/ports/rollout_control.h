// Rollouts of pods, for whoever shows them and for whoever wants one undone, repeated or held up.
// Each order is accepted or refused at once, in a sentence for a person. Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "podvisor/pod.h"
#include "podvisor/result.h"
#include "podvisor/rollout.h"
#include "podvisor/time.h"

namespace podvisor {

struct RevisionView {
  int number = 0;
  WallTime since;
  std::string change_cause;  ///< annotation kubernetes.io/change-cause, or why podvisor made it
};

struct RolloutView {
  int revision = 0;  ///< that it brings
  RolloutState::Stage stage = RolloutState::Stage::Starting;
  std::string reason;    ///< of its end
  std::string progress;  ///< what is waited for, or how it ended, on one line
  bool paused = false;
  bool restart = false;               ///< the same revision anew (DIF-2.4)
  PodUid old_pod;                     ///< empty: there was none
  PodUid new_pod;                     ///< empty: not made yet
  std::vector<RevisionView> history;  ///< oldest first
};

class RolloutControl {
 public:
  virtual ~RolloutControl() = default;
  /// Of the pod's latest rollout, which may be over; nothing: there is no such pod.
  [[nodiscard]] virtual std::optional<RolloutView> view(const std::string& namespace_,
                                                        const std::string& name) const = 0;
  /// To the revision before the latest, or (not 0) to that one. A rollout under way that can go
  /// back does.
  [[nodiscard]] virtual Status undo(const std::string& namespace_, const std::string& name,
                                    int to_revision) = 0;
  /// The latest revision anew.
  [[nodiscard]] virtual Status restart(const std::string& namespace_, const std::string& name) = 0;
  [[nodiscard]] virtual Status pause(const std::string& namespace_, const std::string& name) = 0;
  [[nodiscard]] virtual Status resume(const std::string& namespace_, const std::string& name) = 0;

  using Watcher = std::function<void(const std::string& namespace_, const std::string& name)>;
  /// Called after every change of a view. The id ends the watch; unknown ids do nothing.
  virtual std::uint64_t watch(Watcher watcher) = 0;
  virtual void unwatch(std::uint64_t id) = 0;
};

}  // namespace podvisor
