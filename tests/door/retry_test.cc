#include "door/retry.h"

#include <gtest/gtest.h>

namespace podvisor::door {
namespace {

struct Case {
  const char* what;
  Attempt attempt;
  Verdict verdict;
};

TEST(Retry, DIF3_SendsAgainOnlyWhatCannotHaveBeenDone) {
  const Case cases[] = {
      {"POST that never left", {.setback = Setback::NotConnected}, Verdict::Retry},
      {"POST that never left, ten times",
       {.setback = Setback::NotConnected, .resent = 10},
       Verdict::Retry},
      {"GET, hung up",
       {.setback = Setback::HungUp, .idempotent = true, .replayable = true},
       Verdict::Retry},
      {"POST, hung up", {.setback = Setback::HungUp, .replayable = true}, Verdict::GiveUp},
      {"POST, hung up before a byte was taken",
       {.setback = Setback::HungUp, .replayable = true, .unread = true},
       Verdict::Retry},
      {"PUT too large to be kept",
       {.setback = Setback::HungUp, .idempotent = true},
       Verdict::GiveUp},
      {"GET that kills whoever gets it",
       {.setback = Setback::HungUp, .idempotent = true, .replayable = true, .resent = kMaxResent},
       Verdict::GiveUp},
      {"nonsense as an answer",
       {.setback = Setback::BadAnswer, .idempotent = true, .replayable = true},
       Verdict::GiveUp},
      {"503 of a Ready pod",
       {.setback = Setback::Unavailable, .idempotent = true, .replayable = true},
       Verdict::Deliver},
      {"503 of a pod that is leaving",
       {.setback = Setback::Unavailable,
        .idempotent = true,
        .replayable = true,
        .endpoint_ready = false},
       Verdict::Retry},
      {"503 to a POST of a pod that is leaving",
       {.setback = Setback::Unavailable, .replayable = true, .endpoint_ready = false},
       Verdict::Deliver},
      {"503 of a pod that is leaving, once too often",
       {.setback = Setback::Unavailable,
        .idempotent = true,
        .replayable = true,
        .endpoint_ready = false,
        .resent = kMaxResent},
       Verdict::Deliver},
  };
  for (const Case& one : cases) EXPECT_EQ(judge(one.attempt), one.verdict) << one.what;
}

TEST(Retry, RestsGrowAndAreBounded) {
  using std::chrono::milliseconds;
  EXPECT_EQ(rest_after(1), milliseconds(20));
  EXPECT_EQ(rest_after(2), milliseconds(40));
  EXPECT_EQ(rest_after(5), milliseconds(320));
  EXPECT_EQ(rest_after(6), milliseconds(500));
  EXPECT_EQ(rest_after(1000), milliseconds(500));
}

}  // namespace
}  // namespace podvisor::door
