// Every port that a pod's life goes through, behind one count of calls: the n-th fails in the way
// that this port fails, all others do what they are asked at once. It keeps what exists, so that a
// test can say that nothing is left.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fakes/fake_hook_runner.h"
#include "fakes/fake_runtime.h"
#include "loop/loop.h"
#include "podvisor/ports/event_sink.h"
#include "podvisor/ports/journal.h"
#include "podvisor/ports/prober.h"
#include "podvisor/ports/traffic.h"

namespace podvisor {

class FaultyWorld final : public Prober, public HookRunner, public Traffic, public Journal {
 public:
  FaultyWorld(Loop& loop, int fails_at) : loop_(loop), fails_at_(fails_at) {}
  /// Before anything else.
  void answer_to(EventSink& events);

  FakeRuntime runtime;
  /// What failed; empty: nothing yet.
  [[nodiscard]] const std::string& failed() const { return failed_; }
  [[nodiscard]] int calls() const { return calls_; }
  /// Sandboxes, containers and files that are there.
  [[nodiscard]] std::vector<std::string> left() const;
  void exit(const PodUid& pod, ContainerRef ref, int code);

  void start_attempt(const Pod& pod, const pod_action::StartAttempt& attempt) override;
  void cancel_attempt(const PodUid&, std::uint64_t) override {}
  void run_hook(const Pod& pod, const pod_action::RunHook& hook) override;
  void cancel_hook(const PodUid&, const pod_action::CancelHook&) override {}
  void drain(const Pod& pod, const pod_action::DrainTraffic& drain) override;
  void write_pod(const Pod& pod, const PodRecord&, const PodState&) override;
  void forget_pod(const PodUid&) override {}
  void write_rollout(const RolloutRecord& record) override;
  void forget_rollout(const std::string& namespace_, const std::string& name) override;
  void write_object(const ObjectRecord&) override {}
  void forget_object(const PodUid&) override {}
  void write_source(const SourceRecord&) override {}
  void forget_source(const std::string&) override {}

 private:
  bool fails(const std::string& what);
  void start(const Pod& pod, ContainerRef ref);

  using Container = std::pair<ContainerIndex, int>;
  Loop& loop_;
  const int fails_at_;
  int calls_ = 0;
  std::string failed_;
  EventSink* events_ = nullptr;
  std::map<PodUid, std::set<Container>> sandboxes_;
  std::set<PodUid> pods_;
  std::set<std::string> rollouts_;
  std::vector<std::unique_ptr<Timer>> late_;
};

inline bool FaultyWorld::fails(const std::string& what) {
  if (calls_++ != fails_at_) return false;
  failed_ = what;
  return true;
}

inline void FaultyWorld::answer_to(EventSink& events) {
  events_ = &events;
  runtime.on_make_sandbox = [this](const Pod& pod, int attempt) {
    const PodUid& uid = pod.metadata.uid;
    if (fails("make_sandbox"))
      return events_->post(uid, pod_event::SandboxFailed{attempt, "no address"});
    EXPECT_TRUE(sandboxes_.emplace(uid, std::set<Container>{}).second) << "two sandboxes";
    events_->post(uid, pod_event::SandboxReady{attempt, "10.0.0.2"});
  };
  runtime.on_remove_sandbox = [this](const PodUid& pod, int attempt) {
    sandboxes_.erase(pod);
    events_->post(pod, pod_event::SandboxRemoved{attempt});
  };
  runtime.on_start = [this](const Pod& pod, ContainerRef ref) { start(pod, ref); };
  runtime.on_signal = [this](const PodUid& pod, ContainerRef ref) {
    if (!fails("signal_container")) exit(pod, ref, 143);  // else it does not care
  };
  runtime.on_end = [this](const PodUid& pod, ContainerRef ref) { exit(pod, ref, 137); };
  runtime.on_forget = [this](const Pod& pod) { pods_.erase(pod.metadata.uid); };
}

inline void FaultyWorld::start(const Pod& pod, ContainerRef ref) {
  const PodUid& uid = pod.metadata.uid;
  if (fails("start_container"))
    return events_->post(
        uid, pod_event::ContainerStartFailed{ref, "RunContainerError", "out of descriptors"});
  for (const Container& other : sandboxes_.at(uid))
    EXPECT_NE(other.first, ref.container) << "two of one container";
  sandboxes_.at(uid).insert({ref.container, ref.instance});
  events_->post(uid, pod_event::ContainerStarted{ref, 42});
}

inline void FaultyWorld::exit(const PodUid& pod, ContainerRef ref, int code) {
  const auto found = sandboxes_.find(pod);
  if (found == sandboxes_.end() || found->second.erase({ref.container, ref.instance}) == 0) return;
  events_->post(pod, pod_event::ContainerExited{ref, code, 0, 0, ""});
}

inline void FaultyWorld::start_attempt(const Pod& pod, const pod_action::StartAttempt& attempt) {
  const Verdict verdict = fails("start_attempt") ? Verdict::Failure : Verdict::Success;
  events_->post(pod.metadata.uid, pod_event::AttemptCompleted{attempt.ref, attempt.kind,
                                                              attempt.attempt_id, verdict, "no"});
}

inline void FaultyWorld::run_hook(const Pod& pod, const pod_action::RunHook& hook) {
  const bool succeeds = !fails("run_hook");
  events_->post(pod.metadata.uid, pod_event::HookCompleted{hook.ref, hook.hook, succeeds, "no"});
}

/// One that fails has waited until its time was over.
inline void FaultyWorld::drain(const Pod& pod, const pod_action::DrainTraffic& drain) {
  const PodUid uid = pod.metadata.uid;
  const pod_event::TrafficDrained drained{drain.attempt};
  if (!fails("drain")) return events_->post(uid, drained);
  late_.push_back(
      std::make_unique<Timer>(loop_, [this, uid, drained] { events_->post(uid, drained); }));
  late_.back()->start(std::chrono::milliseconds(5));
}

/// A write that fails changes nothing else; what is there before is there still.
inline void FaultyWorld::write_pod(const Pod& pod, const PodRecord&, const PodState&) {
  if (!fails("write_pod")) pods_.insert(pod.metadata.uid);
}

inline void FaultyWorld::write_rollout(const RolloutRecord& record) {
  if (!fails("write_rollout")) rollouts_.insert(record.name);
}

inline void FaultyWorld::forget_rollout(const std::string&, const std::string& name) {
  rollouts_.erase(name);
}

inline std::vector<std::string> FaultyWorld::left() const {
  std::vector<std::string> all;
  for (const auto& [uid, containers] : sandboxes_) all.push_back("sandbox of " + uid);
  for (const PodUid& uid : pods_) all.push_back("files of " + uid);
  for (const std::string& name : rollouts_) all.push_back("rollout of " + name);
  return all;
}

}  // namespace podvisor
