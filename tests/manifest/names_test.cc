#include "manifest/names.h"

#include <gtest/gtest.h>

#include <string>

namespace podvisor::manifest {
namespace {

TEST(Names, VAL2_DnsLabel) {
  for (const char* good : {"a", "0", "my-name", "a--b"}) EXPECT_EQ(check_dns_label(good), "");
  for (const char* bad : {"", "-a", "a-", "A", "a_b", "a.b", "ä"}) {
    EXPECT_NE(check_dns_label(bad), "") << bad;
  }
  EXPECT_EQ(check_dns_label(std::string(63, 'a')), "");
  EXPECT_EQ(check_dns_label(std::string(64, 'a')), "must be no more than 63 characters");
}

TEST(Names, VAL2_DnsSubdomainHasNoLimitForOneLabel) {
  for (const char* good : {"a", "a.b", "1.2.3"}) EXPECT_EQ(check_dns_subdomain(good), "");
  for (const char* bad : {"", ".", "a.", ".a", "a..b", "A.b"}) {
    EXPECT_NE(check_dns_subdomain(bad), "") << bad;
  }
  EXPECT_EQ(check_dns_subdomain(std::string(253, 'a')), "");
  EXPECT_NE(check_dns_subdomain(std::string(254, 'a')), "");
}

TEST(Names, VAL2_PortName) {
  for (const char* good : {"http", "a", "8a", "http-80"}) EXPECT_EQ(check_port_name(good), "");
  for (const char* bad : {"", "80", "HTTP", "a--b", "-a", "a-", "a_b", "longer-than-fifteen"}) {
    EXPECT_NE(check_port_name(bad), "") << bad;
  }
}

TEST(Names, VAL2_EnvName) {
  for (const char* good : {"A", "a b", "1", "-", "a.b"}) EXPECT_EQ(check_env_name(good), "");
  for (const char* bad : {"", "a=b", "a\tb", "ü", "\x7f"}) EXPECT_NE(check_env_name(bad), "");
}

TEST(Names, VAL2_HeaderName) {
  EXPECT_EQ(check_header_name("X-Thing-1"), "");
  for (const char* bad : {"", "X_Thing", "X:", "X Y"}) EXPECT_NE(check_header_name(bad), "");
}

TEST(Names, VAL2_QualifiedName) {
  for (const char* good : {"app", "a.b/c", "App_1.x", "a/B"}) {
    EXPECT_EQ(check_qualified_name(good), "") << good;
  }
  for (const char* bad : {"", "/a", "a/", "a/b/c", "A.b/c", "-a", "a-"}) {
    EXPECT_NE(check_qualified_name(bad), "") << bad;
  }
  EXPECT_NE(check_qualified_name(std::string(64, 'a')), "");
}

TEST(Names, VAL2_LabelValue) {
  for (const char* good : {"", "a", "A.b_c-1"}) EXPECT_EQ(check_label_value(good), "");
  for (const char* bad : {"-a", "a b", "a/b"}) EXPECT_NE(check_label_value(bad), "");
}

TEST(Names, VAL12_NoElementGoesUp) {
  for (const char* good : {"", "/", "a", "..a", "a..", "/a/..b"}) {
    EXPECT_EQ(check_backsteps(good), "") << good;
  }
  for (const char* bad : {"..", "../a", "/a/..", "a/../b"}) EXPECT_NE(check_backsteps(bad), "");
}

}  // namespace
}  // namespace podvisor::manifest
