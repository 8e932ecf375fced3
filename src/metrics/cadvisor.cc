#include "metrics/cadvisor.h"

#include <array>
#include <optional>
#include <variant>

#include "metrics/kube_container.h"
#include "metrics/kube_pod.h"

namespace podvisor {
namespace {

using prometheus::MetricType;

struct UsageFamily {
  FamilyInfo info;
  std::optional<double> (*value)(const ContainerUsage& usage);
};

template <auto Field>
std::optional<double> field(const ContainerUsage& usage) {
  const auto& value = usage.*Field;
  if (!value) return std::nullopt;
  return static_cast<double>(*value);
}

using Usage = ContainerUsage;
const std::array<UsageFamily, 18> kUsageFamilies{{
    {{"container_cpu_usage_seconds_total", "CPU time consumed.", MetricType::Counter},
     field<&Usage::cpu_seconds>},
    {{"container_cpu_cfs_periods_total", "Elapsed CPU quota periods.", MetricType::Counter},
     field<&Usage::cfs_periods>},
    {{"container_cpu_cfs_throttled_periods_total", "CPU quota periods that were throttled.",
      MetricType::Counter},
     field<&Usage::cfs_throttled_periods>},
    {{"container_cpu_cfs_throttled_seconds_total", "Time spent throttled.", MetricType::Counter},
     field<&Usage::cfs_throttled_seconds>},
    {{"container_memory_working_set_bytes", "Memory use without inactive file cache."},
     field<&Usage::memory_working_set>},
    {{"container_memory_rss", "Anonymous memory in bytes."}, field<&Usage::memory_rss>},
    {{"container_memory_cache", "Page cache in bytes."}, field<&Usage::memory_cache>},
    {{"container_memory_swap", "Swap use in bytes."}, field<&Usage::memory_swap>},
    {{"container_memory_usage_bytes", "Memory use, all of it."}, field<&Usage::memory_usage>},
    // By nature a counter, but its name lacks _total, which linters refuse in one.
    {{"container_memory_failcnt", "How often memory use hit the limit.", MetricType::Untyped},
     field<&Usage::memory_failcnt>},
    {{"container_oom_events_total", "Processes that the OOM killer killed.", MetricType::Counter},
     field<&Usage::oom_kills>},
    {{"container_spec_memory_limit_bytes", "Memory limit; 0: none."},
     [](const Usage& usage) -> std::optional<double> {
       return static_cast<double>(usage.memory_limit.value_or(0));
     }},
    {{"container_processes", "Processes in the container."}, field<&Usage::processes>},
    {{"container_threads", "Threads in the container."}, field<&Usage::threads>},
    {{"container_fs_reads_total", "Reads from block devices.", MetricType::Counter},
     field<&Usage::fs_reads>},
    {{"container_fs_writes_total", "Writes to block devices.", MetricType::Counter},
     field<&Usage::fs_writes>},
    {{"container_fs_reads_bytes_total", "Bytes read from block devices.", MetricType::Counter},
     field<&Usage::fs_read_bytes>},
    {{"container_fs_writes_bytes_total", "Bytes written to block devices.", MetricType::Counter},
     field<&Usage::fs_written_bytes>},
}};

struct NetworkFamily {
  std::int64_t InterfaceUsage::Direction::*value;
  FamilyInfo received, sent;
};

using Direction = InterfaceUsage::Direction;
const std::array<NetworkFamily, 4> kNetworkFamilies{{
    {&Direction::bytes,
     {"container_network_receive_bytes_total", "Bytes received.", MetricType::Counter},
     {"container_network_transmit_bytes_total", "Bytes sent.", MetricType::Counter}},
    {&Direction::packets,
     {"container_network_receive_packets_total", "Packets received.", MetricType::Counter},
     {"container_network_transmit_packets_total", "Packets sent.", MetricType::Counter}},
    {&Direction::errors,
     {"container_network_receive_errors_total", "Errors in receiving.", MetricType::Counter},
     {"container_network_transmit_errors_total", "Errors in sending.", MetricType::Counter}},
    {&Direction::dropped,
     {"container_network_receive_packets_dropped_total", "Packets received and dropped.",
      MetricType::Counter},
     {"container_network_transmit_packets_dropped_total", "Packets dropped instead of sent.",
      MetricType::Counter}},
}};

/// `name` stays the same from instance to instance, so that increase() sees across a restart.
Labels usage_labels(const Pod& pod, const Container& container, const std::string& parent) {
  return {{"id", "/" + parent + "/pod" + pod.metadata.uid + "/" + container.name},
          {"name", pod.metadata.uid + "/" + container.name},
          {"image", image_label(container)},
          {"namespace", pod.metadata.namespace_},
          {"pod", pod.metadata.name},
          {"container", container.name}};
}

/// Of the whole pod: `container` is empty, and so is `image` (MET-6, MET-7).
void add_network(Families& families, const Pod& pod, const InterfaceUsage& usage,
                 const std::string& parent) {
  const Labels labels = {{"id", "/" + parent + "/pod" + pod.metadata.uid},
                         {"name", pod.metadata.uid},
                         {"image", ""},
                         {"namespace", pod.metadata.namespace_},
                         {"pod", pod.metadata.name},
                         {"container", ""},
                         {"interface", usage.name}};
  for (const NetworkFamily& family : kNetworkFamilies) {
    add_sample(families.get(family.received), labels,
               static_cast<double>(usage.received.*family.value));
    add_sample(families.get(family.sent), labels, static_cast<double>(usage.sent.*family.value));
  }
}

void add_start_time(Families& families, const PodStatus& status, const Container& container,
                    const Labels& labels) {
  const auto* found = find_status(status, container);
  if (found == nullptr) return;
  const auto* running = std::get_if<ContainerStateRunning>(&found->state);
  if (running == nullptr) return;
  add_sample(families.get({"container_start_time_seconds", "Unix time of the instance's start."}),
             labels, unix_seconds(running->started_at));
}

void add_container(Families& families, const PodObject& object, ContainerIndex index,
                   const ContainerUsage& reading, const std::string& parent, WallTime now) {
  const Container& container = object.pod->spec.containers[index];
  const Labels labels = usage_labels(*object.pod, container, parent);
  for (const auto& family : kUsageFamilies) {
    const auto value = family.value(reading);
    if (value) add_sample(families.get(family.info), labels, *value);
  }
  add_start_time(families, object.status, container, labels);
  add_sample(families.get({"container_last_seen", "Unix time of this reading."}), labels,
             unix_seconds(now));
}

}  // namespace

void add_cadvisor(Families& families, const ObjectStore& store, UsageReader& usage,
                  const std::string& cgroup_parent, WallTime now) {
  for (const auto& [name, object] : store.pods()) {
    const Pod& pod = *object.pod;
    for (ContainerIndex i = 0; i < pod.spec.containers.size(); ++i) {
      const auto reading = usage.container_usage(pod.metadata.uid, i);
      if (reading) add_container(families, object, i, *reading, cgroup_parent, now);
    }
    for (const InterfaceUsage& interface : usage.network_usage(pod.metadata.uid))
      add_network(families, pod, interface, cgroup_parent);
  }
}

}  // namespace podvisor
