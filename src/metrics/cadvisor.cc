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
const std::array<UsageFamily, 13> kUsageFamilies{{
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

void add_start_time(Families& families, const PodStatus& status, const Container& container,
                    const Labels& labels) {
  const auto* found = find_status(status, container);
  if (found == nullptr) return;
  const auto* running = std::get_if<ContainerStateRunning>(&found->state);
  if (running == nullptr) return;
  add_sample(families.get({"container_start_time_seconds", "Unix time of the instance's start."}),
             labels, unix_seconds(running->started_at));
}

}  // namespace

void add_cadvisor(Families& families, const ObjectStore& store, UsageReader& usage,
                  const std::string& cgroup_parent, WallTime now) {
  for (const auto& [name, object] : store.pods()) {
    const Pod& pod = *object.pod;
    for (ContainerIndex i = 0; i < pod.spec.containers.size(); ++i) {
      const auto reading = usage.container_usage(pod.metadata.uid, i);
      if (!reading) continue;
      const Labels labels = usage_labels(pod, pod.spec.containers[i], cgroup_parent);
      for (const auto& family : kUsageFamilies) {
        const auto value = family.value(*reading);
        if (value) add_sample(families.get(family.info), labels, *value);
      }
      add_start_time(families, object.status, pod.spec.containers[i], labels);
      add_sample(families.get({"container_last_seen", "Unix time of this reading."}), labels,
                 unix_seconds(now));
    }
  }
}

}  // namespace podvisor
