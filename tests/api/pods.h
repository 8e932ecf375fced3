// Pods for tests, as the daemon puts them into the store.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "podvisor/object_store.h"

namespace podvisor {

inline constexpr WallTime kNoon{std::chrono::seconds(1'795'348'800)};  // 2026-11-22T12:00:00Z

inline Container make_container(const std::string& name,
                                ContainerRole role = ContainerRole::Regular) {
  Container container;
  container.name = name;
  container.role = role;
  return container;
}

inline std::shared_ptr<Pod> make_pod(const std::string& name,
                                     std::vector<Container> containers = {make_container("main")}) {
  auto pod = std::make_shared<Pod>();
  pod->metadata.name = name;
  pod->metadata.uid = name + "-uid";
  pod->metadata.labels = {{"app", name}};
  pod->spec.containers = std::move(containers);
  pod->document = R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":")" + name +
                  R"(","namespace":"default"},"spec":{"containers":[{"name":"main"}]}})";
  return pod;
}

inline std::string container_id(const Pod& pod, const std::string& container, int instance) {
  return "podvisor://" + pod.metadata.uid + "/" + container + "/" + std::to_string(instance);
}

inline ContainerStateTerminated ended(const Pod& pod, const std::string& container, int instance) {
  ContainerStateTerminated end;
  end.reason = "Completed";
  end.started_at = kNoon;
  end.finished_at = kNoon + std::chrono::seconds(5);
  end.container_id = container_id(pod, container, instance);
  return end;
}

inline ContainerStatus running(const Pod& pod, const std::string& container, int instance = 0) {
  ContainerStatus status;
  status.name = container;
  status.container_id = container_id(pod, container, instance);
  status.state = ContainerStateRunning{kNoon};
  status.started = status.ready = true;
  status.restart_count = instance;
  if (instance > 0) status.last_state = ended(pod, container, instance - 1);
  return status;
}

/// Everything that runs, runs; Ready as told.
inline PodStatus running_status(const Pod& pod, bool ready = true) {
  PodStatus status;
  status.phase = PodPhase::Running;
  PodCondition condition;
  condition.type = "Ready";
  condition.status = ready;
  condition.last_transition_time = kNoon;
  if (!ready) {
    condition.reason = "ContainersNotReady";
    condition.message = "containers with unready status: [main]";
  }
  status.conditions = {condition};
  status.traffic.open = ready;
  for (const Container& container : pod.spec.containers)
    (container.role == ContainerRole::Regular ? status.container_statuses
                                              : status.init_container_statuses)
        .push_back(running(pod, container.name));
  return status;
}

}  // namespace podvisor
