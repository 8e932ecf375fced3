// The n-th call that podvisor makes of anything fails, for every n through a pod's whole life:
// start, exit and restart, rollout, deletion. Every life ends as the one without a fault: what
// failed was tried again, said in an event where somebody has to know, and left nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "daemon/supervisor.h"
#include "daemon/supervisor_fixture.h"
#include "fakes/faulty_world.h"

namespace podvisor {
namespace {

using std::chrono::milliseconds;

/// main with both hooks and both kinds of probe, and a sidecar; waits for nothing for long.
Pod whole_pod(const std::string& document) {
  Pod pod = one_container("web", document);
  pod.spec.containers.resize(2);
  pod.spec.containers[1].name = "side";
  Container& main = pod.spec.containers[0];
  const HookAction hook = ExecAction{{"true"}};
  main.lifecycle = Lifecycle{.post_start = hook, .pre_stop = hook};
  main.readiness_probe = main.liveness_probe = Probe{.failure_threshold = 1};
  pod.spec.termination_grace_period = Seconds{0};
  pod.spec.policy.fast_ready = true;
  pod.spec.policy.backoff = {.initial = milliseconds(1), .max = milliseconds(1)};
  return pod;
}

/// A pod's life in a world where the n-th call fails.
class WholeLife {
 public:
  explicit WholeLife(int fails_at)
      : world_(loop_, fails_at), supervisor_(loop_, store_, observer_) {
    supervisor_.connect(world_.runtime, world_, world_);
    supervisor_.connect(world_);
    supervisor_.write_to(world_);
    world_.answer_to(supervisor_);
  }

  /// The stage that it does not get through; empty: it has lived and left nothing.
  std::string live() {
    supervisor_.apply(whole_pod("v1"));
    if (!until([&] { return is("v1"); })) return "start";
    const PodUid first = pod()->pod->metadata.uid;
    const int run = restarts();
    world_.exit(first, {0, run}, 3);
    if (!until([&] { return is("v1") && restarts() > run; })) return "restart";
    supervisor_.apply(whole_pod("v2"));
    if (!until([&] { return is("v2") && store_.beside().empty(); })) return "rollout";
    if (!supervisor_.delete_pod("default", "web", std::nullopt)) return "deletion";
    if (!until([&] { return supervisor_.empty(); })) return "deletion";
    return "";
  }
  [[nodiscard]] const FaultyWorld& world() const { return world_; }
  /// Of the events that warn.
  [[nodiscard]] std::set<std::string> warnings() const {
    std::set<std::string> reasons;
    for (const EventObject& event : store_.events())
      if (event.warning) reasons.insert(event.reason);
    return reasons;
  }

 private:
  bool until(const std::function<bool()>& done) {
    loop_.run_until(done, std::chrono::seconds(5));
    return done();
  }
  [[nodiscard]] const PodObject* pod() const { return store_.find_pod("default", "web"); }
  [[nodiscard]] bool is(const std::string& document) const {
    return pod() != nullptr && pod()->pod->document == document && is_ready(pod()->status);
  }
  [[nodiscard]] int restarts() const { return pod()->status.container_statuses[0].restart_count; }

  Loop loop_;
  ObjectStore store_;
  CountingObserver observer_;
  FaultyWorld world_;
  Supervisor supervisor_;
};

/// The events of which one is said when this fails; empty: nobody has to know.
std::set<std::string> events_of(const std::string& call) {
  if (call == "make_sandbox") return {"FailedCreatePodSandBox"};
  if (call == "start_container") return {"Failed"};
  if (call == "start_attempt") return {"Unhealthy"};
  if (call == "run_hook") return {"FailedPostStartHook", "FailedPreStopHook"};
  return {};
}

TEST(FaultPoints, WhateverFailsOnceTheEndIsTheSame) {
  WholeLife calm(-1);
  ASSERT_EQ(calm.live(), "");
  ASSERT_EQ(calm.world().left(), std::vector<std::string>{});
  std::set<std::string> failed;
  for (int n = 0; n < calm.world().calls(); ++n) {
    WholeLife life(n);
    const std::string stuck = life.live();
    const std::string& what = life.world().failed();
    SCOPED_TRACE("call " + std::to_string(n) + ", " + what + ", failed");
    EXPECT_EQ(stuck, "");
    EXPECT_EQ(life.world().left(), std::vector<std::string>{});
    const std::set<std::string> said = life.warnings(), wanted = events_of(what);
    EXPECT_TRUE(
        wanted.empty() ||
        std::ranges::any_of(wanted, [&](const auto& reason) { return said.contains(reason); }))
        << testing::PrintToString(said);
    failed.insert(what);
  }
  EXPECT_EQ(failed, (std::set<std::string>{"make_sandbox", "start_container", "signal_container",
                                           "start_attempt", "run_hook", "drain", "write_pod",
                                           "write_rollout"}));
  RecordProperty("calls", calm.world().calls());
}

}  // namespace
}  // namespace podvisor
