#include "door/framing.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace podvisor::door {
namespace {

constexpr std::size_t kMaxHead = 32UL * 1024;

/// What a framing makes of a stream of messages.
struct Seen {
  std::vector<std::string> messages;
  FramingError error = FramingError::None;
  std::string rest;  ///< of a message that is not whole
};

/// Feeds the stream in pieces; what is consumed of a head stays in front of what comes.
Seen frame(Framing::Kind kind, const std::string& stream, std::size_t piece,
           bool head_request = false, bool end = false) {
  Seen seen;
  Framing framing(kind);
  framing.start(kMaxHead, head_request);
  std::size_t begin = 0;
  std::size_t framed = 0;
  for (std::size_t known = std::min(piece, stream.size());;) {
    const std::size_t used =
        framing.feed(std::string_view(stream).substr(begin + framed, known - begin - framed));
    framed += used;
    if (framing.error() != FramingError::None) break;
    if (framing.done()) {
      seen.messages.push_back(stream.substr(begin, framed));
      begin += framed;
      framed = 0;
      framing.start(kMaxHead, head_request);
      if (begin == stream.size()) break;
    } else if (used == 0) {
      if (known == stream.size()) break;
      known = std::min(known + piece, stream.size());
    }
  }
  if (end) {
    framing.feed_end();
    if (framing.done()) seen.messages.push_back(stream.substr(begin));
  }
  seen.error = framing.error();
  seen.rest = stream.substr(begin);
  return seen;
}

std::string get(const std::string& lines = {}) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
}

std::string post(const std::string& lines, const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n" + body;
}

struct Whole {
  const char* what;
  std::vector<std::string> messages;
};

const Whole kRequests[] = {
    {"one without a body", {get()}},
    {"pipelined", {get(), get("A: b\r\n"), get()}},
    {"with a length", {post("Content-Length: 5\r\n", "hello"), get()}},
    {"with a length of none", {post("Content-Length: 0\r\n", ""), get()}},
    {"chunked",
     {post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n6;a=\"b;c\"\r\n world\r\n0\r\n\r\n"),
      get()}},
    {"chunked with trailers",
     {post("Transfer-Encoding: Chunked\r\n", "A\r\n0123456789\r\n0\r\nDigest: x\r\nB: y\r\n\r\n"),
      get()}},
    {"a body that looks like a request",
     {post("Content-Length: 27\r\n", "GET / HTTP/1.1\r\nHost: b\r\n\r\n"), get()}},
    {"PUT with an expectation",
     {"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok", get()}},
    {"HTTP/1.0 without a host", {"GET / HTTP/1.0\r\n\r\n"}},
    {"a method of its own", {"PURGE /x HTTP/1.1\r\nHost: a\r\n\r\n", get()}},
    {"bytes beyond ASCII in a value", {get("X: \xc3\xa4\r\n")}},
};

TEST(Framing, FindsWhereRequestsEndHoweverTheyArrive) {
  for (const Whole& whole : kRequests) {
    std::string stream;
    for (const std::string& message : whole.messages) stream += message;
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{2}, std::size_t{7}, stream.size()}) {
      const Seen seen = frame(Framing::Kind::Request, stream, piece);
      EXPECT_EQ(seen.messages, whole.messages) << whole.what << " in pieces of " << piece;
      EXPECT_EQ(seen.error, FramingError::None) << whole.what << " in pieces of " << piece;
    }
  }
}

struct Bad {
  const char* what;
  std::string stream;
  FramingError error = FramingError::Malformed;
};

