// Translates steps into counts: the only link between decisions and metrics.
#pragma once

#include "daemon/supervisor.h"
#include "metrics/metrics.h"

namespace podvisor {

class MetricsObserver final : public StepObserver {
 public:
  explicit MetricsObserver(Metrics& metrics) : metrics_(metrics) {}
  void stepped(const Pod& pod, const PodEvent& event, const PodStep& step) override;

 private:
  Metrics& metrics_;
};

}  // namespace podvisor
