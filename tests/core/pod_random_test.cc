// Random worlds: a pod is thrown random events, answered late, twice or for the wrong instance, and
// after every step the invariants must hold. A failure prints the seed and the whole history.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "core/pod_driver.h"

namespace podvisor {
namespace {

using Stage = PodState::Stage;
using Run = ContainerState::Run;

class World {
 public:
  explicit World(unsigned seed, bool clock_jumps = false)
      : random_(seed), pod_(random_pod()), driver_(pod_) {
    if (chance(50)) driver_.let_drains_take_long();
    if (clock_jumps) driver_.let_the_clock_jump();
  }

  void run(int steps) {
    absorb(driver_.send(pod_event::Admitted{}));
    absorb(driver_.send(pod_event::NodeMismatched{"no such label"}));
    EXPECT_TRUE(driver_.actions().size() == 1) << log();  // one event, and nothing is made
    absorb(driver_.send(pod_event::NodeMatched{}));
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
      absorb(chance(2) ? random_restart() : random_event());
      check();
    }
    finish();
  }
  [[nodiscard]] const std::string& log() const { return driver_.log(); }

 private:
  int pick(int bound) { return std::uniform_int_distribution(0, bound - 1)(random_); }
  bool chance(int percent) { return pick(100) < percent; }

  Pod random_pod() {
    std::vector<Container> containers;
    for (int i = pick(3); i > 0; --i)
      containers.push_back(make_container(
          "i" + std::to_string(i), chance(50) ? ContainerRole::Init : ContainerRole::Sidecar));
    for (int i = 1 + pick(3); i > 0; --i)
      containers.push_back(make_container("c" + std::to_string(i)));
    for (Container& container : containers) {
      container.image = chance(50) ? "app" : "";
      if (chance(30)) container.restart_policy = static_cast<RestartPolicy>(pick(3));
      if (chance(20)) container.restart_rules.push_back(random_rule());
      if (container.role == ContainerRole::Init) continue;
      if (chance(30)) container.lifecycle.post_start = random_hook();
      if (chance(30)) container.lifecycle.pre_stop = random_hook();
      if (chance(50)) container.startup_probe = make_probe(1 + pick(3), 1 + pick(2));
      if (chance(50)) container.readiness_probe = make_probe(1 + pick(3), 1 + pick(2));
      if (chance(50)) container.liveness_probe = make_probe(1 + pick(3), 1 + pick(2));
    }
    Pod pod = make_pod(std::move(containers));
    pod.spec.restart_policy = static_cast<RestartPolicy>(pick(3));
    pod.spec.policy.restart_scope = static_cast<RestartScope>(pick(3));
    pod.spec.termination_grace_period = Seconds{pick(5)};
    if (chance(10)) pod.spec.active_deadline = Seconds{1 + pick(300)};
    if (chance(10)) pod.spec.readiness_gates = {"example.com/gate"};
    pod.spec.policy.fast_ready = chance(30);
    pod.spec.policy.rollout.recreate = chance(50);
    return pod;
  }

  RestartRule random_rule() {
    RestartRule rule;
    rule.action = static_cast<RestartRule::Action>(pick(2));
    rule.not_in = chance(30);
    rule.exit_codes = {pick(2)};
    return rule;
  }

  HookAction random_hook() {
    if (chance(30)) return SleepAction{Seconds{pick(4)}};
    return ExecAction{{"/bin/true"}};
  }

  ContainerIndex any_container() {
    return static_cast<ContainerIndex>(pick(static_cast<int>(pod_.spec.containers.size())));
  }

