// Random worlds: a rollout is thrown events in any order, with answers that are late, doubled or to
// an older question, and after every step the invariants must hold.
#include <gtest/gtest.h>

#include <random>

#include "core/rollout_driver.h"

namespace podvisor {
namespace {

using namespace std::chrono_literals;

class RolloutWorld {
 public:
  explicit RolloutWorld(unsigned seed) : random_(seed), driver_(random_spec()) {
    old_exists_ = driver_.spec().has_old;
    traffic_at_old_ = old_exists_;
  }

  void run(int steps) {
    feed(rollout_event::Began{});
    for (int i = 0; i < steps && !driver_.state().ended() && !testing::Test::HasFailure(); ++i)
      feed(random_event());
    settle();
  }
  [[nodiscard]] const std::string& log() const { return log_; }

 private:
  int pick(int bound) { return std::uniform_int_distribution(0, bound - 1)(random_); }

  RolloutSpec random_spec() {
    RolloutSpec spec;
    spec.has_old = pick(10) != 0;
    spec.surge = spec.has_old && pick(4) != 0;
    spec.restart = spec.surge && pick(3) == 0;
    spec.min_ready = Seconds(pick(3) * 5);
    spec.bake = Seconds(pick(3) * 5);
    spec.progress_deadline = Seconds(20 + pick(40));
    return spec;
  }
  using Seconds = std::chrono::seconds;

  RolloutEvent random_event() {
    switch (pick(14)) {
      case 0:
      case 1:
      case 2:
        return rollout_event::NewReady{};
      case 3:
        return rollout_event::NewNotReady{};
      case 4:
        return rollout_event::NewTroubled{"trouble", pick(2) == 0};
      case 5:
        return pick(5) == 0 ? RolloutEvent(rollout_event::NewGone{"gone"}) : rollout_event::Tick{};
      case 6:
        return rollout_event::OldReady{};
      case 7:
        if (!old_exists_ || !(old_deleted_ || pick(10) == 0)) return rollout_event::Tick{};
        old_exists_ = false;
        traffic_at_old_ = false;
        return rollout_event::OldGone{};
      case 8:
      case 9:
        return rollout_event::Checked{driver_.state().check - static_cast<unsigned>(pick(2)),
                                      pick(3) == 0 ? "refused" : ""};
      case 10:
        return pick(2) == 0 ? RolloutEvent(rollout_event::Paused{}) : rollout_event::Resumed{};
      case 11:
        return pick(10) == 0 ? RolloutEvent(rollout_event::Undone{}) : rollout_event::Superseded{};
      default:
        break;
    }
    return rollout_event::Tick{};
  }

  void feed(const RolloutEvent& event) {
    const bool was_ready = driver_.state().new_ready;
    if (std::holds_alternative<rollout_event::Tick>(event))
      log_ += driver_.advance(Seconds(pick(8))) + "\n";
    else
      log_ += "#" + std::to_string(event.index()) + " " + driver_.send(event) + "\n";
    for (const RolloutAction& action : driver_.actions()) carry_out(action, was_ready);
    check();
  }

  void carry_out(const RolloutAction& action, bool was_ready) {
    if (std::holds_alternative<rollout_action::CreateNew>(action)) {
      EXPECT_FALSE(new_exists_) << log_;
      EXPECT_TRUE(driver_.spec().surge || !old_exists_) << log_;
      new_exists_ = true;
      traffic_at_new_ = !old_exists_;
    } else if (const auto* change = std::get_if<rollout_action::Switch>(&action)) {
      carry_out(*change, was_ready);
    } else if (std::holds_alternative<rollout_action::DeleteOld>(action)) {
      EXPECT_FALSE(old_deleted_) << log_;
      EXPECT_TRUE(!driver_.spec().surge || traffic_at_new_) << "stopped before its turn\n" << log_;
      old_deleted_ = true;
      traffic_at_old_ = false;
    } else if (std::holds_alternative<rollout_action::DeleteNew>(action)) {
      EXPECT_TRUE(new_exists_ && !traffic_at_new_) << log_;
      new_exists_ = false;
    }
  }

  void carry_out(const rollout_action::Switch& change, bool was_ready) {
    ++switches_;
    if (change.back) {
      EXPECT_TRUE(traffic_at_new_ && old_exists_ && !old_deleted_) << log_;
    } else {
      EXPECT_TRUE(new_exists_ && !traffic_at_new_) << log_;
      EXPECT_TRUE(was_ready || !old_exists_) << "switched to a pod that is not Ready\n" << log_;
    }
    traffic_at_old_ = change.back;
    traffic_at_new_ = !change.back;
  }

  void check() {
    EXPECT_FALSE(traffic_at_old_ && traffic_at_new_) << log_;
    EXPECT_LE(switches_, 2) << log_;
    EXPECT_TRUE(!driver_.spec().surge || traffic_at_old_ || traffic_at_new_) << log_;
    const auto& state = driver_.state();
    EXPECT_TRUE(!state.ended() || !state.reason.empty()) << log_;
    const bool both_live = old_exists_ && !old_deleted_ && new_exists_;
    EXPECT_FALSE(state.ended() && both_live) << "two pods are left\n" << log_;
  }

  /// Whatever has happened: when it is left alone and what it waits for answers, it ends.
  void settle() {
    feed(rollout_event::Resumed{});
    for (int i = 0; i < 200 && !driver_.state().ended(); ++i) {
      if (old_exists_ && old_deleted_) {
        old_exists_ = false;
        feed(rollout_event::OldGone{});
      } else {
        feed(rollout_event::Tick{});
      }
    }
    EXPECT_TRUE(driver_.state().ended()) << log_;
  }

  std::mt19937 random_;
  RolloutDriver driver_;
  std::string log_;
  bool old_exists_ = false, old_deleted_ = false, new_exists_ = false;
  bool traffic_at_old_ = false, traffic_at_new_ = false;
  int switches_ = 0;
};

TEST(RolloutRandom, InvariantsHoldInEveryWorld) {
  for (unsigned seed = 1; seed <= 20000 && !testing::Test::HasFailure(); ++seed) {
    RolloutWorld world(seed);
    world.run(60);
    EXPECT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace podvisor
