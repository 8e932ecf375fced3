#include "http/websocket.h"

#include <gtest/gtest.h>

#include "http/sha1.h"

namespace podvisor::websocket {
namespace {

std::string hex(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
    text += digits;
  }
  return text;
}

std::string bytes(std::initializer_list<unsigned> values) {
  std::string text;
  for (const unsigned value : values) text += static_cast<char>(value);
  return text;
}

TEST(Sha1, RFC3174) {
  EXPECT_EQ(hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex(sha1("")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hex(sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  EXPECT_EQ(hex(sha1(std::string(1'000'000, 'a'))), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

/// Each side of where a message still fits into its last block.
TEST(Sha1, AtTheEdgesOfItsBlocks) {
  EXPECT_EQ(hex(sha1(std::string(55, 'a'))), "c1c8bbdc22796e28c0e15163d20899b65621d65a");
  EXPECT_EQ(hex(sha1(std::string(56, 'a'))), "c2db330f6083854c99d4b5bfb6e8f29f201be699");
  EXPECT_EQ(hex(sha1(std::string(64, 'a'))), "0098ba824b5c16427bd7a1122a5a442a25ec644d");
}

TEST(WebSocket, RFC6455_TheHandshakesProof) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocket, RFC6455_ItsOwnExamples) {
  EXPECT_EQ(frame(Opcode::Text, "Hello"), bytes({0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f}));
  EXPECT_EQ(frame(Opcode::Text, "Hello", 0x37fa213dU),
            bytes({0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58}));
  EXPECT_EQ(frame(Opcode::Binary, std::string(256, 'x')).substr(0, 4),
            bytes({0x82, 0x7e, 0x01, 0x00}));
  EXPECT_EQ(frame(Opcode::Binary, std::string(65536, 'x')).substr(0, 10),
            bytes({0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0}));
  EXPECT_EQ(close_frame(kNormalClosure), bytes({0x88, 0x02, 0x03, 0xe8}));
}

TEST(WebSocket, WhatOneSaysTheOtherReadsWhateverItsLength) {
  for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 65535U, 65536U, 300'000U}) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31);
    Reader server(Role::Client);
    server.feed(frame(Opcode::Binary, text, 0xdeadbeefU));
    const auto got = server.next();
    ASSERT_TRUE(got) << size;
    EXPECT_EQ(got->payload, text) << size;
    Reader client(Role::Server);
    client.feed(frame(Opcode::Binary, text));
    ASSERT_TRUE(client.next()) << size;
    EXPECT_FALSE(client.next());
  }
}

TEST(WebSocket, BytesMayComeOneByOne) {
  Reader reader(Role::Client);
  int messages = 0;
  for (const char each :
       frame(Opcode::Binary, "first", 1) + frame(Opcode::Binary, std::string(200, 'b'), 2)) {
    reader.feed({&each, 1});
    while (const auto message = reader.next()) {
      EXPECT_EQ(message->payload, ++messages == 1 ? "first" : std::string(200, 'b'));
    }
  }
  EXPECT_EQ(messages, 2);
}

TEST(WebSocket, FragmentsBecomeOneMessageAndControlFramesComeBetween) {
  Reader reader(Role::Server);
  reader.feed(bytes({0x02, 0x02, 'a', 'b'}));
  reader.feed(frame(Opcode::Ping, "now"));
  reader.feed(bytes({0x00, 0x01, 'c', 0x80, 0x01, 'd'}));
  const auto ping = reader.next();
  ASSERT_TRUE(ping);
  EXPECT_EQ(ping->opcode, Opcode::Ping);
  EXPECT_EQ(ping->payload, "now");
  const auto whole = reader.next();
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->opcode, Opcode::Binary);
  EXPECT_EQ(whole->payload, "abcd");
  EXPECT_FALSE(reader.error());
}

TEST(WebSocket, WhatIsNoWebSocketIsAnError) {
  struct Case {
    const char* what;
    std::string sent;
    std::uint16_t code;
  };
  const Case cases[] = {
      {"not masked", frame(Opcode::Binary, "x"), kProtocolError},
      {"a reserved bit", bytes({0xC2, 0x80}), kProtocolError},
      {"an opcode that there is not", bytes({0x83, 0x80}), kProtocolError},
      {"a control frame in parts", bytes({0x09, 0x80, 0, 0, 0, 0}), kProtocolError},
      {"a long control frame", bytes({0x89, 0xFE, 0, 126, 0, 0, 0, 0}), kProtocolError},
      {"the rest of nothing", bytes({0x80, 0x80, 0, 0, 0, 0}), kProtocolError},
      {"a message in a message", bytes({0x02, 0x80, 0, 0, 0, 0, 0x82, 0x80, 0, 0, 0, 0}),
       kProtocolError},
      {"too long", frame(Opcode::Binary, std::string(1025, 'x'), 1), kTooBig},
      {"a length of 2^64-1",
       bytes({0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0}), kTooBig},
      {"too long in parts",
       bytes({0x02, 0xFE, 4, 0, 0, 0, 0, 0}) + std::string(1024, 'x') +
           bytes({0x80, 0x81, 0, 0, 0, 0, 'x'}),
       kTooBig},
  };
  for (const Case& each : cases) {
    Reader reader(Role::Client, 1024);
    reader.feed(each.sent);
    EXPECT_FALSE(reader.next()) << each.what;
    EXPECT_EQ(reader.error(), each.code) << each.what;
    reader.feed(frame(Opcode::Binary, "good", 1));
    EXPECT_FALSE(reader.next()) << each.what;
  }
}

TEST(WebSocket, AServersMaskIsAnError) {
  Reader reader(Role::Server);
  reader.feed(frame(Opcode::Binary, "x", 1));
  EXPECT_FALSE(reader.next());
  EXPECT_EQ(reader.error(), kProtocolError);
}

}  // namespace
}  // namespace podvisor::websocket
