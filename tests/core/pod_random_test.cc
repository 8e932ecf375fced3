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
  explicit World(unsigned seed) : random_(seed), pod_(random_pod()), driver_(pod_) {}

  void run(int steps) {
    absorb(driver_.admit());
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
      absorb(random_event());
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
      if (container.role == ContainerRole::Init) continue;
      if (chance(50)) container.startup_probe = make_probe(1 + pick(3), 1 + pick(2));
      if (chance(50)) container.readiness_probe = make_probe(1 + pick(3), 1 + pick(2));
      if (chance(50)) container.liveness_probe = make_probe(1 + pick(3), 1 + pick(2));
    }
    Pod pod = make_pod(std::move(containers));
    pod.spec.restart_policy = static_cast<RestartPolicy>(pick(3));
    pod.spec.policy.restart_scope = static_cast<RestartScope>(pick(3));
    pod.spec.termination_grace_period = Seconds{pick(5)};
    return pod;
  }

  ContainerIndex any_container() {
    return static_cast<ContainerIndex>(pick(static_cast<int>(pod_.spec.containers.size())));
  }

  std::vector<PodAction> random_event() {
    const ContainerIndex i = any_container();
    ContainerRef ref = driver_.ref(i);
    if (chance(5)) ref.instance += pick(3) - 1;  // sometimes somebody else's answer
    switch (pick(12)) {
      case 0:
        return driver_.send(pod_event::SandboxReady{driver_.state().sandbox_attempt, "10.0.0.2"});
      case 1:
      case 2:
        return driver_.send(pod_event::ContainerStarted{ref, 1});
      case 3:
        return driver_.send(pod_event::ContainerExited{ref, chance(50) ? 0 : 1, 0, chance(20), ""});
      case 4:
        return driver_.send(pod_event::SandboxRemoved{driver_.state().sandbox_attempt});
      case 5:
        if (chance(10))
          return driver_.send(pod_event::SandboxDied{driver_.state().sandbox_attempt});
        return driver_.advance(Seconds{pick(20)});
      case 6:
        if (chance(20))
          return driver_.send(pod_event::ContainerStartFailed{
              ref, chance(50) ? "StartError" : "CreateContainerError", "no"});
        if (chance(20))
          return driver_.send(
              pod_event::SandboxFailed{driver_.state().sandbox_attempt, "no address"});
        return driver_.advance(Seconds{1});
      case 7:
        if (chance(2)) return driver_.send(pod_event::DeletionRequested{Seconds{pick(5)}});
        [[fallthrough]];
      default:
        return random_answer(ref);
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
      if (std::holds_alternative<pod_action::MakeSandbox>(action)) {
        EXPECT_EQ(alive(), 0) << "containers of an old incarnation are alive\n" << log();
      }
      if (std::holds_alternative<pod_action::ForgetPod>(action)) {
        EXPECT_EQ(alive(), 0) << log();
      }
    }
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
  }

  [[nodiscard]] int alive() const {
    return static_cast<int>(
        std::ranges::count_if(driver_.state().containers, [](const auto& c) { return c.alive(); }));
  }

  void check() {
    const PodState& state = driver_.state();
    if (is_ready(state.status)) check_ready();
    for (const ContainerState& container : state.containers) {
      EXPECT_FALSE(container.stop && !container.alive()) << log();
      if (container.run != Run::Running) {
        EXPECT_FALSE(container.started) << log();
      }
    }
    absorb(driver_.advance(Duration{0}));
    const auto wake = wake_at(pod_, driver_.state());
    EXPECT_FALSE(wake && *wake <= driver_.now().monotonic) << "a tick settles nothing\n" << log();
  }

  void check_ready() {
    EXPECT_FALSE(driver_.state().restart) << "Ready during a restart\n" << log();
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
        if (driver_.container(c).stop && driver_.container(c).stop->killed)
          absorb(driver_.exited(c, 137));
      }
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
};

TEST(PodRandom, InvariantsHoldWhateverHappens) {
  for (unsigned seed = 1; seed <= 3000 && !HasFailure(); ++seed) {
    World world(seed);
    world.run(150);
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

}  // namespace
}  // namespace podvisor
