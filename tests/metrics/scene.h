// A store with one pod of every kind that metrics tell apart, and readings of its containers.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "metrics/door.h"
#include "metrics/metrics.h"
#include "podvisor/object_store.h"
#include "podvisor/ports/runtime.h"

namespace podvisor::metrics_test {

[[nodiscard]] WallTime at(int unix_seconds);

class FakeUsageReader final : public UsageReader {
 public:
  std::optional<ContainerUsage> container_usage(const PodUid& pod,
                                                ContainerIndex container) override;
  std::vector<InterfaceUsage> network_usage(const PodUid& pod) override;
  std::map<std::pair<PodUid, ContainerIndex>, ContainerUsage> readings;
  std::map<PodUid, std::vector<InterfaceUsage>> interfaces;
};

/// Deployment "front" of namespace "shop", late in its rollout. Pod "web" of namespace "shop": init
/// container "migrate" done, native sidecar "mesh" restarted once, "app" running with limits, "log"
/// in a crash loop after an OOM kill. Pod "job" of "default": Succeeded, being deleted.
struct Scene {
  Scene();

  std::shared_ptr<const Pod> web;
  std::shared_ptr<const Pod> job;
  ObjectStore store;
  FakeUsageReader usage;
  std::map<std::string, DoorCounters> door;  ///< by listener
  Metrics metrics{store, {.version = "1.2.3", .node = {"node-a", "192.0.2.1"}}};

  static constexpr ContainerIndex kMigrate = 0, kMesh = 1, kApp = 2, kLog = 3;

  /// Lets something of every kind happen once.
  void happen();
  [[nodiscard]] std::string render() {
    Families page = metrics.collect(&usage, at(2000));
    add_door(page, door);
    return std::move(page).text();
  }
};

/// A pod with one container "app" that has a readiness probe.
[[nodiscard]] Pod make_pod(const std::string& name, const PodUid& uid);

}  // namespace podvisor::metrics_test
