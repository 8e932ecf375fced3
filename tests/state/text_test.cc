// What is written down is what is read, whatever it was; and nothing else is read.
#include "state/text.h"

#include <gtest/gtest.h>

#include "random_value.h"

namespace podvisor::state {
namespace {

using namespace std::chrono_literals;

const Stamp kNow{"boot-1", {TimePoint{1000s}, WallTime{1'700'000'000s}}};

TEST(StateText, EveryStateComesBackAsItWas) {
  for (unsigned seed = 1; seed <= 500; ++seed) {
    RandomValue random(seed);
    const auto record = random.make<PodRecord>();
    const auto state = random.make<PodState>();
    const std::string body = state_body(record, state);
    const auto read = read_state(state_text(body, kNow), kNow);
    ASSERT_TRUE(read) << "seed " << seed << ": " << read.error().message << "\n" << body;
    EXPECT_EQ(state_body(read->facts, read->state), body) << "seed " << seed;
  }
}

TEST(StateText, EveryRolloutComesBackAsItWas) {
  for (unsigned seed = 1; seed <= 500; ++seed) {
    const auto record = RandomValue(seed).make<RolloutRecord>();
    const auto read = read_rollout(rollout_text(rollout_body(record), kNow), kNow);
    ASSERT_TRUE(read) << "seed " << seed << ": " << read.error().message;
    EXPECT_TRUE(same(*read, record)) << "seed " << seed;
  }
}

TEST(StateText, ObjectsAndSourcesComeBackAsTheyWere) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    const auto object = RandomValue(seed).make<ObjectRecord>();
    const auto read = read_object(object_text(object));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(same(*read, object));
    const auto source = RandomValue(seed).make<SourceRecord>();
    EXPECT_EQ(read_source(source_text(source)).value(), source);
  }
}

/// Every member is really another value in what is random: else the test above proves nothing.
TEST(StateText, NoMemberIsLeftOut) {
  const Json none = encode(PodState{});
  Json seen = Json::object();
  for (unsigned seed = 1; seed <= 50; ++seed) {
    const Json some = encode(RandomValue(seed).make<PodState>());
    for (const auto& [key, value] : some.items())
      if (value != none[key]) seen[key] = true;
  }
  EXPECT_EQ(seen.size(), none.size());
  EXPECT_EQ(none.size(), 24u);
}

TEST(StateText, APodIsItsDocumentAndWhatItWasReadWith) {
  Pod pod;
  pod.metadata.uid = "u1";
  pod.document = R"({"kind": "Pod"})";
  pod.spec.network = NetworkMode::None;
  pod.spec.pids_limit = 7;
  const auto read = read_pod(pod_text(pod));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->uid, "u1");
  EXPECT_EQ(read->document, pod.document);
  EXPECT_EQ(read->network, NetworkMode::None);
  EXPECT_EQ(read->pids_limit, 7);
}

TEST(StateText, AnotherBootsTimesAreAsFarAwayAsTheyWere) {
  PodState state;
  state.containers.resize(1);
  state.containers[0].retry_at = kNow.at.monotonic + 40s;
  state.restart_backoff.last_start = kNow.at.monotonic - 60s;
  const std::string text = state_text(state_body({}, state), kNow);
  const Stamp later{"boot-2", {TimePoint{5s}, kNow.at.wall + 30s}};
  const auto read = read_state(text, later);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->state.containers[0].retry_at, later.at.monotonic + 10s);
  EXPECT_EQ(read->state.restart_backoff.last_start, later.at.monotonic - 90s);
  EXPECT_EQ(read->state.sandbox_not_before, TimePoint{}) << "what is at no time stays so";
  const Stamp same_boot{"boot-1", {TimePoint{1030s}, kNow.at.wall + 9999s}};
  EXPECT_EQ(read_state(text, same_boot)->state.containers[0].retry_at, TimePoint{1040s});
}

TEST(StateText, AMemberThatAFileLacksHasItsDefault) {
  const auto read = read_state(R"({"schema":1,"stamp":{},"state":{"podIp":"10.0.0.2"}})", kNow);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->state.pod_ip, "10.0.0.2");
  EXPECT_EQ(read->state.sandbox_attempt, -1);
}

struct Broken {
  const char* text;
  const char* why;
};

TEST(StateText, RefusesWhatItHasNotWritten) {
  const Broken kBroken[] = {
      {"", "it is empty"},
      {"{\"schema\":1,\"stamp\":{", "it is no JSON object, or a part of one"},
      {"[]", "it is no JSON object, or a part of one"},
      {"{}", "it does not say which schema it has"},
      {R"({"schema":2})", "its schema is 2, and this podvisor knows those until 1"},
      {R"({"schema":1})", "it does not say when it was written"},
      {R"({"schema":1,"stamp":{},"state":{"stage":7}})", "state.stage is not what it can be"},
      {R"({"schema":1,"stamp":{},"state":{"stage":-1}})", "state.stage is not what it can be"},
      {R"({"schema":1,"stamp":{},"state":{"podIp":4}})", "state.podIp is not what it can be"},
      {R"({"schema":1,"stamp":{},"state":{"sandboxAttempt":99999999999}})",
       "state.sandboxAttempt is not what it can be"},
      {R"({"schema":1,"stamp":{},"state":{"sandboxNotBefore":9223372036854775807}})",
       "state.sandboxNotBefore is not what it can be"},
      {R"({"schema":1,"stamp":{},"state":{"containers":[{"probes":[]}]}})",
       "state.containers.0.probes is not what it can be"},
      {R"({"schema":1,"stamp":{},"state":{"containers":[{"stop":{"grace":"1"}}]}})",
       "state.containers.0.stop.grace is not what it can be"},
  };
  for (const Broken& each : kBroken) {
    const auto read = read_state(each.text, kNow);
    ASSERT_FALSE(read) << each.text;
    EXPECT_EQ(read.error().message, each.why) << each.text;
  }
}

/// A file that was cut anywhere is no file.
TEST(StateText, RefusesEveryBeginningOfItself) {
  const std::string text = state_text(state_body({}, RandomValue(3).make<PodState>()), kNow);
  for (std::size_t size = 0; size + 2 < text.size(); size += 7)
    EXPECT_FALSE(read_state(text.substr(0, size), kNow)) << size;
}

TEST(StateText, WhatAProgramPrintedNeedNotBeText) {
  PodState state;
  state.failed_message = "caf\xe9";
  EXPECT_TRUE(read_state(state_text(state_body({}, state), kNow), kNow));
}

}  // namespace
}  // namespace podvisor::state
