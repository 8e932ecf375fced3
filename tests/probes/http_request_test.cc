#include "probes/http_request.h"

#include <gtest/gtest.h>

namespace podvisor {
namespace {

std::string request_for(const std::vector<HttpHeader>& headers, bool keeps_host = true,
                        std::string_view path = "/") {
  std::string request = "of an earlier attempt";
  write_request(request, probe_url("HTTP", "10.0.0.1", 80, path), headers, keeps_host);
  return request;
}

TEST(HttpRequest, HTTP5_DefaultsExactly) {
  EXPECT_EQ(request_for({}, true, "/healthz?x=1"),
            "GET /healthz?x=1 HTTP/1.1\r\n"
            "Host: 10.0.0.1:80\r\n"
            "User-Agent: kube-probe/1.36\r\n"
            "Accept: */*\r\n"
            "Connection: close\r\n\r\n");
}

TEST(HttpRequest, HTTP6_NamesAreCanonicalised) {
  EXPECT_EQ(canonical_header_name("HOST"), "Host");
  EXPECT_EQ(canonical_header_name("accept-encoding"), "Accept-Encoding");
  EXPECT_EQ(canonical_header_name("x-a1-B"), "X-A1-B");
  EXPECT_EQ(canonical_header_name(""), "");
}

TEST(HttpRequest, HTTP6_RepeatsStayInOrder) {
  EXPECT_EQ(request_for({{"x-a", "1"}, {"X-B", "2"}, {"X-A", "3"}}),
            "GET / HTTP/1.1\r\n"
            "Host: 10.0.0.1:80\r\n"
            "User-Agent: kube-probe/1.36\r\n"
            "Accept: */*\r\n"
            "X-A: 1\r\n"
            "X-B: 2\r\n"
            "X-A: 3\r\n"
            "Connection: close\r\n\r\n");
}

TEST(HttpRequest, HTTP6_EmptyUserAgentAndAcceptSendNone) {
  EXPECT_EQ(request_for({{"user-agent", ""}, {"accept", ""}}),
            "GET / HTTP/1.1\r\nHost: 10.0.0.1:80\r\nConnection: close\r\n\r\n");
}

TEST(HttpRequest, HTTP6_GivenUserAgentAndAcceptReplaceTheDefaults) {
  EXPECT_EQ(request_for({{"Accept", "text/plain"}, {"User-Agent", "a"}, {"User-Agent", "b"}}),
            "GET / HTTP/1.1\r\n"
            "Host: 10.0.0.1:80\r\n"
            "User-Agent: a\r\n"
            "Accept: text/plain\r\n"
            "Connection: close\r\n\r\n");
}

TEST(HttpRequest, HTTP6_OthersAreSentEvenEmpty) {
  EXPECT_EQ(request_for({{"Accept-Encoding", ""}}),
            "GET / HTTP/1.1\r\n"
            "Host: 10.0.0.1:80\r\n"
            "User-Agent: kube-probe/1.36\r\n"
            "Accept: */*\r\n"
            "Accept-Encoding:\r\n"
            "Connection: close\r\n\r\n");
}

TEST(HttpRequest, HTTP6_HTTP10_FirstHostCountsWhereItIsKept) {
  const std::vector<HttpHeader> headers{{"HOST", "a.example"}, {"Host", "b.example"}};
  EXPECT_NE(request_for(headers).find("\r\nHost: a.example\r\n"), std::string::npos);
  EXPECT_EQ(request_for(headers).find("b.example"), std::string::npos);
  EXPECT_NE(request_for(headers, false).find("\r\nHost: 10.0.0.1:80\r\n"), std::string::npos);
  EXPECT_NE(request_for({{"Host", ""}}).find("\r\nHost: 10.0.0.1:80\r\n"), std::string::npos);
}

TEST(HttpRequest, HeadersOfABodyAreLeftOut) {
  EXPECT_EQ(request_for({{"Content-Length", "5"}, {"transfer-encoding", "chunked"}}),
            request_for({}));
}

TEST(HttpRequest, HTTP2_UserInfoBecomesBasicAuthorization) {
  const struct {
    const char* userinfo;
    const char* encoded;
  } rows[] = {{"me:pw", "bWU6cHc="}, {"me:p", "bWU6cA=="}, {"me", "bWU6"}, {"a:bcd", "YTpiY2Q="}};
  for (const auto& row : rows) {
    const std::string path = std::string("http://") + row.userinfo + "@example.com/";
    const std::string line = std::string("\r\nAuthorization: Basic ") + row.encoded + "\r\n";
    EXPECT_NE(request_for({}, true, path).find(line), std::string::npos) << row.userinfo;
  }
}

TEST(HttpRequest, GivenAuthorizationWins) {
  const std::string request =
      request_for({{"authorization", "Bearer x"}}, true, "http://me:pw@example.com/");
  EXPECT_EQ(request.find("Basic"), std::string::npos);
  EXPECT_NE(request.find("\r\nAuthorization: Bearer x\r\n"), std::string::npos);
}

TEST(HttpRequest, ControlCharactersCannotSmuggleALine) {
  EXPECT_EQ(invalid_header({{"X", "plain \t \xC3\xBC"}}), nullptr);
  const std::vector<HttpHeader> headers{{"X", "1"}, {"Y", "a\r\nEvil: 1"}};
  EXPECT_EQ(invalid_header(headers), &headers[1]);
}

}  // namespace
}  // namespace podvisor