  std::vector<PodAction> random_event() {
    const ContainerIndex i = any_container();
    ContainerRef ref = driver_.ref(i);
    if (chance(5)) ref.instance += pick(3) - 1;  // sometimes somebody else's answer
    if (chance(3)) return driver_.send(random_replacement());
    switch (pick(14)) {
      case 0:
        return driver_.send(pod_event::SandboxReady{driver_.state().sandbox_attempt, "10.0.0.2"});
      case 1:
      case 2:
        return driver_.send(pod_event::ContainerStarted{ref, 1});
      case 3:
        return driver_.send(
            pod_event::ContainerExited{ref, chance(50) ? 0 : 1, 0, chance(20) ? 1 : 0, ""});
      case 4:
        return driver_.send(pod_event::SandboxRemoved{driver_.state().sandbox_attempt});
      case 5:
        if (chance(10))
          return driver_.send(pod_event::SandboxDied{driver_.state().sandbox_attempt});
        return driver_.advance(Seconds{pick(20)});
      case 6:
        if (chance(20)) return driver_.send(random_start_failure(ref));
        if (chance(20))
          return driver_.send(
              pod_event::SandboxFailed{driver_.state().sandbox_attempt, "no address"});
        return driver_.advance(Seconds{1});
      case 12:
        return random_hook_end(ref);
      case 13:
        return random_rarity(ref);
      case 7:
        if (chance(2)) return driver_.send(pod_event::DeletionRequested{Seconds{pick(5)}});
        [[fallthrough]];
      default:
        return random_answer(ref);
    }
  }

  /// Of podvisor: what was under way is lost; what it finds may not be all that it has written
  /// down.
  std::vector<PodAction> random_restart() {
    driver_.restart_podvisor();
    in_flight_.clear();
    if (!driver_.state().adopting) return {};
    EXPECT_EQ(wake_at(pod_, driver_.state()), std::nullopt) << log();
    if (chance(20)) absorb(driver_.advance(Seconds{pick(20)}));
    if (chance(2)) absorb(driver_.send(pod_event::DeletionRequested{Seconds{pick(5)}}));
    if (chance(20)) return driver_.send(pod_event::SandboxDied{driver_.state().sandbox_attempt});
    std::vector<ContainerRef> found = driver_.all_alive();
    std::erase_if(found, [&](const auto&) { return chance(20); });
    for (const ContainerRef& ref : found) hooks_.erase(ref.container);  // run once more
    return driver_.adopted(std::move(found));
  }

  PodEvent random_replacement() {
    switch (pick(4)) {
      case 0:
        return pod_event::ReplacementRefused{"no room"};
      case 1:
        return pod_event::ReplacementEnded{};
      default:
        return pod_event::ReplacementBegun{};
    }
  }

  pod_event::ContainerStartFailed random_start_failure(const ContainerRef& ref) {
    static const char* const kReasons[] = {"StartError", "CreateContainerError", "ErrImagePull",
                                           "ErrImageNeverPull"};
    return {ref, kReasons[pick(4)], "no"};
  }

  std::vector<PodAction> random_hook_end(const ContainerRef& ref) {
    if (hooks_.empty() || chance(10)) {  // most often nobody waits for this one
      const auto kind = static_cast<HookKind>(pick(2));
      const auto awaited = hooks_.find(ref.container);
      if (awaited != hooks_.end() && awaited->second.ref == ref && awaited->second.hook == kind)
        hooks_.erase(awaited);
      return driver_.send(pod_event::HookCompleted{ref, kind, chance(50), ""});
    }
    auto hook = hooks_.begin();
    std::advance(hook, pick(static_cast<int>(hooks_.size())));
    const auto [container, asked] = *hook;
    hooks_.erase(hook);
    return driver_.send(pod_event::HookCompleted{asked.ref, asked.hook, chance(80), ""});
  }

  std::vector<PodAction> random_rarity(const ContainerRef& ref) {
    switch (pick(7)) {
      case 6:
        return driver_.send(
            pod_event::TrafficDrained{driver_.state().sandbox_attempt - (chance(10) ? 1 : 0)});
      case 0:
        return driver_.send(pod_event::NodeMismatched{"too late"});
      case 1:
        return driver_.send(pod_event::ImagePulling{ref});
      case 2:
        return driver_.send(pod_event::ImagePulled{ref, "pulled", "app", "1"});
      case 3:
        if (chance(5)) return driver_.send(pod_event::Evicted{"too much"});
        [[fallthrough]];
      default:
        return driver_.send(pod_event::ConditionSet{"example.com/gate",
                                                    static_cast<ConditionStatus>(pick(3)), "", ""});
    }
  }

