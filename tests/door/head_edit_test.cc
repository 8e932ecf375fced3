#include "door/head_edit.h"

#include <gtest/gtest.h>

namespace podvisor::door {
namespace {

Head read(Framing::Kind kind, const std::string& bytes) {
  Framing framing(kind);
  framing.start(bytes.size() + 1);
  (void)framing.feed(bytes);
  EXPECT_TRUE(framing.head_done()) << bytes;
  return framing.head();
}

std::string request_to_endpoint(const std::string& bytes, const std::string& more = {}) {
  const Head head = read(Framing::Kind::Request, bytes);
  std::string out;
  edit_head(bytes, head, request_persistence(head), more, out);
  return out;
}

std::string answer_to_client(const std::string& request, const std::string& answer, bool stays) {
  const Head asked = read(Framing::Kind::Request, request);
  const Head head = read(Framing::Kind::Response, answer);
  std::string out;
  edit_head(answer, head, response_persistence(asked, head, stays), {}, out);
  return out;
}

const std::string kPlain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string kOldGet = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";

TEST(HeadEdit, ARequestThatSaysNothingOfItsConnectionPassesAsItIs) {
  const std::string odd = "GET /%7e?x HTTP/1.1\r\nhOST:a\r\nX-Odd:   two  spaces \r\n\r\n";
  EXPECT_EQ(request_to_endpoint(odd), odd);
}

TEST(HeadEdit, AClientsCloseEndsAtTheDoor) {
  EXPECT_EQ(request_to_endpoint("GET / HTTP/1.1\r\nConnection: close\r\nHost: a\r\n\r\n"), kPlain);
}

TEST(HeadEdit, ConnectionLinesThatSayMorePass) {
  const std::string te = "GET / HTTP/1.1\r\nHost: a\r\nConnection: TE\r\nTE: trailers\r\n\r\n";
  EXPECT_EQ(request_to_endpoint(te), te);
  const std::string upgrade =
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n";
  EXPECT_EQ(request_to_endpoint(upgrade), upgrade);
}

TEST(HeadEdit, AddsWhereTheRequestCameFrom) {
  EXPECT_EQ(request_to_endpoint(kPlain, forwarded_lines("10.0.0.1")),
            "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.0.0.1\r\n"
            "X-Forwarded-Proto: http\r\n\r\n");
}

TEST(HeadEdit, DIF3_AnEndpointsCloseDoesNotCloseTheClient) {
  EXPECT_EQ(answer_to_client(kPlain, "HTTP/1.1 200 OK\r\nConnection: close\r\nA: b\r\n\r\n", true),
            "HTTP/1.1 200 OK\r\nA: b\r\n\r\n");
}

TEST(HeadEdit, AClientThatLeavesIsToldSo) {
  EXPECT_EQ(
      answer_to_client(kPlain, "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nA: b\r\n\r\n", false),
      "HTTP/1.1 200 OK\r\nA: b\r\nConnection: close\r\n\r\n");
}

TEST(HeadEdit, AnOldClientThatStaysIsToldAloud) {
  EXPECT_EQ(answer_to_client(kOldGet, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

}  // namespace
}  // namespace podvisor::door