const Bad kBadRequests[] = {
    {"length and chunked",
     post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
    {"chunked and length",
     post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")},
    {"two lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello")},
    {"twice the same length", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello")},
    {"a list of lengths", post("Content-Length: 5, 5\r\n", "hello")},
    {"a length with a sign", post("Content-Length: +5\r\n", "hello")},
    {"a negative length", post("Content-Length: -5\r\n", "hello")},
    {"a hexadecimal length", post("Content-Length: 0x5\r\n", "hello")},
    {"an empty length", post("Content-Length: \r\n", "")},
    {"a length beyond 64 bits", post("Content-Length: 18446744073709551616\r\n", "")},
    {"a length that wraps", post("Content-Length: 99999999999999999999\r\n", "")},
    {"chunked not last", post("Transfer-Encoding: chunked, gzip\r\n", ""),
     FramingError::UnknownTransferCoding},
    {"gzip alone", post("Transfer-Encoding: gzip\r\n", ""), FramingError::UnknownTransferCoding},
    {"gzip before chunked", post("Transfer-Encoding: gzip, chunked\r\n", ""),
     FramingError::UnknownTransferCoding},
    {"identity", post("Transfer-Encoding: identity\r\n", ""), FramingError::UnknownTransferCoding},
    {"chunked in quotes", post("Transfer-Encoding: \"chunked\"\r\n", ""),
     FramingError::UnknownTransferCoding},
    {"xchunked", post("Transfer-Encoding: xchunked\r\n", ""), FramingError::UnknownTransferCoding},
    {"vertical tab before chunked", post("Transfer-Encoding: \x0b"
                                         "chunked\r\n",
                                         "")},
    {"chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "")},
    {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"a space before the colon", post("Content-Length : 5\r\n", "hello")},
    {"a tab before the colon", post("Transfer-Encoding\t: chunked\r\n", "")},
    {"a line that is continued", post("X: a\r\n b\r\n", "")},
    {"a continued length", post("Content-Length:\r\n 5\r\n", "hello")},
    {"a continued transfer coding", post("Transfer-Encoding:\r\n\tchunked\r\n", "")},
    {"a first line that begins with a space", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
    {"LF alone", "GET / HTTP/1.1\nHost: a\n\n"},
    {"LF alone after a header", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n"},
    {"CR alone in a value", get("X: a\rb\r\n")},
    {"CR alone as a line's end", "GET / HTTP/1.1\r\nHost: a\r\rX: y\r\n\r\n"},
    {"a NUL in a value", get(std::string("X: a\0b\r\n", 8))},
    {"a header without a name", get(": a\r\n")},
    {"a header without a colon", get("no colon\r\n")},
    {"two hosts", get("Host: b\r\n")},
    {"no host", "GET / HTTP/1.1\r\nA: b\r\n\r\n"},
    {"a target with a space", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", FramingError::Version},
    {"no target", "GET  HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", FramingError::Version},
    {"HTTP/0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", FramingError::Version},
    {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", FramingError::Version},
    {"a chunk size without digits", post("Transfer-Encoding: chunked\r\n", "\r\n\r\n")},
    {"a chunk size with a sign",
     post("Transfer-Encoding: chunked\r\n", "+5\r\nhello\r\n0\r\n\r\n")},
    {"a chunk size with 0x", post("Transfer-Encoding: chunked\r\n", "0x5\r\nhello\r\n0\r\n\r\n")},
    {"a chunk size with a space first",
     post("Transfer-Encoding: chunked\r\n", " 5\r\nhello\r\n0\r\n\r\n")},
    {"a chunk size that is no number", post("Transfer-Encoding: chunked\r\n", "zz\r\n\r\n")},
    {"a chunk size beyond 64 bits",
     post("Transfer-Encoding: chunked\r\n", "10000000000000005\r\nhello\r\n0\r\n\r\n")},
    {"a chunk longer than said", post("Transfer-Encoding: chunked\r\n", "3\r\nhello\r\n0\r\n\r\n")},
    {"a chunk that ends with LF", post("Transfer-Encoding: chunked\r\n", "5\r\nhello\n0\r\n\r\n")},
    {"a chunk size that ends with LF",
     post("Transfer-Encoding: chunked\r\n", "5\nhello\r\n0\r\n\r\n")},
    {"LF in a chunk extension",
     post("Transfer-Encoding: chunked\r\n", "5;a\nb\r\nhello\r\n0\r\n\r\n")},
    {"CR in a chunk extension",
     post("Transfer-Encoding: chunked\r\n", "5;a\rb\r\nhello\r\n0\r\n\r\n")},
    {"trailers with LF alone", post("Transfer-Encoding: chunked\r\n", "0\r\nA: b\n\r\n\r\n")},
};

TEST(Framing, RefusesWhatTwoReadersCouldReadDifferently) {
  for (const Bad& bad : kBadRequests)
    for (const std::size_t piece : {std::size_t{1}, bad.stream.size()}) {
      const Seen seen = frame(Framing::Kind::Request, bad.stream, piece);
      EXPECT_EQ(seen.error, bad.error)
          << bad.what << " in pieces of " << piece << ": " << to_string(seen.error);
      EXPECT_TRUE(seen.messages.empty()) << bad.what;
    }
}

TEST(Framing, RefusesAHeadThatIsTooLargeWhenItIsKnownToBe) {
  Framing framing(Framing::Kind::Request);
  framing.start(1000);
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(2000, 'x');
  (void)framing.feed(head);
  EXPECT_EQ(framing.error(), FramingError::HeadTooLarge);
}

TEST(Framing, ManySmallHeadersAreAsLargeAsOneLargeOne) {
  Framing framing(Framing::Kind::Request);
  framing.start(1000);
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 200; ++i) head += "X: y\r\n";
  (void)framing.feed(head + "\r\n");
  EXPECT_EQ(framing.error(), FramingError::HeadTooLarge);
}

TEST(Framing, FindsWhereResponsesEnd) {
  const Whole responses[] = {
      {"with a length", {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"}},
      {"204 has no body, whatever it says", {"HTTP/1.1 204 No Content\r\n\r\n"}},
      {"304 has none, but a length", {"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n"}},
      {"100 and then the answer",
       {"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}},
      {"103 and then the answer",
       {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"}},
      {"chunked with trailers",
       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nA: b\r\n\r\n"}},
      {"no reason", {"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"}},
  };
  for (const Whole& whole : responses) {
    std::string stream;
    for (const std::string& message : whole.messages) stream += message;
    for (const std::size_t piece : {std::size_t{1}, stream.size()}) {
      const Seen seen = frame(Framing::Kind::Response, stream, piece);
      EXPECT_EQ(seen.messages, whole.messages) << whole.what << " in pieces of " << piece;
    }
  }
}

TEST(Framing, AnAnswerToHeadHasNoBody) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
  EXPECT_EQ(frame(Framing::Kind::Response, head + head, 3, true).messages,
            (std::vector<std::string>{head, head}));
}

TEST(Framing, ABodyWithoutALengthEndsWithTheConnection) {
  const std::string answer = "HTTP/1.1 200 OK\r\nA: b\r\n\r\nanything at all";
  EXPECT_TRUE(frame(Framing::Kind::Response, answer, 4).messages.empty());
  EXPECT_EQ(frame(Framing::Kind::Response, answer, 4, false, true).messages.size(), 1U);
}

TEST(Framing, AnEndWithinAMessageIsNoEnd) {
  for (const char* answer : {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "HTTP/1.1 200",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"})
    EXPECT_EQ(frame(Framing::Kind::Response, answer, 100, false, true).error,
              FramingError::Truncated)
        << answer;
}

TEST(Framing, ABodyMayPassUnseen) {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
  Framing framing(Framing::Kind::Response);
  framing.start(kMaxHead);
  EXPECT_EQ(framing.body_left(), 0U);
  (void)framing.feed(answer);
  EXPECT_EQ(framing.body_left(), 100'000U);
  framing.pass_body(99'000);
  EXPECT_EQ(framing.body_left(), 1000U);
  EXPECT_EQ(framing.feed(std::string(3000, 'x')), 1000U);
  EXPECT_TRUE(framing.done());
  EXPECT_EQ(framing.body_left(), 0U);
}

Head head_of(Framing::Kind kind, const std::string& bytes) {
  Framing framing(kind);
  framing.start(kMaxHead);
  (void)framing.feed(bytes);
  EXPECT_TRUE(framing.head_done()) << bytes;
  return framing.head();
}

TEST(Framing, SaysWhetherTheSenderStays) {
  const struct {
    const char* request;
    bool stays;
  } cases[] = {
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: TE, Close\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nHost: a\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n", true},
  };
  for (const auto& one : cases)
    EXPECT_EQ(head_of(Framing::Kind::Request, one.request).keep_alive, one.stays) << one.request;
}

TEST(Framing, KnowsAnUpgradeByBothItsHeaders) {
  const std::string upgrade = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n";
  EXPECT_TRUE(head_of(Framing::Kind::Request, upgrade + "Connection: Upgrade\r\n\r\n").upgrade);
  EXPECT_FALSE(head_of(Framing::Kind::Request, upgrade + "\r\n").upgrade);
}

TEST(Framing, FindsTheLinesThatAreOfThisHopOnly) {
  const std::string head =
      "GET / HTTP/1.1\r\nConnection: close\r\nHost: a\r\nKeep-Alive: timeout=5\r\n\r\n";
  const Head seen = head_of(Framing::Kind::Request, head);
  ASSERT_EQ(seen.hop_lines.size(), 2U);
  EXPECT_EQ(head.substr(seen.hop_lines[0].begin, seen.hop_lines[0].end - seen.hop_lines[0].begin),
            "Connection: close\r\n");
  EXPECT_EQ(head.substr(seen.hop_lines[1].begin, seen.hop_lines[1].end - seen.hop_lines[1].begin),
            "Keep-Alive: timeout=5\r\n");
}

TEST(Framing, PostIsNotIdempotentAndPutIs) {
  const std::string rest = " / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const char* method : {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
    EXPECT_TRUE(head_of(Framing::Kind::Request, method + rest).idempotent) << method;
  for (const char* method : {"POST", "PATCH", "PURGE"})
    EXPECT_FALSE(head_of(Framing::Kind::Request, method + rest).idempotent) << method;
}

}  // namespace
}  // namespace podvisor::door
