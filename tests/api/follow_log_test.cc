#include <gmock/gmock.h>

#include "api/log_fixture.h"

namespace podvisor {
namespace {

using FollowLog = LogFixture;

TEST_F(FollowLog, GoesOnAsTheLogGrowsAndEndsWithTheInstance) {
  write("one");
  auto c = follow();
  ASSERT_TRUE(c.wait_for("one\n"));
  for (const char* text : {"two", "three"}) {
    write(text);
    ASSERT_TRUE(c.wait_for(std::string(text) + "\n"));
  }
  write("last words");
  end_instance();
  ASSERT_TRUE(c.wait_for_answer());
  EXPECT_EQ(c.body(), "one\ntwo\nthree\nlast words\n");
}

TEST_F(FollowLog, WaitsForALogThatDoesNotExistYet) {
  auto c = follow();
  write("first");
  EXPECT_TRUE(c.wait_for("first\n"));
}

TEST_F(FollowLog, AnInstanceThatHasEndedIsNotWaitedFor) {
  write("one");
  end_instance();
  auto c = follow();
  ASSERT_TRUE(c.wait_for_answer());
  EXPECT_EQ(c.body(), "one\n");
}

TEST_F(FollowLog, EndsWhenThePodIsRemoved) {
  auto c = follow();
  store.remove_pod(*pod);
  EXPECT_TRUE(c.wait_for_answer());
}

TEST_F(FollowLog, EndsWhenAnotherInstanceHasTakenOver) {
  write("one");
  auto c = follow();
  ASSERT_TRUE(c.wait_for("one\n"));
  set(running(*pod, "main", 1));
  EXPECT_TRUE(c.wait_for_answer());
}

TEST_F(FollowLog, ChangesThatLeaveTheInstanceRunningDoNotEndIt) {
  auto c = follow();
  ContainerStatus unready = running(*pod, "main");
  unready.ready = false;
  set(unready);
  add("another");
  write("still here");
  EXPECT_TRUE(c.wait_for("still here\n"));
  EXPECT_FALSE(c.closed());
}

TEST_F(FollowLog, EndsAtTheByteLimit) {
  write("0123456789");
  auto c = follow("&limitBytes=4");
  ASSERT_TRUE(c.wait_for_answer());
  EXPECT_EQ(c.body(), "0123");
}

TEST_F(FollowLog, BeginsAtTheTail) {
  write("one");
  write("two");
  auto c = follow("&tailLines=1");
  ASSERT_TRUE(c.wait_for("two\n"));
  write("three");
  ASSERT_TRUE(c.wait_for("three\n"));
  EXPECT_EQ(c.body(), "two\nthree\n");
}

TEST_F(FollowLog, AClientThatLeavesIsForgotten) {
  write("one");
  {
    auto c = follow();
    ASSERT_TRUE(c.wait_for("one\n"));
  }
  write("two");
  auto c = follow();
  EXPECT_TRUE(c.wait_for("two\n"));
}

TEST_F(FollowLog, ManyFollowersOfOneLog) {
  std::vector<std::unique_ptr<RawClient>> followers;
  for (int i = 0; i < 20; ++i) {
    followers.push_back(std::make_unique<RawClient>(loop, socket()));
    followers.back()->send(
        "GET /api/v1/namespaces/default/pods/web/log?follow=1 HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  for (const auto& follower : followers) ASSERT_TRUE(follower->wait_for("\r\n\r\n"));
  write("for all");
  for (const auto& follower : followers) EXPECT_TRUE(follower->wait_for("for all\n"));
}

TEST_F(FollowLog, StoppingTheServerEndsIt) {
  auto c = follow();
  server.reset();
  EXPECT_TRUE(c.wait_for_close());
  write("nobody reads this");
}

}  // namespace
}  // namespace podvisor