  std::vector<PodAction> random_answer(const ContainerRef& ref) {
    if (in_flight_.empty()) return driver_.advance(Seconds{1});
    auto attempt = in_flight_.begin();
    std::advance(attempt, pick(static_cast<int>(in_flight_.size())));
    const auto [id, start] = *attempt;
    in_flight_.erase(attempt);
    return driver_.send(pod_event::AttemptCompleted{chance(95) ? start.ref : ref, start.kind, id,
                                                    static_cast<Verdict>(pick(4)), "text"});
  }

  /// What the outside world would see of the actions.
  void absorb(const std::vector<PodAction>& actions) {
    for (const PodAction& action : actions) {
      if (const auto* start = std::get_if<pod_action::StartAttempt>(&action)) note_attempt(*start);
      if (const auto* cancel = std::get_if<pod_action::CancelAttempt>(&action))
        in_flight_.erase(cancel->attempt_id);
      if (const auto* start = std::get_if<pod_action::StartContainer>(&action)) note_start(*start);
      if (const auto* hook = std::get_if<pod_action::RunHook>(&action)) note_hook(*hook);
      if (const auto* hook = std::get_if<pod_action::CancelHook>(&action)) {
        EXPECT_EQ(hooks_.erase(hook->ref.container), 1u) << "no such hook\n" << log();
      }
      if (std::holds_alternative<pod_action::SignalContainer>(action)) {
        const bool draining = driver_.state().traffic == PodState::Traffic::Draining;
        const bool alone = signalled_alone(std::get<pod_action::SignalContainer>(action).ref);
        EXPECT_TRUE(!draining || alone) << "told to stop while traffic was there\n" << log();
      }
      if (std::holds_alternative<pod_action::MakeSandbox>(action)) {
        EXPECT_EQ(alive(), 0) << "containers of an old incarnation are alive\n" << log();
      }
      if (std::holds_alternative<pod_action::ForgetPod>(action)) {
        EXPECT_EQ(alive(), 0) << log();
      }
    }
  }

  /// Its stop had begun before the pod's did.
  [[nodiscard]] bool signalled_alone(const ContainerRef& ref) const {
    const auto& stop = driver_.container(ref.container).stop;
    return stop && stop->reason != StopReason::PodTermination &&
           stop->reason != StopReason::PodRestart && stop->reason != StopReason::RestartInPlace;
  }

  void note_attempt(const pod_action::StartAttempt& start) {
    EXPECT_TRUE(attempt_ids_.insert(start.attempt_id).second) << "attempt id reused\n" << log();
    for (const auto& [id, other] : in_flight_) {
      const bool same = other.ref == start.ref && other.kind == start.kind;
      EXPECT_FALSE(same) << "two attempts of one probe in flight\n" << log();
    }
    in_flight_[start.attempt_id] = start;
  }

  void note_start(const pod_action::StartContainer& start) {
    EXPECT_EQ(driver_.state().stage, Stage::Up) << "started outside of Up\n" << log();
    EXPECT_FALSE(driver_.state().deletion_requested) << "started during termination\n" << log();
    EXPECT_GT(start.ref.instance + 1, 0) << log();
    int& last = last_instance_[start.ref.container];
    EXPECT_GE(start.ref.instance, last) << "an instance number came back\n" << log();
    last = start.ref.instance;
  }

  void note_hook(const pod_action::RunHook& hook) {
    EXPECT_TRUE(hooks_.emplace(hook.ref.container, hook).second) << "two hooks at once\n" << log();
    EXPECT_EQ(driver_.ref(hook.ref.container), hook.ref) << log();
    EXPECT_TRUE(hook.hook == HookKind::PostStart || driver_.container(hook.ref.container).stop)
        << "preStop without a stop\n"
        << log();
  }

