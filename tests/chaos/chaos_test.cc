// podvisor, its door, pauses and containers are killed and stopped, manifests change, probes fail,
// at moments that nobody has chosen; afterwards everything is as it is wanted, in the kernel and in
// the API alike, and no exit, restart or request is lost.
//
//   PODVISOR_CHAOS_STEPS=20000 PODVISOR_CHAOS_SEED=7 PODVISOR_CHAOS_HOLD=1 chaos_test
//
// The seed says what is done; when exactly it meets whom is the kernel's to say. Unless the number
// of steps is given it is 2,000, or as many as the host manages in PODVISOR_CHAOS_SECONDS.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

#include "chaos/stage.h"

namespace podvisor {
namespace {

constexpr unsigned kSeed = 6;
constexpr unsigned kSteps = 2000;
constexpr int kStepsARound = 50;
constexpr unsigned kSeconds = 15;

unsigned setting(const char* name, unsigned otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::stoul(text));
}

class Chaos : public ChaosStage {
 protected:
  void rest() {
    mend();
    const std::vector<std::string> found = come_to_rest();
    if (!found.empty()) hold(found);
    ASSERT_TRUE(found.empty()) << "seed " << seed_ << ", round " << round_ << ":\n"
                               << lines(found) << "after:\n"
                               << lines(script_) << "and there is:\n"
                               << picture();
    close_round();
    ++round_;
  }
  /// For whoever wants to look at what is there.
  void hold(const std::vector<std::string>& found) const {
    if (std::getenv("PODVISOR_CHAOS_HOLD") == nullptr) return;
    std::cout << "held, pid " << ::getpid() << " in " << dir() << "; kill it when you have looked\n"
              << lines(found) << "after:\n"
              << lines(script_) << std::flush;
    ::pause();
  }
  static std::string lines(const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& line : all) text += "  " + line + "\n";
    return text;
  }
  void tell() {
    std::cout << "seed " << seed_ << ": " << steps_ << " steps, " << round_ << " rounds, "
              << ledger_.exits_checked() << " exits, longest rest "
              << longest_rest_ / std::chrono::milliseconds(1) << " ms, load: " << end_load().text()
              << '\n';
    for (const auto& [kind, count] : done_) std::cout << "  " << count << " " << kind << '\n';
  }

  unsigned seed_ = setting("PODVISOR_CHAOS_SEED", kSeed);
  int round_ = 0;
  int steps_ = 0;
};

TEST_F(Chaos, NothingIsLostAndNothingIsLeft) {
  const bool by_hand = std::getenv("PODVISOR_CHAOS_STEPS") != nullptr;
#ifdef PODVISOR_SANITIZED
  if (!by_hand) GTEST_SKIP() << "a sanitizer makes it slow; say PODVISOR_CHAOS_STEPS=2000";
#endif
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::seconds(setting("PODVISOR_CHAOS_SECONDS", kSeconds));
  std::cout << "seed " << seed_ << std::endl;
  RecordProperty("seed", std::to_string(seed_));
  random_.seed(seed_);
  raise_curtain();
  ASSERT_NO_FATAL_FAILURE(rest());
  begin_load();
  const int wanted = static_cast<int>(setting("PODVISOR_CHAOS_STEPS", kSteps));
  while (steps_ < wanted && (by_hand || std::chrono::steady_clock::now() < end)) {
    for (int i = 0; i < kStepsARound && steps_ < wanted; ++i, ++steps_) act();
    ASSERT_NO_FATAL_FAILURE(rest());
  }
  tell();
}

}  // namespace
}  // namespace podvisor
