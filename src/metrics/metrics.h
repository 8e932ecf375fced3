// Everything on /metrics. What happens is counted here as it happens; what is, is read from the
// object store and the cgroups at each scrape. Loop thread only.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <string>

#include "metrics/families.h"
#include "metrics/kube_pod.h"
#include "metrics/kubelet.h"
#include "metrics/prober.h"
#include "metrics/series_owners.h"
#include "podvisor/object_store.h"
#include "podvisor/pod_state.h"
#include "podvisor/ports/runtime.h"

namespace podvisor {

struct MetricsSettings {
  std::string version;
  NodeInfo node;
  std::string cgroup_parent = "podvisor";
};

class Metrics {
 public:
  /// The store must outlive it.
  Metrics(const ObjectStore& store, MetricsSettings settings);

  void count_verdict(const Pod& pod, const pod_action::CountVerdict& verdict);
  void count_pod_restart(const Pod& pod, const pod_action::CountPodRestart& restart);

  void pod_starting();                         ///< MakeSandbox was said
  void pod_start_failed();                     ///< SandboxFailed came
  void pod_running(Duration since_admission);  ///< the pod's first container runs, once a pod
  void container_starting(const Pod& pod, ContainerIndex container);  ///< StartContainer was said
  /// ContainerStartFailed came; `reason` is one of CST-1's.
  void container_start_failed(const Pod& pod, ContainerIndex container, const std::string& reason);
  void container_terminated(const Pod& pod, ContainerIndex container, int exit_code,
                            const std::string& reason);
  /// The pod is gone, and so are its series (PRB-31).
  void forget_pod(const Pod& pod);

  /// The page's content as of now. `usage` may be nullptr where nothing is measured
  /// (--cgroups=none). Families::text() makes the page of it, which is nine tenths of the work (20
  /// ms with 100 pods of four containers) and may be done on another thread.
  [[nodiscard]] Families collect(UsageReader* usage, WallTime now) const;
  /// The whole page at once: text format 0.0.4, whose media type is kContentType.
  [[nodiscard]] std::string render(UsageReader* usage, WallTime now) const {
    return collect(usage, now).text();
  }

  static constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  const ObjectStore& store_;
  const MetricsSettings settings_;
  const double process_start_time_;  ///< read once: the clocks it follows from drift apart
  prometheus::Registry registry_;
  ProberMetrics prober_;
  KubeletMetrics kubelet_;
  prometheus::Family<prometheus::Counter>& pod_restarts_;
  SeriesOwners<prometheus::Counter> pod_restart_owners_;
};

}  // namespace podvisor
