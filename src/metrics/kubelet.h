// The kubelet's own families that dashboards use (MET-3).
#pragma once

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "metrics/families.h"
#include "podvisor/object_store.h"
#include "podvisor/pod_state.h"

namespace podvisor {

/// Counted as things happen.
class KubeletMetrics {
 public:
  explicit KubeletMetrics(prometheus::Registry& registry);

  void pod_starting();
  void pod_start_failed();
  void pod_running(Duration since_admission);
  void container_starting(const Container& container);
  void container_start_failed(const Container& container, const std::string& reason);
  void container_terminated(const Container& container, int exit_code, const std::string& reason);

 private:
  prometheus::Counter& started_pods_;
  prometheus::Counter& started_pods_errors_;
  prometheus::Histogram& pod_start_duration_;
  prometheus::Family<prometheus::Counter>& started_containers_;
  prometheus::Family<prometheus::Counter>& started_containers_errors_;
  prometheus::Family<prometheus::Counter>& terminated_containers_;
};

/// kubelet_running_*: read from the store at each scrape.
void add_kubelet_running(Families& families, const ObjectStore& store);

}  // namespace podvisor
