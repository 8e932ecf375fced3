#include "probes/http_response.h"

#include <gtest/gtest.h>

#include "probes/probe_attempt.h"

namespace podvisor {
namespace {

using Progress = ProbeResponseParser::Progress;

/// Feeds `text` in pieces of `step` bytes until it is done with.
Progress parse(ProbeResponse& response, const std::string& text, std::size_t step = 1 << 20) {
  ProbeResponseParser parser;
  parser.start(response);
  Progress progress = Progress::More;
  for (std::size_t at = 0; at < text.size() && progress == Progress::More; at += step) {
    progress = parser.feed(std::string_view(text).substr(at, step));
  }
  return progress;
}

TEST(HttpResponse, IsTheSameInPiecesOfAnySize) {
  const std::string text =
      "HTTP/1.1 100 Continue\r\n\r\n"
      "HTTP/1.1 302 Found\r\nX-A: 1\r\nlocation:  /next \r\nLocation: /other\r\n"
      "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  for (const std::size_t step : {1U, 2U, 3U, 7U, 50U, 1000U}) {
    ProbeResponse response;
    EXPECT_EQ(parse(response, text, step), Progress::Done) << step;
    EXPECT_EQ(response.status, 302);
    EXPECT_EQ(response.location, "/next");
    EXPECT_EQ(response.body, "abcde");
  }
}

TEST(HttpResponse, HTTP16_InterimHeadsDoNotCount) {
  ProbeResponse response;
  EXPECT_EQ(parse(response, "HTTP/1.1 103 Early Hints\r\nLocation: /x\r\n\r\n"), Progress::More);
  EXPECT_FALSE(response.head_complete);
  EXPECT_EQ(response.location, "");
}

TEST(HttpResponse, HTTP16_101IsFinal) {
  ProbeResponse response;
  EXPECT_EQ(
      parse(response, "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nbytes"),
      Progress::Done);
  EXPECT_EQ(response.status, 101);
  EXPECT_EQ(parse(response, "HTTP/1.1 101 Switching\r\n\r\n"), Progress::Done);
}

TEST(HttpResponse, StatusesWithoutABodyEndWithTheirHead) {
  for (const char* status : {"204 No Content", "304 Not Modified"}) {
    ProbeResponse response;
    EXPECT_EQ(parse(response, std::string("HTTP/1.1 ") + status + "\r\n\r\n"), Progress::Done);
  }
}

TEST(HttpResponse, BodyWithoutALengthEndsWithTheConnection) {
  ProbeResponse response;
  ProbeResponseParser parser;
  parser.start(response);
  EXPECT_EQ(parser.feed("HTTP/1.0 200 OK\r\n\r\nbody"), Progress::More);
  EXPECT_TRUE(response.head_complete);
  EXPECT_EQ(parser.end(), Progress::Done);
}

TEST(HttpResponse, EndBeforeTheEndIsMalformed) {
  for (const char* text : {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nX: 1\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfour",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
                           "HTTP/1.1 100 Continue\r\n\r\n"}) {
    ProbeResponse response;
    ProbeResponseParser parser;
    parser.start(response);
    if (*text != '\0') {
      EXPECT_EQ(parser.feed(text), Progress::More) << text;
    }
    EXPECT_EQ(parser.nothing_came(), *text == '\0');
    EXPECT_EQ(parser.end(), Progress::Malformed) << text;
  }
}

TEST(HttpResponse, WhatIsNoHttpIsMalformed) {
  for (const char* text :
       {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 abc\r\n\r\n", "\x16\x03\x01",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"}) {
    ProbeResponse response;
    EXPECT_EQ(parse(response, text), Progress::Malformed) << text;
  }
}

TEST(HttpResponse, EndlessHeadIsMalformed) {
  ProbeResponse response;
  EXPECT_EQ(parse(response, "HTTP/1.1 200 OK\r\nX: " + std::string(200000, 'x'), 4096),
            Progress::Malformed);
}

TEST(HttpResponse, HTTP11_BodyIsReadUpTo10KiBAndKeptForRedirectsOnly) {
  const std::string body(20000, 'x');
  ProbeResponse ok;
  EXPECT_EQ(parse(ok, "HTTP/1.1 200 OK\r\n\r\n" + body, 1000), Progress::Done);
  EXPECT_EQ(ok.body_size, kMaxProbeOutput);
  EXPECT_EQ(ok.body, "");
  ProbeResponse moved;
  EXPECT_EQ(parse(moved, "HTTP/1.1 300 Many\r\n\r\n" + body, 1000), Progress::Done);
  EXPECT_EQ(moved.body, body.substr(0, kMaxProbeOutput));
}

}  // namespace
}  // namespace podvisor
