#include "metrics/kube_container.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <variant>

namespace podvisor {
namespace {

struct ContainerView {
  const Container& spec;
  const ContainerStatus& status;
  const NodeInfo& node;

  [[nodiscard]] const auto* waiting() const {
    return std::get_if<ContainerStateWaiting>(&status.state);
  }
  [[nodiscard]] const auto* running() const {
    return std::get_if<ContainerStateRunning>(&status.state);
  }
  [[nodiscard]] const auto* terminated() const {
    return std::get_if<ContainerStateTerminated>(&status.state);
  }
};

struct ContainerFamily {
  const char* suffix;
  const char* help;
  void (*add)(const ContainerView& container, const Sink& sink);
  prometheus::MetricType type = prometheus::MetricType::Gauge;
};

void add_info(const ContainerView& container, const Sink& sink) {
  Labels labels{{"image", image_label(container.spec)},
                {"image_id", container.status.image_id},
                {"image_spec", container.spec.image},
                {"container_id", container.status.container_id}};
  if (container.spec.role != ContainerRole::Regular) {
    const bool sidecar = container.spec.role == ContainerRole::Sidecar;
    labels.push_back({"restart_policy", sidecar ? "Always" : ""});
  }
  sink.add(1, labels);
}

void add_reason(const std::string& reason, const Sink& sink) {
  if (!reason.empty()) sink.add(1, {{"reason", reason}});
}

void add_running(const ContainerView& container, const Sink& sink) {
  sink.add(container.running() != nullptr ? 1 : 0);
}

void add_waiting(const ContainerView& container, const Sink& sink) {
  sink.add(container.waiting() != nullptr ? 1 : 0);
}

void add_terminated(const ContainerView& container, const Sink& sink) {
  sink.add(container.terminated() != nullptr ? 1 : 0);
}

void add_ready(const ContainerView& container, const Sink& sink) {
  sink.add(container.status.ready ? 1 : 0);
}

void add_waiting_reason(const ContainerView& container, const Sink& sink) {
  if (const auto* waiting = container.waiting()) add_reason(waiting->reason, sink);
}

void add_terminated_reason(const ContainerView& container, const Sink& sink) {
  if (const auto* terminated = container.terminated()) add_reason(terminated->reason, sink);
}

void add_last_reason(const ContainerView& container, const Sink& sink) {
  if (container.status.last_state) add_reason(container.status.last_state->reason, sink);
}

void add_last_exit_code(const ContainerView& container, const Sink& sink) {
  if (container.status.last_state) sink.add(container.status.last_state->exit_code);
}

void add_last_time(const ContainerView& container, const Sink& sink) {
  if (container.status.last_state) sink.add(unix_seconds(container.status.last_state->finished_at));
}

void add_restarts(const ContainerView& container, const Sink& sink) {
  sink.add(container.status.restart_count);
}

void add_started(const ContainerView& container, const Sink& sink) {
  if (const auto* running = container.running()) return sink.add(unix_seconds(running->started_at));
  if (const auto* terminated = container.terminated()) {
    sink.add(unix_seconds(terminated->started_at));
  }
}

void add_resources(const ContainerView& container, const std::optional<std::int64_t>& cpu,
                   const std::optional<std::int64_t>& memory, const Sink& sink) {
  const auto& node = container.node.name;
  if (cpu) {
    sink.add(static_cast<double>(*cpu) / 1000,
             {{"node", node}, {"resource", "cpu"}, {"unit", "core"}});
  }
  if (memory) {
    sink.add(static_cast<double>(*memory),
             {{"node", node}, {"resource", "memory"}, {"unit", "byte"}});
  }
}

void add_requests(const ContainerView& container, const Sink& sink) {
  const auto& resources = container.spec.resources;
  add_resources(container, resources.cpu_request, resources.memory_request, sink);
}

void add_limits(const ContainerView& container, const Sink& sink) {
  const auto& resources = container.spec.resources;
  add_resources(container, resources.cpu_limit, resources.memory_limit, sink);
}

// A name is kube_pod_container_ or kube_pod_init_container_ and the suffix.
const std::array<ContainerFamily, 14> kContainerFamilies{{
    {"info", "Information about the container.", add_info},
    {"status_running", "Whether the container runs.", add_running},
    {"status_waiting", "Whether the container waits to be started.", add_waiting},
    {"status_terminated", "Whether the container has ended.", add_terminated},
    {"status_ready", "Whether the container is ready.", add_ready},
    {"status_waiting_reason", "Why the container waits.", add_waiting_reason},
    {"status_terminated_reason", "Why the container has ended.", add_terminated_reason},
    {"status_last_terminated_reason", "Why the container's instance before ended.",
     add_last_reason},
    {"status_last_terminated_exitcode", "Exit code of the container's instance before.",
     add_last_exit_code},
    {"status_last_terminated_timestamp",
     "Unix time at which the container's instance before ended.", add_last_time},
    {"status_restarts_total", "How often the container was restarted.", add_restarts,
     prometheus::MetricType::Counter},
    {"state_started", "Unix time at which the container's instance was started.", add_started},
    {"resource_requests", "What the container requests of a resource.", add_requests},
    {"resource_limits", "The container's limit of a resource.", add_limits},
}};

struct LabelledView {
  ContainerView container;
  Labels labels;
};

std::vector<LabelledView> views_of(const ObjectStore& store, const NodeInfo& node, bool regular) {
  std::vector<LabelledView> views;
  for (const auto& [name, object] : store.pods()) {
    for (const auto& container : object.pod->spec.containers) {
      if ((container.role == ContainerRole::Regular) != regular) continue;
      const auto* status = find_status(object.status, container);
      if (status == nullptr) continue;
      Labels labels = pod_labels(*object.pod);
      labels.push_back({"container", container.name});
      views.push_back({{container, *status, node}, std::move(labels)});
    }
  }
  return views;
}

void add_all(Families& families, const std::string& prefix,
             const std::vector<LabelledView>& views) {
  for (const auto& row : kContainerFamilies) {
    auto& family = families.get({prefix + row.suffix, row.help, row.type});
    for (const auto& view : views) row.add(view.container, Sink(family, view.labels));
  }
}

}  // namespace

std::string image_label(const Container& container) {
  return container.image.empty() ? "process" : container.image;
}

const ContainerStatus* find_status(const PodStatus& status, const Container& container) {
  const auto& statuses = container.role == ContainerRole::Regular ? status.container_statuses
                                                                  : status.init_container_statuses;
  const auto found = std::find_if(statuses.begin(), statuses.end(), [&container](const auto& each) {
    return each.name == container.name;
  });
  return found == statuses.end() ? nullptr : &*found;
}

void add_kube_containers(Families& families, const ObjectStore& store, const NodeInfo& node) {
  add_all(families, "kube_pod_container_", views_of(store, node, true));
  add_all(families, "kube_pod_init_container_", views_of(store, node, false));
}

}  // namespace podvisor