  [[nodiscard]] int alive() const {
    return static_cast<int>(
        std::ranges::count_if(driver_.state().containers, [](const auto& c) { return c.alive(); }));
  }

  void check() {
    const PodState& state = driver_.state();
    if (is_ready(state.status)) check_ready();
    const PodTraffic& traffic = state.status.traffic;
    EXPECT_FALSE(traffic.open && (!is_ready(state.status) || traffic.draining)) << log();
    for (ContainerIndex i = 0; i < state.containers.size(); ++i) {
      const int count = driver_.container(i).restart_count();
      EXPECT_GE(count, restart_counts_[i]) << "restartCount decreased (CST-3)\n" << log();
      restart_counts_[i] = count;
    }
    for (const ContainerState& container : state.containers) {
      EXPECT_FALSE(container.stop && !container.alive()) << log();
      EXPECT_FALSE(container.hook && container.run != Run::Running) << log();
      if (container.run != Run::Running) {
        EXPECT_FALSE(container.started) << log();
      }
    }
    absorb(driver_.advance(Duration{0}));
    const auto wake = wake_at(pod_, driver_.state());
    EXPECT_FALSE(wake && *wake <= driver_.now().monotonic) << "a tick settles nothing\n" << log();
  }

  void check_ready() {
    EXPECT_FALSE(driver_.state().restarting()) << "Ready during a restart\n" << log();
    for (const std::string& gate : pod_.spec.readiness_gates) {
      const PodCondition* set = find_condition(driver_.status(), gate);
      EXPECT_TRUE(set != nullptr && set->status) << "Ready with an unset gate\n" << log();
    }
    for (ContainerIndex i = 0; i < pod_.spec.containers.size(); ++i) {
      if (pod_.spec.containers[i].role == ContainerRole::Init) continue;
      EXPECT_EQ(driver_.container(i).run, Run::Running) << "Ready without a container\n" << log();
      if (!pod_.spec.containers[i].readiness_probe) continue;
      EXPECT_EQ(driver_.probe(i, ProbeKind::Readiness).result, ProbeResult::Success)
          << "Ready with a failing container\n"
          << log();
    }
  }

  /// Deletes the pod in a world that answers: it must end.
  void finish() {
    absorb(driver_.send(pod_event::DeletionRequested{Seconds{1}}));
    for (int i = 0; i < 100 && !driver_.state().forgotten; ++i) {
      for (ContainerIndex c = 0; c < pod_.spec.containers.size(); ++c) {
        if (driver_.container(c).run == Run::Starting) absorb(driver_.started(c));
        const auto& stop = driver_.container(c).stop;
        if (stop && stop->killed) absorb(driver_.exited(c, 137));
      }
      absorb(driver_.send(pod_event::TrafficDrained{driver_.state().sandbox_attempt}));
      absorb(driver_.sandbox_removed());
      absorb(driver_.advance(Seconds{1}));
    }
    EXPECT_TRUE(driver_.state().forgotten) << "the stop did not end\n" << log();
    EXPECT_EQ(wake_at(pod_, driver_.state()), std::nullopt) << log();
  }

  std::mt19937 random_;
  Pod pod_;
  PodDriver driver_;
  std::map<std::uint64_t, pod_action::StartAttempt> in_flight_;
  std::set<std::uint64_t> attempt_ids_;
  std::map<ContainerIndex, pod_action::RunHook> hooks_;
  std::map<ContainerIndex, int> last_instance_;
  std::map<ContainerIndex, int> restart_counts_;
};

TEST(PodRandom, InvariantsHoldWhateverHappens) {
  for (unsigned seed = 1; seed <= 1500 && !HasFailure(); ++seed) {
    World world(seed);
    world.run(150);
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(PodRandom, AClockThatJumpsAnHourEitherWayDecidesNothing) {
  for (unsigned seed = 1; seed <= 300 && !HasFailure(); ++seed) {
    World steady(seed), jumping(seed, true);
    steady.run(100);
    jumping.run(100);
    EXPECT_EQ(steady.log(), jumping.log()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace podvisor
