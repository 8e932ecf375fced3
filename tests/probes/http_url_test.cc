#include "probes/http_url.h"

#include <gtest/gtest.h>

namespace podvisor {
namespace {

std::string target_of(std::string_view path) {
  return probe_url("HTTP", "10.0.0.1", 80, path).target;
}

TEST(HttpUrl, HTTP2_SchemeIsLowerCasedAndThePortAlwaysShown) {
  EXPECT_EQ(to_string(probe_url("HTTP", "10.0.0.1", 80, "/")), "http://10.0.0.1:80/");
  EXPECT_EQ(to_string(probe_url("HTTPS", "web", 443, "/a")), "https://web:443/a");
}

TEST(HttpUrl, PRB27_Ipv6HostIsBracketed) {
  const HttpUrl url = probe_url("HTTP", "fd00::1", 80, "/");
  EXPECT_EQ(url.authority, "[fd00::1]:80");
  EXPECT_EQ(url.host, "fd00::1");
}

TEST(HttpUrl, HTTP2_PathIsAUrlReference) {
  const struct {
    const char* path;
    const char* target;
  } rows[] = {
      {"/", "/"},
      {"", "/"},
      {"healthz", "/healthz"},
      {"/a/b?x=1&y=%20", "/a/b?x=1&y=%20"},
      {"?x=1", "/?x=1"},
      {"/a?", "/a?"},
      {"/a?b?c", "/a?b?c"},
      {"/a#frag", "/a"},
      {"/a/../b", "/a/../b"},
      {"/a b", "/a%20b"},
      {"/a?b c", "/a?b%20c"},
      {"/a%2Fb", "/a%2Fb"},
      {"/\xC3\xBC", "/%C3%BC"},
      {"http://example.com:99/x?y=1", "/x?y=1"},
      {"https://user:pw@example.com", "/"},
      {"http://example.com?y", "/?y"},
      {"//example.com/x", "/x"},
      {"http:/x", "/x"},
      {"/a:b", "/a:b"},
  };
  for (const auto& row : rows) EXPECT_EQ(target_of(row.path), row.target) << row.path;
}

TEST(HttpUrl, HTTP2_UnparsablePathIsUsedRaw) {
  EXPECT_EQ(target_of("/%zz"), "/%25zz");
  EXPECT_EQ(target_of("/%a"), "/%25a");
  EXPECT_EQ(target_of("/a\tb?c"), "/a%09b%3Fc");
  EXPECT_EQ(target_of("1:b"), "/1:b");
  EXPECT_EQ(target_of(":b"), "/:b");
  EXPECT_EQ(target_of("mailto:x"), "/mailto:x");
}

TEST(HttpUrl, HTTP2_AbsoluteUrlContributesItsUserButNotItsHost) {
  const HttpUrl url = probe_url("HTTP", "10.0.0.1", 80, "http://me:secret@example.com/x");
  EXPECT_EQ(url.user, "me");
  EXPECT_EQ(url.password, "secret");
  EXPECT_EQ(url.authority, "10.0.0.1:80");
  EXPECT_EQ(to_string(url), "http://10.0.0.1:80/x");
}

class HttpRedirect : public testing::Test {
 protected:
  Redirect redirect(const std::string& location, int status = 302, int requests = 1) const {
    return next_redirect(first_host_, current_, status, location, requests);
  }
  std::string first_host_ = "10.0.0.1";
  HttpUrl current_ = probe_url("HTTP", "10.0.0.1", 8080, "/a/b?q=1");
};

TEST_F(HttpRedirect, HTTP7_RedirectStatusesAreFollowedOnTheSameHost) {
  for (const int status : {301, 302, 303, 307, 308}) {
    const Redirect next = redirect("/next?x=1", status);
    EXPECT_EQ(next.kind, Redirect::Kind::Follow) << status;
    EXPECT_EQ(to_string(next.url), "http://10.0.0.1:8080/next?x=1");
  }
}

TEST_F(HttpRedirect, HTTP7_RelativeReferencesAreResolved) {
  const struct {
    const char* location;
    const char* url;
  } rows[] = {
      {"c", "http://10.0.0.1:8080/a/c"},           {"../c", "http://10.0.0.1:8080/c"},
      {"?z", "http://10.0.0.1:8080/a/b?z"},        {"/c#frag", "http://10.0.0.1:8080/c"},
      {"//10.0.0.1:81/c", "http://10.0.0.1:81/c"}, {"http://10.0.0.1/c", "http://10.0.0.1/c"},
  };
  for (const auto& row : rows) EXPECT_EQ(to_string(redirect(row.location).url), row.url);
}

TEST_F(HttpRedirect, HTTP7_PortAndSchemeMayChange) {
  const Redirect next = redirect("https://10.0.0.1/c");
  EXPECT_EQ(next.kind, Redirect::Kind::Follow);
  EXPECT_EQ(next.url.port, 443);
  EXPECT_EQ(next.url.scheme, "https");
  EXPECT_EQ(next.url.authority, "10.0.0.1");
}

TEST_F(HttpRedirect, HTTP7_OtherHostStopsRedirects) {
  EXPECT_EQ(redirect("http://10.0.0.2:8080/").kind, Redirect::Kind::Final);
  EXPECT_EQ(redirect("http://example.com/").kind, Redirect::Kind::Final);
  EXPECT_EQ(redirect("//example.com/").kind, Redirect::Kind::Final);
}

TEST_F(HttpRedirect, HTTP7_Ipv6HostIsComparedWithoutBrackets) {
  const HttpUrl url = probe_url("HTTP", "fd00::1", 80, "/");
  const Redirect next = next_redirect(url.host, url, 301, "http://[fd00::1]:81/x", 1);
  EXPECT_EQ(next.kind, Redirect::Kind::Follow);
  EXPECT_EQ(next.url.host, "fd00::1");
  EXPECT_EQ(next.url.authority, "[fd00::1]:81");
}

TEST_F(HttpRedirect, HTTP8_TheTenthRedirectFails) {
  EXPECT_EQ(redirect("/x", 302, 9).kind, Redirect::Kind::Follow);
  const Redirect tenth = redirect("/x", 302, 10);
  EXPECT_EQ(tenth.kind, Redirect::Kind::Failed);
  EXPECT_EQ(tenth.error, "stopped after 10 redirects");
}

TEST_F(HttpRedirect, HTTP9_NoLocationAnd300And304AreFinal) {
  EXPECT_EQ(redirect("").kind, Redirect::Kind::Final);
  EXPECT_EQ(redirect("/x", 300).kind, Redirect::Kind::Final);
  EXPECT_EQ(redirect("/x", 304).kind, Redirect::Kind::Final);
  EXPECT_EQ(redirect("/x", 200).kind, Redirect::Kind::Final);
}

TEST_F(HttpRedirect, HTTP10_OnlyARelativeRedirectKeepsACustomHost) {
  EXPECT_TRUE(redirect("/x").keeps_host);
  EXPECT_TRUE(redirect("//10.0.0.1/x").keeps_host);
  EXPECT_TRUE(redirect("/x?u=http://y").keeps_host);
  EXPECT_FALSE(redirect("http://10.0.0.1:8080/x").keeps_host);
}

TEST_F(HttpRedirect, LocationThatIsNoUrlFails) {
  const Redirect next = redirect("http://10.0.0.1:99999/");
  EXPECT_EQ(next.kind, Redirect::Kind::Failed);
  EXPECT_EQ(next.error, "failed to parse Location header \"http://10.0.0.1:99999/\"");
}

TEST_F(HttpRedirect, OtherSchemesFail) {
  const Redirect next = redirect("ftp://10.0.0.1/");
  EXPECT_EQ(next.kind, Redirect::Kind::Failed);
  EXPECT_EQ(next.error, "unsupported protocol scheme \"ftp\"");
}

}  // namespace
}  // namespace podvisor
