#include "metrics/kube_pod.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string_view>
#include <variant>

namespace podvisor {
namespace {

struct PodView {
  const PodObject& object;
  const NodeInfo& node;
};

struct PodFamily {
  FamilyInfo info;
  void (*add)(const PodView& pod, const Sink& sink);
};

void add_time(const std::optional<WallTime>& time, const Sink& sink) {
  if (time) sink.add(unix_seconds(*time));
}

/// Since when the condition is True; nothing while it is not.
void add_time_of(const PodView& pod, const char* condition, const Sink& sink) {
  const auto* found = find_condition(pod.object.status, condition);
  if (found != nullptr && found->status) sink.add(unix_seconds(found->last_transition_time));
}

std::string owner_kind(const Pod& pod) {
  return pod.metadata.owner ? pod.metadata.owner->kind : "";
}
std::string owner_name(const Pod& pod) {
  return pod.metadata.owner ? pod.metadata.owner->name : "";
}

void add_info(const PodView& pod, const Sink& sink) {
  sink.add(1, {{"host_ip", pod.node.address},
               {"pod_ip", pod.object.status.pod_ip},
               {"node", pod.node.name},
               {"created_by_kind", owner_kind(*pod.object.pod)},
               {"created_by_name", owner_name(*pod.object.pod)},
               {"priority_class", ""},
               {"host_network", pod.object.pod->spec.host_network ? "true" : "false"}});
}

void add_phase(const PodView& pod, const Sink& sink) {
  const std::string_view current = to_string(pod.object.status.phase);
  for (const char* phase : {"Pending", "Running", "Succeeded", "Failed", "Unknown"}) {
    sink.add(current == phase ? 1 : 0, {{"phase", phase}});
  }
}

void add_ready(const PodView& pod, const Sink& sink) {
  const bool ready = is_ready(pod.object.status);
  sink.add(ready ? 1 : 0, {{"condition", "true"}});
  sink.add(ready ? 0 : 1, {{"condition", "false"}});
  sink.add(0, {{"condition", "unknown"}});
}

void add_reason(const PodView& pod, const Sink& sink) {
  constexpr std::array<std::string_view, 5> kListed{"Evicted", "NodeAffinity", "NodeLost",
                                                    "Shutdown", "UnexpectedAdmissionError"};
  const auto& reason = pod.object.status.reason;
  if (reason.empty()) return;
  const bool listed = std::find(kListed.begin(), kListed.end(), reason) != kListed.end();
  sink.add(1, {{"reason", listed ? reason : "Other"}});
}

/// Of the container that ended last.
void add_completion_time(const PodView& pod, const Sink& sink) {
  std::optional<WallTime> latest;
  for (const auto& container : pod.object.status.container_statuses) {
    const auto* ended = std::get_if<ContainerStateTerminated>(&container.state);
    if (ended != nullptr && (!latest || *latest < ended->finished_at)) latest = ended->finished_at;
  }
  add_time(latest, sink);
}

void add_owner(const PodView& pod, const Sink& sink) {
  const Pod& owned = *pod.object.pod;
  sink.add(1, {{"owner_kind", owner_kind(owned)},
               {"owner_name", owner_name(owned)},
               {"owner_is_controller", owned.metadata.owner ? "true" : ""}});
}

const std::array<PodFamily, 13> kPodFamilies{{
    {{"kube_pod_info", "Information about the pod."}, add_info},
    {{"kube_pod_status_phase", "The pod's current phase."}, add_phase},
    {{"kube_pod_status_ready", "Whether the pod is ready to serve requests."}, add_ready},
    {{"kube_pod_status_reason", "The pod's status reason."}, add_reason},
    {{"kube_pod_start_time", "Unix time at which the pod was started."},
     [](const PodView& pod, const Sink& sink) { add_time(pod.object.status.start_time, sink); }},
    {{"kube_pod_created", "Unix time at which the pod was accepted."},
     [](const PodView& pod, const Sink& sink) { add_time(pod.object.creation_timestamp, sink); }},
    {{"kube_pod_completion_time", "Unix time at which the pod's last container ended."},
     add_completion_time},
    {{"kube_pod_deletion_timestamp", "Unix time by which the pod is to be gone."},
     [](const PodView& pod, const Sink& sink) { add_time(pod.object.deletion_timestamp, sink); }},
    {{"kube_pod_status_ready_time", "Unix time since when the pod is ready."},
     [](const PodView& pod, const Sink& sink) { add_time_of(pod, "Ready", sink); }},
    {{"kube_pod_status_initialized_time", "Unix time since when the pod is initialized."},
     [](const PodView& pod, const Sink& sink) { add_time_of(pod, "Initialized", sink); }},
    {{"kube_pod_status_container_ready_time", "Unix time since when all containers are ready."},
     [](const PodView& pod, const Sink& sink) { add_time_of(pod, "ContainersReady", sink); }},
    {{"kube_pod_owner", "The pod's owner."}, add_owner},
    {{"kube_pod_restart_policy", "The pod's restart policy."},
     [](const PodView& pod, const Sink& sink) {
       sink.add(1, {{"type", to_string(pod.object.pod->spec.restart_policy)}});
     }},
}};

}  // namespace

Labels pod_labels(const Pod& pod) {
  return {{"namespace", pod.metadata.namespace_},
          {"pod", pod.metadata.name},
          {"uid", pod.metadata.uid}};
}

double unix_seconds(WallTime time) {
  return static_cast<double>(
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

void add_kube_pods(Families& families, const ObjectStore& store, const NodeInfo& node) {
  for (const auto& [name, object] : store.pods()) {
    const Labels labels = pod_labels(*object.pod);
    for (const auto& family : kPodFamilies) {
      family.add({object, node}, Sink(families.get(family.info), labels));
    }
  }
}

}  // namespace podvisor
