// Prober metrics (MET-1, MET-2, PRB-31). The hot path of a host with many probes: a verdict costs
// one hash of the uid, no string is built.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <unordered_map>
#include <vector>

#include "metrics/series_owners.h"
#include "podvisor/pod_state.h"

namespace podvisor {

class ProberMetrics {
 public:
  explicit ProberMetrics(prometheus::Registry& registry);
  void count(const Pod& pod, const pod_action::CountVerdict& verdict);
  void forget(const PodUid& pod);

 private:
  struct ProbeSeries {
    prometheus::Counter* successful = nullptr;
    prometheus::Counter* failed = nullptr;
    prometheus::Histogram* duration = nullptr;
  };
  /// By container index and ProbeKind; made on the first verdict of each.
  using PodSeries = std::vector<std::array<ProbeSeries, kProbeKinds>>;

  ProbeSeries& series_of(const Pod& pod, const pod_action::CountVerdict& verdict);
  prometheus::Counter& make_total(const Pod& pod, const pod_action::CountVerdict& verdict,
                                  const char* result);
  prometheus::Histogram& make_duration(const Pod& pod, const pod_action::CountVerdict& verdict);

  prometheus::Family<prometheus::Counter>& totals_;
  prometheus::Family<prometheus::Histogram>& durations_;
  SeriesOwners<prometheus::Counter> total_owners_;
  SeriesOwners<prometheus::Histogram> duration_owners_;
  std::unordered_map<PodUid, PodSeries> pods_;
};

}  // namespace podvisor
