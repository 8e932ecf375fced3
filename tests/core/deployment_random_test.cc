// Random worlds: templates, numbers and bounds change at any time, pods become Ready and fail when
// they like. After every step the bounds must hold, and left alone every world comes to an end.
#include <gtest/gtest.h>

#include <random>

#include "core/deployment_world.h"

namespace podvisor {
namespace {

class RandomDeployment {
 public:
  explicit RandomDeployment(unsigned seed) : random_(seed), world_(1 + pick(6)) {
    world_.deployment.strategy.recreate = pick(6) == 0;
    world_.deployment.min_ready = Seconds(pick(3) * 5);
    world_.deployment.progress_deadline = Seconds(30);
    choose_bounds();
  }

  void run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
      happen();
      look();
    }
    come_to_rest();
  }

 private:
  int pick(int bound) { return std::uniform_int_distribution(0, bound - 1)(random_); }

  void choose_bounds() {
    world_.deployment.strategy.max_surge = {pick(4) * 25, true};
    world_.deployment.strategy.max_unavailable = {pick(4) * 25, true};
  }

  void happen() {
    world_.advance(std::chrono::seconds(pick(6)));
    const auto any = [&]() -> ReplicaView* {
      return world_.pods.empty()
                 ? nullptr
                 : &world_
                        .pods[static_cast<std::size_t>(pick(static_cast<int>(world_.pods.size())))];
    };
    ReplicaView* pod = any();
    switch (pick(12)) {
      case 0:
        world_.revision = std::string(1, static_cast<char>('a' + pick(3)));
        break;
      case 1:
        if (pick(3) == 0) world_.deployment.replicas = pick(7);
        break;
      case 2:
        if (pick(3) == 0) choose_bounds();
        break;
      case 3:
        if (pod != nullptr) pod->ready_since.reset();
        break;
      case 4:
        if (pod != nullptr && pick(3) == 0) pod->ended = true;
        break;
      case 5:
        if (pod != nullptr && pick(3) == 0) pod->terminating = true;
        break;
      case 6:
        world_.all_gone();
        break;
      case 7:
        if (pick(4) == 0) world_.deployment.paused = !world_.deployment.paused;
        break;
      default:
        if (pod != nullptr && !pod->terminating && !pod->ended && !pod->ready_since)
          pod->ready_since = world_.now.monotonic;
    }
  }

  [[nodiscard]] int available() const {
    return static_cast<int>(std::ranges::count_if(world_.pods, [&](const ReplicaView& pod) {
      return !pod.terminating && !pod.ended && pod.ready_since &&
             *pod.ready_since + world_.deployment.min_ready <= world_.now.monotonic;
    }));
  }
  [[nodiscard]] int total() const {
    return static_cast<int>(std::ranges::count_if(
        world_.pods, [](const ReplicaView& pod) { return !pod.terminating && !pod.ended; }));
  }

  void look() {
    const int before = available();
    const int total_before = total();
    log_ += world_.look() + "\n";
    const Deployment& deployment = world_.deployment;
    const RollingBounds bounds = rolling_bounds(deployment);
    EXPECT_LE(total(),
              std::max(deployment.replicas + bounds.surge, deployment.paused ? total_before : 0))
        << log_;
    if (deployment.strategy.recreate) return check_recreate();
    EXPECT_GE(available(), std::min(before, deployment.replicas - bounds.unavailable)) << log_;
  }

  /// Never pods of two revisions that run.
  void check_recreate() {
    if (world_.deployment.paused) return;
    for (const ReplicaView& pod : world_.pods)
      EXPECT_TRUE(pod.terminating || pod.ended || pod.revision == world_.state.revision) << log_;
  }

  void come_to_rest() {
    world_.deployment.paused = false;
    world_.settle();
    EXPECT_TRUE(world_.state.complete) << log_;
    EXPECT_EQ(total(), world_.deployment.replicas) << log_;
    for (const ReplicaView& pod : world_.pods) EXPECT_EQ(pod.revision, world_.revision) << log_;
    EXPECT_EQ(world_.wake_at, std::nullopt) << log_;
  }

  std::mt19937 random_;
  DeploymentWorld world_;
  std::string log_;
};

TEST(DeploymentRandom, ROL4_BoundsHoldInEveryWorldAndEveryWorldComesToRest) {
  for (unsigned seed = 1; seed <= 5000 && !testing::Test::HasFailure(); ++seed) {
    RandomDeployment(seed).run(60);
    EXPECT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace podvisor
