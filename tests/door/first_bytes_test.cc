#include "door/first_bytes.h"

#include <gtest/gtest.h>

#include <string>

namespace podvisor::door {
namespace {

using namespace std::string_literals;

TEST(FirstBytes, TellHttpFromEverythingElse) {
  const struct {
    std::string bytes;
    Speech speech;
  } cases[] = {
      {"", Speech::Unknown},
      {"G", Speech::Unknown},
      {"GET", Speech::Unknown},
      {"GET ", Speech::Http1},
      {"GET / HTTP/1.1\r\n", Speech::Http1},
      {"GET / HTTP/9.9\r\n", Speech::Http1},  // meant to be; the framing says what is wrong
      {"\r\nPOST / HTTP/1.1\r\n", Speech::Http1},
      {"\r", Speech::Unknown},
      {"\r\n", Speech::Unknown},
      {"PURGE /a", Speech::Unknown},
      {"PURGE /a HTTP/1.1\r\n", Speech::Http1},
      {"EHLO example.org\r\n", Speech::Other},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Speech::Other},
      {"PRI * HT", Speech::Unknown},
      {"PRI * HTTP/1.1\r\n", Speech::Http1},
      {"\x16\x03\x01\x02\x00"s, Speech::Other},
      {"SSH-2.0-OpenSSH_9.2\r\n", Speech::Other},
      {"get / HTTP/1.1\r\n", Speech::Other},
      {"\0\0"s, Speech::Other},
      {std::string(40, 'A'), Speech::Other},
  };
  for (const auto& one : cases)
    EXPECT_EQ(classify_first_bytes(one.bytes), one.speech) << '"' << one.bytes << '"';
}

}  // namespace
}  // namespace podvisor::door
