#include "metrics/kubelet.h"

#include <chrono>
#include <variant>

namespace podvisor {
namespace {

/// The kubelet's buckets, and finer ones below them: here a pod starts in milliseconds.
const prometheus::Histogram::BucketBoundaries kStartBuckets{
    .005, .01, .025, .05, .1,  .25, .5,  1,   2,   3,   4,   5,    6,    8,    10,  20,
    30,   45,  60,   120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600};

const char* container_type(const Container& container) {
  return container.role == ContainerRole::Regular ? "container" : "init_container";
}

prometheus::Family<prometheus::Counter>& counter_family(prometheus::Registry& registry,
                                                        const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

bool has_sandbox(const PodStatus& status) {
  const auto* condition = find_condition(status, "PodReadyToStartContainers");
  return condition != nullptr && condition->status;
}

struct Running {
  int pods = 0;
  int containers = 0;
  int exited_containers = 0;
};

void count_containers(const std::vector<ContainerStatus>& containers, Running& running) {
  for (const auto& container : containers) {
    const bool runs = std::holds_alternative<ContainerStateRunning>(container.state);
    const bool ended = std::holds_alternative<ContainerStateTerminated>(container.state) ||
                       container.last_state.has_value();
    if (runs) {
      ++running.containers;
    } else if (ended) {
      ++running.exited_containers;
    }
  }
}

}  // namespace

KubeletMetrics::KubeletMetrics(prometheus::Registry& registry)
    : started_pods_(counter_family(registry, "kubelet_started_pods_total",
                                   "Attempts to start a pod's sandbox.")
                        .Add({})),
      started_pods_errors_(counter_family(registry, "kubelet_started_pods_errors_total",
                                          "Attempts to start a pod's sandbox that failed.")
                               .Add({})),
      pod_start_duration_(
          prometheus::BuildHistogram()
              .Name("kubelet_pod_start_duration_seconds")
              .Help("Duration in seconds from a pod's admission to its first running container.")
              .Register(registry)
              .Add({}, kStartBuckets)),
      started_containers_(counter_family(registry, "kubelet_started_containers_total",
                                         "Attempts to start a container.")),
      started_containers_errors_(
          counter_family(registry, "kubelet_started_containers_errors_total",
                         "Attempts to start a container that failed, by reason.")),
      terminated_containers_(counter_family(registry, "kubelet_terminated_containers_total",
                                            "Containers that ended, by exit code and reason.")) {}

void KubeletMetrics::pod_starting() { started_pods_.Increment(); }

void KubeletMetrics::pod_start_failed() { started_pods_errors_.Increment(); }

void KubeletMetrics::pod_running(Duration since_admission) {
  pod_start_duration_.Observe(std::chrono::duration<double>(since_admission).count());
}

void KubeletMetrics::container_starting(const Container& container) {
  started_containers_.Add({{"container_type", container_type(container)}}).Increment();
}

void KubeletMetrics::container_start_failed(const Container& container, const std::string& reason) {
  started_containers_errors_.Add({{"container_type", container_type(container)}, {"code", reason}})
      .Increment();
}

void KubeletMetrics::container_terminated(const Container& container, int exit_code,
                                          const std::string& reason) {
  terminated_containers_
      .Add({{"container_type", container_type(container)},
            {"exit_code", std::to_string(exit_code)},
            {"reason", reason}})
      .Increment();
}

void add_kubelet_running(Families& families, const ObjectStore& store) {
  Running running;
  for (const auto& [name, object] : store.pods()) {
    if (has_sandbox(object.status)) ++running.pods;
    count_containers(object.status.init_container_statuses, running);
    count_containers(object.status.container_statuses, running);
  }
  add_sample(families.get({"kubelet_running_pods", "Pods that have a running sandbox."}), {},
             running.pods);
  auto& containers = families.get(
      {"kubelet_running_containers", "Containers that have been started, by what became of them."});
  add_sample(containers, {{"container_state", "running"}}, running.containers);
  add_sample(containers, {{"container_state", "exited"}}, running.exited_containers);
}

}  // namespace podvisor
