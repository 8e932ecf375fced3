#include "cli/api_path.h"

#include <gtest/gtest.h>

namespace podvisor::cli {
namespace {

TEST(ApiPath, IsKubernetes) {
  EXPECT_EQ(pods_path("default"), "/api/v1/namespaces/default/pods");
  EXPECT_EQ(pods_path(""), "/api/v1/pods");
  EXPECT_EQ(pod_path("a", "b"), "/api/v1/namespaces/a/pods/b");
  EXPECT_EQ(events_path("a", {{"watch", "true"}, {"resourceVersion", "7"}}),
            "/api/v1/namespaces/a/events?watch=true&resourceVersion=7");
  EXPECT_EQ(log_path("a", "b", {{"container", "c"}}),
            "/api/v1/namespaces/a/pods/b/log?container=c");
}

TEST(ApiPath, NothingGivenCanChangeIt) {
  EXPECT_EQ(pod_path("../x", "a/b?c#d%e\r\n"),
            "/api/v1/namespaces/..%2Fx/pods/a%2Fb%3Fc%23d%25e%0D%0A");
  EXPECT_EQ(pods_path("a", {{"labelSelector", "a=b,c!=d&e"}}),
            "/api/v1/namespaces/a/pods?labelSelector=a%3Db%2Cc%21%3Dd%26e");
  EXPECT_EQ(encoded("\xC3\xA9"), "%C3%A9");
}

}  // namespace
}  // namespace podvisor::cli
