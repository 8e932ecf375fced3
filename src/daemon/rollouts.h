// Every name's rollout: what happens to its pods becomes events of core's rollout, and what that
// decides is carried out. Also the one who answers a pod that asks for a replacement (DIF-2.4).
// Loop thread only.
//
//     a pod's step ─► observe() ─┐
//     apply(), undo(), … ────────┼─► queue ─► step(spec, state, event) ─► pods, store, check
//     timer, check ──────────────┘
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "daemon/revisions.h"
#include "daemon/rollout_watchers.h"
#include "loop/loop.h"
#include "podvisor/object_store.h"
#include "podvisor/pod_state.h"
#include "podvisor/ports/journal.h"
#include "podvisor/ports/rollout_control.h"
#include "podvisor/ports/traffic_check.h"
#include "podvisor/rollout.h"

namespace podvisor {

/// What may be done with pods; the Supervisor's part.
class PodHost {
 public:
  virtual ~PodHost() = default;
  /// `restarts`: the series that it goes on with (DIF-2.7).
  virtual void admit(std::shared_ptr<const Pod> pod, bool beside,
                     const BackoffSeries& restarts) = 0;
  /// With its own grace period. One that is being deleted, or is gone, stays so.
  virtual void remove(const Pod& pod) = 0;
  virtual void answer(const PodUid& pod, PodEvent event) = 0;
  [[nodiscard]] virtual BackoffSeries restarts_of(const PodUid& pod) const = 0;
  /// Why the host cannot have another one like this beside it; empty: it can.
  [[nodiscard]] virtual std::string no_room_for(const Pod& pod) const = 0;
};

/// What one step of a pod means to others.
struct PodNews {
  bool was_ready = false;
  bool ready = false;
  bool completed = false;     ///< Succeeded: it has come, and gone
  bool failed = false;        ///< it has ended as Failed
  bool start_failed = false;  ///< its sandbox or a container could not be started
  std::string trouble;        ///< its last warning of this step, or empty
};
[[nodiscard]] PodNews news_of(const Pod& pod, bool was_ready, const PodEvent& event,
                              const PodStep& step);

/// Which of a rollout's pods has the name, and its traffic.
[[nodiscard]] PodUid holder_of(const RolloutRecord& record);

class Rollouts final : public RolloutControl {
 public:
  Rollouts(Loop& loop, ObjectStore& store, PodHost& host);
  /// Unless this is called nothing is checked. It must outlive this.
  void check_with(TrafficCheck& check) { check_ = &check; }
  /// Every change is written there before it is acted upon. It must outlive this.
  void write_to(Journal& journal) { journal_ = &journal; }

  /// Makes a pod of a document that was written down; nullptr: it cannot be used.
  using LoadDocument = Revisions::LoadDocument;
  /// What an earlier podvisor wrote down of a name. Its pods are in the store already.
  void restore(const RolloutRecord& record, const LoadDocument& load);
  /// Rollouts that were under way go on: what they had said last is said again.
  void resume();

  /// The pod is wanted: a new revision of its name, or the first. One that is the latest already
  /// changes nothing unless its pod is gone.
  void apply(Pod pod);
  /// That is so: applying it would change nothing.
  [[nodiscard]] bool is_wanted(const Pod& pod) const;
  /// The latest revision anew, once the loop has gone round: several causes make one rollout.
  void restart_soon(const std::string& namespace_, const std::string& name);
  /// The name is deleted, and nothing of it is to come any more. Returns what is beside.
  std::vector<std::shared_ptr<const Pod>> forget(const std::string& namespace_,
                                                 const std::string& name);

  void observe(const Pod& pod, const PodNews& news);
  void gone(const Pod& pod);
  /// A pod wants a replacement (DIF-2.4), or does not want it any more.
  void replace(const Pod& pod);
  void withdraw(const Pod& pod);
  /// It wanted one before podvisor was started again.
  void replace_unless_begun(const Pod& pod);

  [[nodiscard]] std::optional<RolloutView> view(const std::string& namespace_,
                                                const std::string& name) const override;
  [[nodiscard]] Status undo(const std::string& namespace_, const std::string& name,
                            int to_revision) override;
  [[nodiscard]] Status restart(const std::string& namespace_, const std::string& name) override;
  [[nodiscard]] Status pause(const std::string& namespace_, const std::string& name) override;
  [[nodiscard]] Status resume(const std::string& namespace_, const std::string& name) override;
  std::uint64_t watch(Watcher watcher) override { return watchers_.add(std::move(watcher)); }
  void unwatch(std::uint64_t id) override { watchers_.remove(id); }

 private:
  using Name = std::pair<std::string, std::string>;  ///< namespace, name
  struct Rollout {
    std::uint64_t id = 0;  ///< events for another are stale
    RolloutSpec spec;
    RolloutState state;
    std::shared_ptr<const Pod> old_pod;  ///< nullptr: there was none
    std::shared_ptr<const Pod> new_pod;  ///< with its uid
    int revision = 0;                    ///< that new_pod is of
  };
  struct Named {
    Revisions revisions;
    bool paused = false;
    std::optional<Pod> wanted;     ///< applied while paused
    std::unique_ptr<Timer> timer;  ///< outlives each rollout, which may end within its callback
    std::map<PodUid, int> revision_of;  ///< of pods that are there
    Rollout rollout;                    ///< the latest
    [[nodiscard]] bool under_way() const { return rollout.id != 0 && !rollout.state.ended(); }
  };
  class Perform;

  /// Now or, from within another task, after it: what a rollout does to pods may lead back here.
  void run(std::function<void()> task);
  void send(const Name& name, std::uint64_t id, RolloutEvent event);
  void send_to_new(const Pod& pod, RolloutEvent event);
  // Tasks' own:
  void take_in(const Pod& pod);
  /// In place of the one under way, if there is one.
  void begin(const Name& name, const Pod& pod, int revision, bool restart);
  /// Of the pod that has the name; 0: there is none, or none that stays.
  [[nodiscard]] int listed_revision(const Name& name) const;
  void make_replacement(const Pod& pod);
  void dispatch(const Name& name, std::uint64_t id, const RolloutEvent& event);
  void perform(const Name& name, const Rollout& rollout, const RolloutAction& action);
  void arm(const Name& name, Named& named);
  void ended(const Rollout& rollout);
  void restart_due();
  void tell(const Name& name);
  // rollouts_journal.cc
  void write_down(const Name& name);
  void say_again(const Name& name);
  void catch_up(const Name& name);
  Named* find(const Pod& pod);
  Named* find(const Name& name) { return find(name.first, name.second); }
  [[nodiscard]] Named* find(const std::string& namespace_, const std::string& name);

  Loop& loop_;
  ObjectStore& store_;
  PodHost& host_;
  TrafficCheck* check_ = nullptr;
  Journal* journal_ = nullptr;
  std::map<Name, Named> names_;
  std::deque<std::function<void()>> queue_;
  std::set<Name> due_;
  Timer restart_timer_;
  RolloutWatchers watchers_;
  std::uint64_t last_id_ = 0;
  bool running_ = false;
};

}  // namespace podvisor
