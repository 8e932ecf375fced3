#include "loading.h"

namespace podvisor {
namespace {

using testing::ElementsAre;

TEST(Decode, TypesAWholeContainer) {
  const Pod pod = load_one(pod_text(R"(image: nginx
args: [-c, $(A)]
workingDir: /srv
env: [{name: A, value: "1"}, {name: B}]
ports: [{name: http, containerPort: 80, hostPort: 8080, hostIP: 127.0.0.1, protocol: UDP}]
volumeMounts: [{name: data, mountPath: /data, readOnly: true}]
restartPolicy: OnFailure)",
                                    "volumes: [{name: data}]"));
  const Container& main = pod.spec.containers.at(0);
  EXPECT_EQ(main.name, "main");
  EXPECT_EQ(main.role, ContainerRole::Regular);
  EXPECT_EQ(main.image, "nginx");
  EXPECT_THAT(main.command, ElementsAre("sleep", "inf"));
  EXPECT_THAT(main.args, ElementsAre("-c", "$(A)"));
  EXPECT_EQ(main.working_dir, "/srv");
  EXPECT_EQ(main.env.at(0).value, "1");
  EXPECT_EQ(main.env.at(1).value, "");
  EXPECT_EQ(main.ports.at(0).name, "http");
  EXPECT_EQ(main.ports.at(0).container_port, 80);
  EXPECT_EQ(main.ports.at(0).host_port, 8080);
  EXPECT_EQ(main.ports.at(0).host_ip, "127.0.0.1");
  EXPECT_EQ(main.ports.at(0).protocol, "UDP");
  EXPECT_EQ(main.volume_mounts.at(0).mount_path, "/data");
  EXPECT_TRUE(main.volume_mounts.at(0).read_only);
  EXPECT_EQ(main.restart_policy, RestartPolicy::OnFailure);
}

TEST(Decode, TypesThePod) {
  const Pod pod = load_one(
      pod_text("",
               "restartPolicy: Never\nactiveDeadlineSeconds: 60\nterminationGracePeriodSeconds: 5",
               "namespace: shop\nlabels: {app: web}\nannotations: {example.com/a: b}"),
      {.default_network = NetworkMode::None, .pids_limit = 100});
  EXPECT_EQ(pod.metadata.name, "web");
  EXPECT_EQ(pod.metadata.namespace_, "shop");
  EXPECT_EQ(pod.metadata.uid, "");
  EXPECT_EQ(pod.metadata.labels.at("app"), "web");
  EXPECT_EQ(pod.metadata.annotations.at("example.com/a"), "b");
  EXPECT_EQ(pod.spec.restart_policy, RestartPolicy::Never);
  EXPECT_EQ(pod.spec.active_deadline, Seconds(60));
  EXPECT_EQ(pod.spec.termination_grace_period, Seconds(5));
  EXPECT_EQ(pod.spec.network, NetworkMode::None);
  EXPECT_EQ(pod.spec.pids_limit, 100);
}

TEST(Decode, RAC1_InitContainersComeFirstAndAlwaysMakesASidecar) {
  const Pod pod = load_one(pod_text("", R"(initContainers:
  - {name: proxy, command: [a], restartPolicy: Always}
  - {name: setup, command: [a]}
  - {name: once, command: [a], restartPolicy: Never})"));
  const auto& containers = pod.spec.containers;
  ASSERT_EQ(containers.size(), 4U);
  EXPECT_EQ(containers[0].role, ContainerRole::Sidecar);
  EXPECT_EQ(containers[1].role, ContainerRole::Init);
  EXPECT_EQ(containers[2].role, ContainerRole::Init);
  EXPECT_EQ(containers[2].restart_policy, RestartPolicy::Never);
  EXPECT_EQ(containers[3].name, "main");
  EXPECT_EQ(pod.spec.policy.main_container, 3U);
}

TEST(Decode, TypesProbes) {
  const Pod pod =
      load_one(pod_text(R"(startupProbe: {exec: {command: [test, -e, /x]}, failureThreshold: 9}
readinessProbe:
  httpGet: {path: /ready, port: http, host: h, scheme: HTTPS, httpHeaders: [{name: A, value: b}]}
  successThreshold: 2
livenessProbe:
  tcpSocket: {port: 99}
  initialDelaySeconds: 3
  periodSeconds: 4
  timeoutSeconds: 5
  terminationGracePeriodSeconds: 6)"));
  const Container& main = pod.spec.containers[0];
  EXPECT_THAT(std::get<ExecAction>(main.startup_probe->handler).command,
              ElementsAre("test", "-e", "/x"));
  EXPECT_EQ(main.startup_probe->failure_threshold, 9);
  const auto& http = std::get<HttpGetAction>(main.readiness_probe->handler);
  EXPECT_EQ(http.path, "/ready");
  EXPECT_EQ(http.port, PortRef("http"));
  EXPECT_EQ(http.host, "h");
  EXPECT_EQ(http.scheme, "HTTPS");
  EXPECT_EQ(http.http_headers.at(0).value, "b");
  EXPECT_EQ(main.readiness_probe->success_threshold, 2);
  const Probe& liveness = *main.liveness_probe;
  EXPECT_EQ(std::get<TcpSocketAction>(liveness.handler).port, PortRef(std::uint16_t{99}));
  EXPECT_EQ(liveness.initial_delay, Seconds(3));
  EXPECT_EQ(liveness.period, Seconds(4));
  EXPECT_EQ(liveness.timeout, Seconds(5));
  EXPECT_EQ(liveness.termination_grace_period, Seconds(6));
}

TEST(Decode, SEC1_ContainersOverrideThePodFieldByField) {
  const Pod pod = load_one(pod_text(
      "securityContext: {runAsUser: 2, runAsNonRoot: false, allowPrivilegeEscalation: false}",
      "securityContext: {runAsUser: 1, runAsGroup: 3, runAsNonRoot: true, supplementalGroups: [4, "
      "5]}"));
  const SecurityContext& security = pod.spec.containers[0].security_context;
  EXPECT_EQ(security.run_as_user, 2U);
  EXPECT_EQ(security.run_as_group, 3U);
  EXPECT_EQ(security.run_as_non_root, false);
  EXPECT_THAT(security.supplemental_groups, ElementsAre(4U, 5U));
  EXPECT_EQ(security.allow_privilege_escalation, false);
  EXPECT_EQ(load_one(pod_text()).spec.containers[0].security_context.run_as_user, std::nullopt);
}

TEST(Decode, TypesVolumes) {
  const Pod pod = load_one(pod_text("", R"(volumes:
  - {name: a, emptyDir: {medium: Memory, sizeLimit: 64Mi}}
  - {name: b, emptyDir: {}}
  - {name: c, hostPath: {path: /srv, type: Directory}})"));
  const auto& memory = std::get<EmptyDirVolume>(pod.spec.volumes.at(0).source);
  EXPECT_TRUE(memory.memory);
  EXPECT_EQ(memory.size_limit, 64 << 20);
  const auto& disk = std::get<EmptyDirVolume>(pod.spec.volumes.at(1).source);
  EXPECT_FALSE(disk.memory);
  EXPECT_EQ(disk.size_limit, std::nullopt);
  const auto& path = std::get<HostPathVolume>(pod.spec.volumes.at(2).source);
  EXPECT_EQ(path.path, "/srv");
  EXPECT_EQ(path.type, "Directory");
}

TEST(Decode, NET3_HostnameIsCutAndTrimmed) {
  const auto hostname = [](const std::string& name, const std::string& spec) {
    return load_one("apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + "}\nspec: {" + spec +
                    "containers: [{name: a, command: [a]}]}")
        .spec.hostname;
  };
  EXPECT_EQ(hostname("web", ""), "web");
  EXPECT_EQ(hostname("web", "hostname: shop, "), "shop");
  EXPECT_EQ(hostname("web", "hostname: shop, hostnameOverride: a.b, "), "a.b");
  EXPECT_EQ(hostname(std::string(80, 'a'), ""), std::string(63, 'a'));
  EXPECT_EQ(hostname(std::string(62, 'a') + "-b", ""), std::string(62, 'a'));
}

TEST(Decode, QTY6_ResourcesAreBytesAndMillis) {
  const Pod pod = load_one(pod_text("resources: {limits: {memory: 1.5, cpu: 0.0011}}"));
  EXPECT_EQ(pod.spec.containers[0].resources.memory_limit, 2);
  EXPECT_EQ(pod.spec.containers[0].resources.cpu_limit, 2);
}

TEST(Decode, ReadsJson) {
  const Pod pod = load_one(
      "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"web\"},\"spec\":{\n"
      "\t\"containers\":[{\"name\":\"a\",\"command\":[\"\\/bin\\/sh\",\"\\ud83d\\ude00\\u00e4\","
      "\"\\\\ud83d\\n\"]}]}}");
  EXPECT_THAT(pod.spec.containers[0].command,
              ElementsAre("/bin/sh", "\xF0\x9F\x98\x80\xC3\xA4", "\\ud83d\n"));
}

TEST(Decode, FollowsAliasesAndMergeKeys) {
  const Pod pod = load_one(pod_text(R"(readinessProbe: &probe
  tcpSocket: {port: 1}
  periodSeconds: 7
livenessProbe:
  <<: *probe
  periodSeconds: 8
startupProbe: *probe)"));
  const Container& main = pod.spec.containers[0];
  EXPECT_EQ(main.liveness_probe->period, Seconds(8));
  EXPECT_EQ(std::get<TcpSocketAction>(main.liveness_probe->handler).port,
            PortRef(std::uint16_t{1}));
  EXPECT_EQ(main.startup_probe->period, Seconds(7));
}

}  // namespace
}  // namespace podvisor
