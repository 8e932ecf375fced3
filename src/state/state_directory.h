// The journal as files below the state directory, 0600 in directories of 0700:
//
//   pods/UID/pod.json         a pod as it was admitted
//   pods/UID/state.json       its state; goes with a power loss, unless the pod has ended
//   rollouts/NAMESPACE/NAME   revisions of a pod's name, and its latest rollout
//   objects/UID.json          a ConfigMap, a Secret, a Service, a Deployment with its revisions
//   sources/FILE              what a file of manifests asked for last
//
// A file that is torn, empty, of a newer schema or otherwise not what podvisor writes is set aside
// (NAME.set-aside) and costs what it said. What could not be written (the disk is full) is kept
// until it can be, or is not wanted any more. Loop thread only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "podvisor/fd.h"
#include "podvisor/ports/journal.h"
#include "podvisor/result.h"
#include "state/text.h"

namespace podvisor {

struct KeptPod {
  state::PodFile file;                  ///< `document` empty: it was lost
  std::optional<state::StateFile> now;  ///< unset: it was lost, or never written
};

/// Everything that an earlier podvisor has written down.
struct Kept {
  struct Trouble {
    PodUid pod;           ///< empty: about no pod
    std::string message;  ///< which file was set aside, and why
  };
  std::vector<KeptPod> pods;
  std::vector<RolloutRecord> rollouts;
  std::vector<ObjectRecord> objects;
  std::vector<SourceRecord> sources;
  std::vector<Trouble> troubles;
};

class StateDirectory final : public Journal {
 public:
  /// The clock must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<StateDirectory>> open(const std::string& state_dir,
                                                                    const Clock& clock);

  [[nodiscard]] Kept read();
  /// Its state cannot be one; says what became of the file.
  std::string set_aside_state(const PodUid& pod);

  void write_pod(const Pod& pod, const PodRecord& facts, const PodState& state) override;
  void forget_pod(const PodUid& pod) override;
  void write_rollout(const RolloutRecord& record) override;
  void forget_rollout(const std::string& namespace_, const std::string& name) override;
  void write_object(const ObjectRecord& record) override;
  void forget_object(const PodUid& uid) override;
  void write_source(const SourceRecord& record) override;
  void forget_source(const std::string& file) override;
  /// Who brings what is wanted to the disk, file and directory one after the other: perhaps later,
  /// and then the calls above have returned before. Unless told: here and now.
  using Sync = std::function<Status(Fd written)>;
  void sync_by(Sync sync) { sync_ = std::move(sync); }
  /// Called whenever something could not be written: retry() is wanted after a while.
  void on_failure(std::function<void(const Error&)> failed) { failed_ = std::move(failed); }
  /// Tries what could not be written. Whether nothing is left of it.
  bool retry();
  /// Removes the directories that nothing is in any more.
  static void remove_empty(const std::string& state_dir);

 private:
  StateDirectory(Fd pods, Fd rollouts, Fd objects, Fd sources, const Clock& clock);
  [[nodiscard]] state::Stamp stamp() const;
  /// The file in one step, and what it takes for it to survive a power loss.
  [[nodiscard]] Status keep(int directory, const std::string& name, const std::string& text) const;
  [[nodiscard]] Status sync_directory(int directory) const;
  /// pod_text: "" if it is there. Of a pod that has ended all is wanted: it is not to run again.
  [[nodiscard]] Status write_state(const PodUid& uid, const std::string& pod_text,
                                   const std::string& body, bool ended);
  using Write = std::function<Status()>;
  /// Done now, or kept under this name until it can be.
  void write(const std::string& name, Write write);
  void drop_unwritten(const std::string& name) { unwritten_.erase(name); }
  template <typename Read>
  auto take(int directory, const std::string& name, const std::string& place, const PodUid& pod,
            Kept& kept, const Read& read);
  void read_pod(const PodUid& uid, Kept& kept);
  void remove_unfinished() const;

  Fd pods_, rollouts_, objects_, sources_;
  const Clock& clock_;
  std::string boot_;
  /// Of what was written last, so that the same is not written twice.
  std::map<PodUid, std::size_t> pod_digests_;
  std::map<std::pair<std::string, std::string>, std::size_t> rollout_digests_;
  std::map<std::string, Write> unwritten_;
  Sync sync_;
  std::function<void(const Error&)> failed_;
};

}  // namespace podvisor
