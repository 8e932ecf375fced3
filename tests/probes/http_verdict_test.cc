#include "probes/http_verdict.h"

#include <gtest/gtest.h>

namespace podvisor {
namespace {

ProbeAnswer judge(int status, ProbeKind kind, const PodPolicy& policy = {}) {
  return judge_http(status, accepted_statuses(kind, policy), "the body");
}

PodPolicy widened(int min, int max) {
  PodPolicy policy;
  policy.http_success_min = min;
  policy.http_success_max = max;
  return policy;
}

TEST(HttpVerdict, DIF1_1_ReadinessSucceedsOn200Only) {
  EXPECT_EQ(judge(200, ProbeKind::Readiness).verdict, Verdict::Success);
  for (const int status : {201, 204, 206, 299, 300, 302, 304, 399, 400, 404, 500, 503, 101}) {
    const ProbeAnswer answer = judge(status, ProbeKind::Readiness);
    EXPECT_EQ(answer.verdict, Verdict::Failure) << status;
    EXPECT_TRUE(
        answer.output.starts_with("HTTP probe failed with statuscode: " + std::to_string(status)));
  }
}

TEST(HttpVerdict, DIF1_3_HTTP1_LivenessAndStartupTake200To399) {
  for (const ProbeKind kind : {ProbeKind::Liveness, ProbeKind::Startup}) {
    for (const int status : {200, 201, 204, 299}) {
      EXPECT_EQ(judge(status, kind).verdict, Verdict::Success) << status;
    }
    for (const int status : {300, 302, 304, 399}) {
      EXPECT_EQ(judge(status, kind).verdict, Verdict::Warning) << status;
    }
    for (const int status : {101, 199, 400, 404, 500, 599}) {
      EXPECT_EQ(judge(status, kind).verdict, Verdict::Failure) << status;
    }
  }
}

TEST(HttpVerdict, DIF1_2_AnnotationWidensReadiness) {
  const PodPolicy policy = widened(200, 399);
  EXPECT_EQ(judge(204, ProbeKind::Readiness, policy).verdict, Verdict::Success);
  EXPECT_EQ(judge(302, ProbeKind::Readiness, policy).verdict, Verdict::Warning);
  EXPECT_EQ(judge(404, ProbeKind::Readiness, policy).verdict, Verdict::Failure);
  EXPECT_EQ(judge(302, ProbeKind::Readiness, widened(200, 299)).verdict, Verdict::Failure);
}

TEST(HttpVerdict, DIF1_5_AStatusThatKubernetesTakesNamesTheAnnotation) {
  EXPECT_EQ(judge(204, ProbeKind::Readiness).output,
            "HTTP probe failed with statuscode: 204 "
            "(the annotation podvisor.io/http-success: \"200-399\" would accept it)");
  EXPECT_EQ(judge(302, ProbeKind::Readiness).output,
            "HTTP probe failed with statuscode: 302 "
            "(the annotation podvisor.io/http-success: \"200-399\" would accept it)");
}

TEST(HttpVerdict, HTTP15_TextsAreExact) {
  EXPECT_EQ(judge(503, ProbeKind::Readiness).output, "HTTP probe failed with statuscode: 503");
  EXPECT_EQ(judge(500, ProbeKind::Liveness).output, "HTTP probe failed with statuscode: 500");
  EXPECT_EQ(judge(302, ProbeKind::Liveness).output,
            "Probe terminated redirects, Response body: the body");
}

}  // namespace
}  // namespace podvisor
