#include <gmock/gmock.h>

#include "api/log_fixture.h"

namespace podvisor {
namespace {

using LogTest = LogFixture;

TEST_F(LogTest, SendsTheLogAsText) {
  write("one");
  write("two");
  auto c = client();
  EXPECT_EQ(c.get("/api/v1/namespaces/default/pods/web/log"), 200);
  EXPECT_EQ(c.header("Content-Type"), "text/plain");
  EXPECT_EQ(c.body(), "one\ntwo\n");
}

TEST_F(LogTest, HonoursTheQuery) {
  write("one");
  write("two");
  EXPECT_EQ(log("?tailLines=1"), "two\n");
  EXPECT_EQ(log("?limitBytes=5"), "one\nt");
  EXPECT_EQ(log("?container=main&timestamps=true&tailLines=1"),
            "2026-11-22T12:00:00.000000000Z two\n");
  EXPECT_EQ(log("?sinceTime=2026-11-22T12:00:01Z"), "");
}

TEST_F(LogTest, APreviousInstanceHasItsOwnLog) {
  write("first run", 0);
  write("second run", 1);
  set(running(*pod, "main", 1));
  EXPECT_EQ(log(), "second run\n");
  EXPECT_EQ(log("?previous=true"), "first run\n");
}

TEST_F(LogTest, AContainerThatHasNotWrittenHasAnEmptyLog) { EXPECT_EQ(log(), ""); }

TEST_F(LogTest, RefusalsAreKubernetesOwn) {
  EXPECT_EQ(get("/api/v1/namespaces/default/pods/x/log", 404)["reason"], "NotFound");
  EXPECT_EQ(refusal("?container=x", 400), "container x is not valid for pod web");
  EXPECT_EQ(refusal("?previous=true", 400),
            "previous terminated container \"main\" in pod \"web\" not found");
  EXPECT_EQ(refusal("?tailLines=-1", 422),
            "PodLogOptions \"web\" is invalid: tailLines: Invalid value: -1: must be greater than "
            "or equal to 0");
}

TEST_F(LogTest, ALongLogArrivesWholeAtAReaderThatTakesItsTime) {
  const std::string line(1000, 'x');
  for (int i = 0; i < 5000; ++i) write(line);
  EXPECT_EQ(log().size(), 5000u * 1001);
}

TEST_F(LogTest, WhatCannotBeReadSaysSoInTheText) {
  std::filesystem::create_directory(layout.log_file(pod->metadata, "main", 0));
  EXPECT_THAT(log(), testing::AllOf(testing::StartsWith("failed to read the log: "),
                                    testing::HasSubstr("not a regular file")));
}

TEST_F(LogTest, StoppingTheServerWhileALogIsReadIsSafe) {
  for (int i = 0; i < 1000; ++i) write("line");
  auto c = client();
  c.send("GET /api/v1/namespaces/default/pods/web/log HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(turn_until(loop, [&] { return loop.raw()->active_reqs.count > 0; }));
  server.reset();
  EXPECT_TRUE(c.wait_for_close());
}

}  // namespace
}  // namespace podvisor
