#include "metrics/metrics.h"

#include <utility>

#include "metrics/cadvisor.h"
#include "metrics/kube_container.h"
#include "metrics/kube_deployment.h"
#include "metrics/process.h"

namespace podvisor {

namespace {

/// Restarts are of the name: the pod that replaces another goes on with its counts (DIF-2.4).
std::string full_name(const Pod& pod) { return pod.metadata.namespace_ + "/" + pod.metadata.name; }

}  // namespace

Metrics::Metrics(const ObjectStore& store, MetricsSettings settings)
    : store_(store),
      settings_(std::move(settings)),
      process_start_time_(read_process_usage().start_time),
      prober_(registry_),
      kubelet_(registry_),
      pod_restarts_(prometheus::BuildCounter()
                        .Name("podvisor_pod_restarts_total")
                        .Help("Restarts of whole pods, by the container that triggered them.")
                        .Register(registry_)) {}

void Metrics::count_verdict(const Pod& pod, const pod_action::CountVerdict& verdict) {
  prober_.count(pod, verdict);
}

void Metrics::count_pod_restart(const Pod& pod, const pod_action::CountPodRestart& restart) {
  // A sandbox dies without a container's doing.
  const bool by_container = restart.trigger != RestartTrigger::Sandbox;
  const bool in_place = restart.trigger == RestartTrigger::Rule;  // RAC-13
  auto& series = pod_restarts_.Add(
      {{"namespace", pod.metadata.namespace_},
       {"pod", pod.metadata.name},
       {"container", by_container ? pod.spec.containers.at(restart.container).name : ""},
       {"trigger", to_string(restart.trigger)},
       {"strategy", in_place        ? "inplace"
                    : restart.surge ? "surge"
                                    : "recreate"}});
  pod_restart_owners_.own(full_name(pod), series).Increment();
}

void Metrics::pod_starting() { kubelet_.pod_starting(); }

void Metrics::pod_start_failed() { kubelet_.pod_start_failed(); }

void Metrics::pod_running(Duration since_admission) { kubelet_.pod_running(since_admission); }

void Metrics::container_starting(const Pod& pod, ContainerIndex container) {
  kubelet_.container_starting(pod.spec.containers.at(container));
}

void Metrics::container_start_failed(const Pod& pod, ContainerIndex container,
                                     const std::string& reason) {
  kubelet_.container_start_failed(pod.spec.containers.at(container), reason);
}

void Metrics::container_terminated(const Pod& pod, ContainerIndex container, int exit_code,
                                   const std::string& reason) {
  kubelet_.container_terminated(pod.spec.containers.at(container), exit_code, reason);
}

void Metrics::forget_pod(const Pod& pod) {
  prober_.forget(pod.metadata.uid);
  const PodObject* listed = store_.find_pod(pod.metadata.namespace_, pod.metadata.name);
  const bool another_stays = listed != nullptr && listed->pod->metadata.uid != pod.metadata.uid;
  if (!another_stays) pod_restart_owners_.forget(full_name(pod), pod_restarts_);
}

Families Metrics::collect(UsageReader* usage, WallTime now) const {
  Families families;
  families.add(registry_.Collect());
  add_kubelet_running(families, store_);
  add_kube_pods(families, store_, settings_.node);
  add_kube_deployments(families, store_);
  add_kube_containers(families, store_, settings_.node);
  if (usage != nullptr) add_cadvisor(families, store_, *usage, settings_.cgroup_parent, now);
  auto process = read_process_usage();
  process.start_time = process_start_time_;
  add_process(families, process);
  add_sample(families.get({"podvisor_build_info", "The podvisor that answers."}),
             {{"version", settings_.version}}, 1);
  return families;
}

}  // namespace podvisor
