#include "scene.h"

#include <chrono>

namespace podvisor::metrics_test {
namespace {

using std::chrono::milliseconds;

Container make_container(const std::string& name, ContainerRole role, const std::string& image) {
  Container container;
  container.name = name;
  container.role = role;
  container.image = image;
  return container;
}

ContainerStateTerminated terminated(int exit_code, const std::string& reason) {
  return {.exit_code = exit_code,
          .signal = 0,
          .reason = reason,
          .message = {},
          .started_at = at(1100),
          .finished_at = at(1200),
          .container_id = {}};
}

ContainerStatus status_of(const std::string& name, ContainerStateValue state) {
  ContainerStatus status;
  status.name = name;
  status.container_id = "podvisor://uid/" + name + "/0";
  status.ready = std::holds_alternative<ContainerStateRunning>(state);
  status.state = std::move(state);
  return status;
}

PodCondition condition(const std::string& type, bool status) {
  return {type, status, "", "", at(1300)};
}

Pod web_pod() {
  Pod pod;
  pod.metadata.name = "web";
  pod.metadata.namespace_ = "shop";
  pod.metadata.uid = "uid-web";
  pod.spec.containers = {make_container("migrate", ContainerRole::Init, ""),
                         make_container("mesh", ContainerRole::Sidecar, "mesh:1"),
                         make_container("app", ContainerRole::Regular, "app:2"),
                         make_container("log", ContainerRole::Regular, "")};
  pod.spec.containers[1].resources.memory_limit = 4096;
  pod.spec.containers[1].resources.cpu_request = 100;
  pod.spec.containers[2].resources = {
      .memory_limit = 1 << 20, .memory_request = 1 << 19, .cpu_limit = 1500, .cpu_request = 250};
  return pod;
}

PodStatus web_status() {
  PodStatus status;
  status.phase = PodPhase::Running;
  status.conditions = {condition("PodReadyToStartContainers", true), condition("Initialized", true),
                       condition("Ready", false), condition("ContainersReady", false),
                       condition("PodScheduled", true)};
  status.pod_ip = "10.88.0.2";
  status.start_time = at(1001);
  auto mesh = status_of("mesh", ContainerStateRunning{at(1250)});
  mesh.restart_count = 1;
  mesh.last_state = terminated(1, "Error");
  auto log = status_of("log", ContainerStateWaiting{"CrashLoopBackOff", "back-off"});
  log.restart_count = 4;
  log.last_state = terminated(137, "OOMKilled");
  status.init_container_statuses = {status_of("migrate", terminated(0, "Completed")), mesh};
  status.container_statuses = {status_of("app", ContainerStateRunning{at(1260)}), log};
  return status;
}

Pod job_pod() {
  Pod pod = make_pod("job", "uid-job");
  pod.spec.restart_policy = RestartPolicy::Never;
  pod.spec.host_network = true;
  pod.spec.containers.push_back(make_container("wait", ContainerRole::Init, ""));
  return pod;
}

PodStatus job_status() {
  PodStatus status;
  status.phase = PodPhase::Succeeded;
  status.reason = "DeadlineExceeded";
  status.conditions = {condition("Ready", true), condition("ContainersReady", true)};
  status.container_statuses = {status_of("app", terminated(0, "Completed"))};
  status.init_container_statuses = {
      status_of("wait", ContainerStateWaiting{"PodInitializing", ""})};
  return status;
}

Deployment shop_deployment() {
  Deployment deployment;
  deployment.metadata.name = "front";
  deployment.metadata.namespace_ = "shop";
  deployment.replicas = 4;
  return deployment;
}

DeploymentStatus shop_status() {
  DeploymentStatus status;
  status.observed_generation = 1;
  status.replicas = 5;
  status.updated = 2;
  status.ready = 4;
  status.available = 3;
  status.unavailable = 2;
  status.conditions = {{"Progressing", ConditionStatus::False, "ProgressDeadlineExceeded", "late",
                        at(1030), at(1030)}};
  return status;
}

ContainerUsage full_reading() {
  return {.cpu_seconds = 1.5,
          .cfs_periods = 10,
          .cfs_throttled_periods = 3,
          .cfs_throttled_seconds = 0.25,
          .memory_usage = 900,
          .memory_working_set = 700,
          .memory_rss = 500,
          .memory_cache = 200,
          .memory_swap = 0,
          .memory_failcnt = 7,
          .memory_limit = 1 << 20,
          .oom_kills = 2,
          .processes = 3,
          .threads = 5,
          .fs_reads = 11,
          .fs_writes = 12,
          .fs_read_bytes = 13,
          .fs_written_bytes = 14};
}

}  // namespace

WallTime at(int unix_seconds) { return WallTime(std::chrono::seconds(unix_seconds)); }

std::optional<ContainerUsage> FakeUsageReader::container_usage(const PodUid& pod,
                                                               ContainerIndex container) {
  const auto found = readings.find({pod, container});
  if (found == readings.end()) return std::nullopt;
  return found->second;
}

std::vector<InterfaceUsage> FakeUsageReader::network_usage(const PodUid& pod) {
  const auto found = interfaces.find(pod);
  return found == interfaces.end() ? std::vector<InterfaceUsage>{} : found->second;
}

Pod make_pod(const std::string& name, const PodUid& uid) {
  Pod pod;
  pod.metadata.name = name;
  pod.metadata.uid = uid;
  pod.spec.containers = {make_container("app", ContainerRole::Regular, "")};
  return pod;
}

Scene::Scene()
    : web(std::make_shared<const Pod>(web_pod())), job(std::make_shared<const Pod>(job_pod())) {
  store.add_pod(web, web_status(), at(1000));
  store.add_pod(job, job_status(), at(1010));
  store.mark_deleted(*job, at(1500), Seconds(30));
  store.set_deployment(shop_deployment(), at(1020));
  store.set_deployment_status("shop", "front", shop_status(), 2);
  usage.readings[{"uid-web", kApp}] = full_reading();
  usage.readings[{"uid-web", kMesh}] = {.cpu_seconds = 0.5};
  usage.interfaces["uid-web"] = {{"eth0", {1, 2, 3, 4}, {5, 6, 7, 8}}};
}

void Scene::happen() {
  DoorCounters& counted = door["shop/web:8080"];
  counted.requests = {{200, 40}, {503, 1}};
  counted.failed = {{"hold_timeout", 1}, {"connect", 0}};
  counted.rejected = {{"malformed", 2}};
  counted.held_seconds[0] = 3;
  counted.held_seconds.back() = 1;
  counted.held_seconds_sum = 61.5;
  counted.in_flight = 7;
  using pod_action::CountVerdict;
  metrics.count_verdict(
      *web, CountVerdict{kApp, ProbeKind::Readiness, Verdict::Success, milliseconds(30)});
  metrics.count_verdict(
      *web, CountVerdict{kMesh, ProbeKind::Liveness, Verdict::Failure, milliseconds(1000)});
  metrics.count_pod_restart(*web, {RestartTrigger::Oom, kLog});
  metrics.pod_starting();
  metrics.pod_start_failed();
  metrics.pod_running(milliseconds(40));
  metrics.container_starting(*web, kMesh);
  metrics.container_start_failed(*web, kApp, "RunContainerError");
  metrics.container_terminated(*web, kLog, 137, "OOMKilled");
}

}  // namespace podvisor::metrics_test
