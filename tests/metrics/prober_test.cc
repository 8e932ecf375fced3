#include <gmock/gmock.h>

#include "page.h"
#include "scene.h"

namespace podvisor::metrics_test {
namespace {

using pod_action::CountVerdict;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

class ProberMetricsTest : public ::testing::Test {
 protected:
  void count(const Pod& pod, Verdict verdict, Duration duration = milliseconds(30)) {
    metrics_.count_verdict(pod, CountVerdict{0, ProbeKind::Readiness, verdict, duration});
  }
  std::string sample(const std::string& name) {
    return parse_page(metrics_.render(nullptr, at(1))).samples[name];
  }
  static std::string total(const PodUid& uid, const std::string& result) {
    return "prober_probe_total{container=\"app\",namespace=\"default\",pod=\"web\",pod_uid=\"" +
           uid + "\",probe_type=\"Readiness\",result=\"" + result + "\"}";
  }
  static std::string duration(const std::string& suffix, const std::string& le = "") {
    return "prober_probe_duration_seconds_" + suffix +
           "{container=\"app\",namespace=\"default\",pod=\"web\",probe_type=\"Readiness\"" + le +
           "}";
  }

  ObjectStore store_;
  Metrics metrics_{store_, {}};
  const Pod web_ = make_pod("web", "uid-1");
};

TEST_F(ProberMetricsTest, MET1_VerdictsAreCountedByResult) {
  count(web_, Verdict::Success);
  count(web_, Verdict::Success);
  count(web_, Verdict::Failure);
  EXPECT_EQ(sample(total("uid-1", "successful")), "2");
  EXPECT_EQ(sample(total("uid-1", "failed")), "1");
}

TEST_F(ProberMetricsTest, MET1_AWarningIsASuccess) {
  count(web_, Verdict::Warning);
  EXPECT_EQ(sample(total("uid-1", "successful")), "1");
}

TEST_F(ProberMetricsTest, PRB31_DiscardedAttemptsAreNotCounted) {
  count(web_, Verdict::Error);
  EXPECT_THAT(metrics_.render(nullptr, at(1)), Not(HasSubstr("prober_probe")));
}

TEST_F(ProberMetricsTest, PRB31_OnlySuccessesAreObservedWithTheirDuration) {
  count(web_, Verdict::Failure, std::chrono::seconds(1));
  EXPECT_EQ(sample(duration("count")), "");
  count(web_, Verdict::Success, milliseconds(30));
  EXPECT_EQ(sample(duration("count")), "1");
  EXPECT_EQ(sample(duration("bucket", ",le=\"0.025\"")), "0");
  EXPECT_EQ(sample(duration("bucket", ",le=\"0.05\"")), "1");
}

TEST_F(ProberMetricsTest, MET2_TheBucketsAreTheKubelets) {
  count(web_, Verdict::Success);
  const std::string text = metrics_.render(nullptr, at(1));
  for (const char* le :
       {"0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"}) {
    EXPECT_EQ(sample(duration("bucket", std::string(",le=\"") + le + "\"")).size(), 1U) << le;
  }
}

TEST_F(ProberMetricsTest, PRB31_ForgettingAPodDeletesItsSeriesAndNoOthers) {
  const Pod other = make_pod("web", "uid-2");
  count(web_, Verdict::Failure);
  count(other, Verdict::Failure);
  metrics_.forget_pod(web_);
  EXPECT_EQ(sample(total("uid-1", "failed")), "");
  EXPECT_EQ(sample(total("uid-2", "failed")), "1");
}

TEST_F(ProberMetricsTest, PRB31_ADurationSharedWithASuccessorStaysUntilItGoesToo) {
  const Pod successor = make_pod("web", "uid-2");
  count(web_, Verdict::Success);
  count(successor, Verdict::Success);
  metrics_.forget_pod(web_);
  count(successor, Verdict::Success);
  EXPECT_EQ(sample(duration("count")), "3");
  metrics_.forget_pod(successor);
  EXPECT_EQ(sample(duration("count")), "");
}

TEST_F(ProberMetricsTest, AForgottenPodMayBeCountedAnew) {
  count(web_, Verdict::Success);
  metrics_.forget_pod(web_);
  count(web_, Verdict::Success);
  EXPECT_EQ(sample(total("uid-1", "successful")), "1");
}

TEST_F(ProberMetricsTest, ForgettingAPodThatWasNeverCountedDoesNothing) {
  metrics_.forget_pod(web_);
  EXPECT_THAT(metrics_.render(nullptr, at(1)), Not(HasSubstr("prober_probe")));
}

}  // namespace
}  // namespace podvisor::metrics_test
