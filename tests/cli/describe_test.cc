#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>

#include "cli/details.h"
#include "cli/now.h"
#include "cli/text.h"

namespace podvisor::cli {
namespace {

std::string read_golden(const std::string& name) {
  std::ifstream file(std::string(CLI_GOLDEN) + "/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class DescribePod : public testing::Test {
 protected:
  DescribePod() {
    setenv("TZ", "UTC", 1);
    tzset();
  }
  ~DescribePod() override {
    unsetenv("TZ");
    tzset();
  }
  Json pod_ = Json::parse(read_golden("pod.json"));
  Json events_ = Json::parse(read_golden("events.json"));
};

// describe.txt is what kubectl 1.32 printed for the same two objects, with the ages of kNow,
// without spaces at the ends of lines and without the scheduler's Node-Selectors and Tolerations.
TEST_F(DescribePod, ReadsAsKubectls) {
  EXPECT_EQ(describe_pod(pod_, events_, kNow), read_golden("describe.txt"));
}

TEST_F(DescribePod, SaysWhatAContainerWaitsFor) {
  pod_["status"]["containerStatuses"][0]["state"]["waiting"]["message"] = "back-off 40s";
  const std::string text = describe_pod(pod_, events_, kNow);
  EXPECT_NE(text.find("      Message:      back-off 40s\n"), std::string::npos) << text;
}

TEST_F(DescribePod, SaysSinceWhenItIsTerminating) {
  pod_["metadata"]["deletionTimestamp"] = "2026-03-01T12:09:50Z";
  pod_["metadata"]["deletionGracePeriodSeconds"] = 30;
  const std::string text = describe_pod(pod_, events_, kNow);
  EXPECT_NE(text.find("Terminating (lasts 10s)"), std::string::npos) << text;
  EXPECT_NE(text.find("Termination Grace Period:  30s"), std::string::npos) << text;
}

TEST_F(DescribePod, WithoutEventsLabelsOrStatusSaysSo) {
  const std::string text = describe_pod({{"metadata", {{"name", "web"}}}}, Json::array(), kNow);
  for (const char* line : {"Labels:       <none>\n", "Node:         <none>\n",
                           "Volumes:      <none>\n", "Events:       <none>\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
}

TEST_F(DescribePod, NothingInItCanSteerTheTerminal) {
  pod_["metadata"]["annotations"]["evil\x1b]0;x\x07"] = "v\x1b[2J\nName: forged";
  pod_["spec"]["containers"][0]["env"][0]["value"] = "\x1b[31m";
  pod_["status"]["containerStatuses"][0]["lastState"]["terminated"]["message"] = "\x1b[31m\n";
  events_[0]["message"] = "\x1b[31m";
  const std::string text = describe_pod(pod_, events_, kNow);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find("\nName: forged"), std::string::npos);
}

TEST_F(DescribePod, AnObjectOfNoShapeAtAllIsStillDescribed) {
  for (const Json& pod : {Json(), Json(3), Json{{"spec", {{"containers", {1, nullptr, "x"}}}}},
                          Json{{"metadata", 1}, {"status", Json::array()}}})
    EXPECT_NE(describe_pod(pod, Json::array(), kNow).find("Name:"), std::string::npos);
}

TEST(DescribeProbe, NamesTheHandler) {
  const std::string rest = " delay=0s timeout=0s period=0s #success=0 #failure=0";
  EXPECT_EQ(describe_probe({{"httpGet", {{"port", 8080}, {"host", "h"}, {"scheme", "HTTPS"}}}}),
            "http-get https://h:8080/" + rest);
  EXPECT_EQ(describe_probe({{"grpc", {{"port", 9}, {"service", "s"}}}}), "grpc <pod>:9 s" + rest);
  EXPECT_EQ(describe_probe(Json::object()), "unknown" + rest);
}

}  // namespace
}  // namespace podvisor::cli
