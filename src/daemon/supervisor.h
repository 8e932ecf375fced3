// The one dispatch: every fact about a pod comes in here, is decided on by core's step(), and what
// was decided is carried out through the ports. Owns the pods. Loop thread only.
//
//     post(event) ─► queue ─► step(pod, state, event, now) ─► store, observer, log ─► ports
//                      ▲                                                                │
//                      └──────────── whatever a port answers at once is queued ◄────────┘
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "daemon/rollouts.h"
#include "loop/loop.h"
#include "podvisor/node.h"
#include "podvisor/object_store.h"
#include "podvisor/pod_state.h"
#include "podvisor/ports/control.h"
#include "podvisor/ports/event_sink.h"
#include "podvisor/ports/hook_runner.h"
#include "podvisor/ports/journal.h"
#include "podvisor/ports/prober.h"
#include "podvisor/ports/runtime.h"
#include "podvisor/ports/traffic.h"

namespace podvisor {

/// Told of every step, after it was taken and before its actions are carried out.
class StepObserver {
 public:
  virtual ~StepObserver() = default;
  virtual void stepped(const Pod& pod, const PodEvent& event, const PodStep& step) = 0;
};

class Supervisor final : public EventSink, public Control, private PodHost {
 public:
  Supervisor(Loop& loop, ObjectStore& store, StepObserver& observer);
  /// The ports need the EventSink, so they come after it: once, before the first apply().
  void connect(Runtime& runtime, Prober& prober, HookRunner& hooks);
  /// Without it no traffic holds up a stop.
  void connect(Traffic& traffic) { traffic_ = &traffic; }

  /// Every step that changes more than a probe's timers is written there before it is acted upon,
  /// and so is every change of a rollout.
  void write_to(Journal& journal);
  /// A pod of an earlier podvisor, as it was written down. Nothing happens to it before resume().
  void restore(std::shared_ptr<const Pod> pod, const PodState& written, PodRecord facts);
  /// Adopts what was restored, pods and rollouts, and goes on with it.
  void resume();

  /// The node that pods are held against. Those that wait for it are held against it again; one
  /// that has been started is none of its business any more.
  void set_node(Node node);
  [[nodiscard]] const Node& node() const { return node_; }

  /// Makes the pod run, in place of the one of its name (rollouts.h). metadata.uid is given here.
  void apply(Pod pod);
  [[nodiscard]] Rollouts& rollouts() { return rollouts_; }
  /// Says why the host cannot have another pod like this one beside it, or nothing. Without it
  /// there is always room.
  void ask_for_room(std::function<std::string(const Pod&)> no_room) {
    no_room_ = std::move(no_room);
  }
  /// To the main container of each pod that has the traffic of its name, if it runs.
  void signal_main(int signal);
  /// Stops every pod and admits none any more.
  void stop_all(std::optional<Seconds> grace_period) override;
  [[nodiscard]] bool empty() const { return pods_.empty(); }
  [[nodiscard]] bool is_stopping() const { return stopping_; }
  /// Called whenever a pod has been forgotten or has ended, and when there is none to stop.
  void on_settled(std::function<void()> callback) { on_settled_ = std::move(callback); }
  /// Every pod has finished its work by itself.
  [[nodiscard]] bool all_ended() const;

  void post(const PodUid& pod, PodEvent event) override;
  [[nodiscard]] Status delete_pod(const std::string& namespace_, const std::string& name,
                                  std::optional<Seconds> grace_period) override;
  [[nodiscard]] Status set_condition(const std::string& namespace_, const std::string& name,
                                     const GivenCondition& condition) override;
  /// A ConfigMap or Secret will be another at once: pods that use it otherwise than as files are
  /// rolled out anew then, by the next podvisor if this one does not come to it.
  void config_changing(ConfigKind kind, const std::string& namespace_, const std::string& name);
  /// It is another than it was: files of it are written anew (VOL-8).
  void config_changed(ConfigKind kind, const std::string& namespace_, const std::string& name);

 private:
  struct Record {
    std::shared_ptr<const Pod> pod;
    PodState state;
    std::unique_ptr<Timer> timer;
    /// Of an earlier podvisor: whether they were sent is not known.
    std::vector<pod_action::SignalContainer> signals;
  };
  class Perform;

  void admit(std::shared_ptr<const Pod> pod, bool beside, const BackoffSeries& restarts) override;
  void remove(const Pod& pod) override;
  void answer(const PodUid& pod, PodEvent event) override { post(pod, std::move(event)); }
  [[nodiscard]] BackoffSeries restarts_of(const PodUid& pod) const override;
  [[nodiscard]] std::string no_room_for(const Pod& pod) const override;
  void place(const Pod& pod);
  void remove(Record& record, Seconds grace_period);
  Record* find(const std::string& namespace_, const std::string& name);
  void dispatch(const PodUid& uid, const PodEvent& event);
  void track(std::shared_ptr<const Pod> pod, PodState state);
  void write_down(const Record& record, std::vector<pod_action::SignalContainer> signals);
  void settle(const PodUid& uid, const PodEvent& event, bool signalled);
  void publish(const Record& record, const PodStep& step);
  void arm(Record& record, TimePoint now);
  void forget(const PodUid& uid);

  Loop& loop_;
  ObjectStore& store_;
  StepObserver& observer_;
  Runtime* runtime_ = nullptr;
  Prober* prober_ = nullptr;
  HookRunner* hooks_ = nullptr;
  Traffic* traffic_ = nullptr;
  Journal* journal_ = nullptr;
  Node node_;
  std::unordered_map<PodUid, Record> pods_;
  std::deque<std::pair<PodUid, PodEvent>> queue_;
  std::function<void()> on_settled_;
  std::function<std::string(const Pod&)> no_room_;
  Rollouts rollouts_;
  bool dispatching_ = false;
  bool stopping_ = false;
};

}  // namespace podvisor
