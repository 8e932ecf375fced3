#include "metrics/prober.h"

#include <chrono>

namespace podvisor {
namespace {

const prometheus::Histogram::BucketBoundaries kBuckets{.005, .01, .025, .05, .1, .25,
                                                       .5,   1,   2.5,  5,   10};

prometheus::Labels labels_of(const Pod& pod, const pod_action::CountVerdict& verdict) {
  return {{"probe_type", to_string(verdict.kind)},
          {"container", pod.spec.containers.at(verdict.container).name},
          {"pod", pod.metadata.name},
          {"namespace", pod.metadata.namespace_}};
}

}  // namespace

ProberMetrics::ProberMetrics(prometheus::Registry& registry)
    : totals_(prometheus::BuildCounter()
                  .Name("prober_probe_total")
                  .Help("Probe attempts that came to a verdict, by probe type and result.")
                  .Register(registry)),
      durations_(prometheus::BuildHistogram()
                     .Name("prober_probe_duration_seconds")
                     .Help("Duration in seconds of successful probe attempts.")
                     .Register(registry)) {}

prometheus::Counter& ProberMetrics::make_total(const Pod& pod,
                                               const pod_action::CountVerdict& verdict,
                                               const char* result) {
  auto labels = labels_of(pod, verdict);
  labels.emplace("result", result);
  labels.emplace("pod_uid", pod.metadata.uid);
  return total_owners_.own(pod.metadata.uid, totals_.Add(labels));
}

prometheus::Histogram& ProberMetrics::make_duration(const Pod& pod,
                                                    const pod_action::CountVerdict& verdict) {
  return duration_owners_.own(pod.metadata.uid, durations_.Add(labels_of(pod, verdict), kBuckets));
}

ProberMetrics::ProbeSeries& ProberMetrics::series_of(const Pod& pod,
                                                     const pod_action::CountVerdict& verdict) {
  auto& series = pods_[pod.metadata.uid];
  series.resize(pod.spec.containers.size());
  return series.at(verdict.container).at(static_cast<std::size_t>(verdict.kind));
}

void ProberMetrics::count(const Pod& pod, const pod_action::CountVerdict& verdict) {
  if (verdict.verdict == Verdict::Error) return;  // PRB-31: discarded attempts are not counted
  auto& series = series_of(pod, verdict);
  if (verdict.verdict == Verdict::Failure) {
    if (series.failed == nullptr) series.failed = &make_total(pod, verdict, "failed");
    return series.failed->Increment();
  }
  if (series.successful == nullptr) {
    series.successful = &make_total(pod, verdict, "successful");
    series.duration = &make_duration(pod, verdict);
  }
  series.successful->Increment();
  series.duration->Observe(std::chrono::duration<double>(verdict.duration).count());
}

void ProberMetrics::forget(const PodUid& pod) {
  total_owners_.forget(pod, totals_);
  duration_owners_.forget(pod, durations_);
  pods_.erase(pod);
}

}  // namespace podvisor
