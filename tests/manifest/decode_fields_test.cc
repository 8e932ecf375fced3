// What the fields of issue after issue become in the typed model: env, volumes, hooks, security.
#include <csignal>

#include "loading.h"

namespace podvisor {
namespace {

using testing::ElementsAre;
using testing::Pair;

const Container& main_of(const Pod& pod) { return pod.spec.containers.at(0); }

TEST(DecodeFields, ENV6_ValuesComeFromFieldsResourcesAndKeys) {
  const Pod pod = load_one(pod_text(R"(env:
- {name: A, value: a}
- {name: B, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
- {name: C, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
- {name: D, valueFrom: {resourceFieldRef: {containerName: main, resource: limits.cpu}}}
- {name: E, valueFrom: {configMapKeyRef: {name: settings, key: mode, optional: true}}}
- {name: F, valueFrom: {secretKeyRef: {name: login, key: password}}})"));
  const auto& env = main_of(pod).env;
  EXPECT_TRUE(std::holds_alternative<std::monostate>(env.at(0).value_from));
  EXPECT_EQ(std::get<ObjectFieldSelector>(env.at(1).value_from).field_path,
            "metadata.labels['app']");
  const auto& memory = std::get<ResourceFieldSelector>(env.at(2).value_from);
  EXPECT_EQ(memory.container_name, "");
  EXPECT_EQ(memory.resource, "limits.memory");
  EXPECT_EQ(memory.divisor, "1Mi");
  EXPECT_EQ(std::get<ResourceFieldSelector>(env.at(3).value_from).container_name, "main");
  EXPECT_EQ(std::get<ResourceFieldSelector>(env.at(3).value_from).divisor, "");
  const auto& key = std::get<ConfigKeySelector>(env.at(4).value_from);
  EXPECT_EQ(key.kind, ConfigKind::ConfigMap);
  EXPECT_EQ(key.name, "settings");
  EXPECT_EQ(key.key, "mode");
  EXPECT_TRUE(key.optional);
  const auto& secret = std::get<ConfigKeySelector>(env.at(5).value_from);
  EXPECT_EQ(secret.kind, ConfigKind::Secret);
  EXPECT_FALSE(secret.optional);
}

TEST(DecodeFields, ENV2_EnvFromKeepsOrderPrefixAndOptional) {
  const Pod pod = load_one(pod_text(
      "envFrom: [{configMapRef: {name: a}}, {prefix: B_, secretRef: {name: b, optional: true}}]"));
  const auto& sources = main_of(pod).env_from;
  ASSERT_EQ(sources.size(), 2U);
  EXPECT_EQ(sources[0].kind, ConfigKind::ConfigMap);
  EXPECT_EQ(sources[0].name, "a");
  EXPECT_FALSE(sources[0].optional);
  EXPECT_EQ(sources[1].prefix, "B_");
  EXPECT_EQ(sources[1].kind, ConfigKind::Secret);
  EXPECT_TRUE(sources[1].optional);
}

const ProjectedVolume& projected(const Pod& pod) {
  return std::get<ProjectedVolume>(pod.spec.volumes.at(0).source);
}

TEST(DecodeFields, VOL7_AConfigMapVolumeIsOneSource) {
  const Pod pod = load_one(pod_text("", R"(volumes:
- name: a
  configMap: {name: b, items: [{key: c, path: d/e, mode: 0400}, {key: f, path: g}], optional: true})"));
  const ProjectedVolume& volume = projected(pod);
  EXPECT_EQ(volume.default_mode, 0644);
  EXPECT_FALSE(volume.secret);
  ASSERT_EQ(volume.sources.size(), 1U);
  const auto& files = std::get<ConfigFiles>(volume.sources[0]);
  EXPECT_EQ(files.kind, ConfigKind::ConfigMap);
  EXPECT_EQ(files.name, "b");
  EXPECT_TRUE(files.optional);
  ASSERT_EQ(files.items.size(), 2U);
  EXPECT_EQ(files.items[0].key, "c");
  EXPECT_EQ(files.items[0].path, "d/e");
  EXPECT_EQ(files.items[0].mode, 0400);
  EXPECT_EQ(files.items[1].mode, std::nullopt);
}

TEST(DecodeFields, VOL7_ModesAreOctalInYamlAndDecimalInJson) {
  const auto mode = [](const std::string& source) {
    return projected(load_one(pod_text("", "volumes: [{name: a, " + source + "}]"))).default_mode;
  };
  EXPECT_EQ(mode("secret: {secretName: b, defaultMode: 0400}"), 0400);
  EXPECT_EQ(mode("secret: {\"secretName\": \"b\", \"defaultMode\": 256}"), 0400);
  EXPECT_EQ(mode("secret: {secretName: b, defaultMode: 0}"), 0);
  EXPECT_EQ(mode("downwardAPI: {defaultMode: 0o600}"), 0600);
  EXPECT_EQ(mode("projected: {defaultMode: 0o600}"), 0600);
  EXPECT_EQ(mode("projected: {}"), 0644);
}

TEST(DecodeFields, VOL8_ProjectedSourcesKeepTheirOrder) {
  const Pod pod = load_one(pod_text("", R"(volumes:
- name: a
  projected:
    sources:
    - secret: {name: b}
    - downwardAPI:
        items:
        - {path: labels, fieldRef: {fieldPath: metadata.labels}}
        - {path: cpu, mode: 0440, resourceFieldRef: {containerName: main, resource: limits.cpu}}
    - configMap: {name: c})"));
  const ProjectedVolume& volume = projected(pod);
  EXPECT_TRUE(volume.secret);
  ASSERT_EQ(volume.sources.size(), 3U);
  EXPECT_EQ(std::get<ConfigFiles>(volume.sources[0]).kind, ConfigKind::Secret);
  EXPECT_EQ(std::get<ConfigFiles>(volume.sources[0]).name, "b");
  const auto& facts = std::get<DownwardApiFiles>(volume.sources[1]).items;
  EXPECT_EQ(facts.at(0).path, "labels");
  EXPECT_EQ(std::get<ObjectFieldSelector>(facts.at(0).source).field_path, "metadata.labels");
  EXPECT_EQ(facts.at(1).mode, 0440);
  EXPECT_EQ(std::get<ResourceFieldSelector>(facts.at(1).source).resource, "limits.cpu");
  EXPECT_EQ(std::get<ConfigFiles>(volume.sources[2]).name, "c");
}

TEST(DecodeFields, VOL5_SecretVolumesStayInMemory) {
  const Pod pod = load_one(pod_text("", "volumes: [{name: a, secret: {secretName: b}}]"));
  EXPECT_TRUE(projected(pod).secret);
  EXPECT_EQ(std::get<ConfigFiles>(projected(pod).sources.at(0)).name, "b");
}

TEST(DecodeFields, VOL13_Mounts) {
  const Pod pod = load_one(pod_text(R"(securityContext: {privileged: true}
volumeMounts:
- {name: a, mountPath: /a, subPath: b, readOnly: true, recursiveReadOnly: IfPossible}
- {name: a, mountPath: /b, subPathExpr: $(POD), mountPropagation: HostToContainer}
- {name: a, mountPath: /c, mountPropagation: Bidirectional})",
                                    "volumes: [{name: a}]"));
  const auto& mounts = main_of(pod).volume_mounts;
  EXPECT_EQ(mounts.at(0).sub_path, "b");
  EXPECT_TRUE(mounts.at(0).recursive_read_only);
  EXPECT_EQ(mounts.at(0).mount_propagation, MountPropagation::None);
  EXPECT_EQ(mounts.at(1).sub_path_expr, "$(POD)");
  EXPECT_FALSE(mounts.at(1).recursive_read_only);
  EXPECT_EQ(mounts.at(1).mount_propagation, MountPropagation::HostToContainer);
  EXPECT_EQ(mounts.at(2).mount_propagation, MountPropagation::Bidirectional);
}

TEST(DecodeFields, HOK5_Hooks) {
  const auto lifecycle = [](const std::string& fields) {
    return main_of(load_one(pod_text("lifecycle: {" + fields + "}"))).lifecycle;
  };
  const Lifecycle both = lifecycle(
      "postStart: {exec: {command: [a, b]}}, preStop: {httpGet: {port: admin, path: /stop}}");
  EXPECT_THAT(std::get<ExecAction>(*both.post_start).command, ElementsAre("a", "b"));
  EXPECT_EQ(std::get<HttpGetAction>(*both.pre_stop).path, "/stop");
  EXPECT_EQ(std::get<HttpGetAction>(*both.pre_stop).port, PortRef("admin"));
  EXPECT_EQ(both.stop_signal, 0);
  EXPECT_EQ(std::get<SleepAction>(*lifecycle("preStop: {sleep: {seconds: 7}}").pre_stop).duration,
            Seconds(7));
  EXPECT_EQ(std::get<TcpSocketAction>(*lifecycle("preStop: {tcpSocket: {port: 9}}").pre_stop).port,
            PortRef(std::uint16_t{9}));
  EXPECT_EQ(lifecycle("stopSignal: SIGUSR1").stop_signal, SIGUSR1);
  EXPECT_EQ(lifecycle("stopSignal: SIGRTMIN+3").stop_signal, SIGRTMIN + 3);
  EXPECT_EQ(lifecycle("stopSignal: SIGRTMAX-1").stop_signal, SIGRTMAX - 1);
  EXPECT_FALSE(lifecycle("").post_start.has_value());
}

TEST(DecodeFields, RAC1_RestartRules) {
  const Pod pod = load_one(pod_text(R"(restartPolicy: Never
restartPolicyRules:
- {action: Restart, exitCodes: {operator: In, values: [1, 42]}}
- {action: RestartAllContainers, exitCodes: {operator: NotIn, values: []}})"));
  const auto& rules = main_of(pod).restart_rules;
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].action, RestartRule::Action::Restart);
  EXPECT_FALSE(rules[0].not_in);
  EXPECT_THAT(rules[0].exit_codes, ElementsAre(1, 42));
  EXPECT_EQ(rules[1].action, RestartRule::Action::RestartAllContainers);
  EXPECT_TRUE(rules[1].not_in);
}

TEST(DecodeFields, SEC1_ProfilesOverrideThePods) {
  const Pod pod = load_one(
      pod_text("securityContext: {seccompProfile: {type: Localhost, localhostProfile: a.json}}",
               "securityContext:\n  seccompProfile: {type: RuntimeDefault}\n  appArmorProfile: "
               "{type: Unconfined}") +
      "    - {name: other, command: [a]}\n");
  const SecurityContext& own = main_of(pod).security_context;
  EXPECT_EQ(own.seccomp->type, SecurityProfile::Type::Localhost);
  EXPECT_EQ(own.seccomp->localhost_profile, "a.json");
  EXPECT_EQ(own.app_armor->type, SecurityProfile::Type::Unconfined);
  EXPECT_EQ(pod.spec.containers[1].security_context.seccomp->type,
            SecurityProfile::Type::RuntimeDefault);
}

TEST(DecodeFields, SEC8_CapabilitiesLoseTheirPrefix) {
  const Pod pod = load_one(
      pod_text("securityContext: {capabilities: {add: [CAP_NET_ADMIN, sys_time], drop: [all]}}"));
  const auto& capabilities = main_of(pod).security_context.capabilities;
  EXPECT_THAT(capabilities->add, ElementsAre("NET_ADMIN", "SYS_TIME"));
  EXPECT_THAT(capabilities->drop, ElementsAre("ALL"));
  EXPECT_EQ(main_of(load_one(pod_text())).security_context.capabilities, std::nullopt);
}

TEST(DecodeFields, SEC4_SecurityOfTheWholePod) {
  const Pod pod = load_one(
      pod_text("securityContext: {readOnlyRootFilesystem: true, privileged: false}",
               "securityContext:\n  fsGroup: 7\n  fsGroupChangePolicy: OnRootMismatch\n  "
               "supplementalGroupsPolicy: Strict\n  sysctls: [{name: net/ipv4/tcp_rmem, value: "
               "4096 8192 16384}]"));
  EXPECT_EQ(pod.spec.fs_group, 7U);
  ASSERT_EQ(pod.spec.sysctls.size(), 1U);
  EXPECT_EQ(pod.spec.sysctls[0].name, "net.ipv4.tcp_rmem");
  EXPECT_EQ(pod.spec.sysctls[0].value, "4096 8192 16384");
  EXPECT_TRUE(main_of(pod).security_context.strict_supplemental_groups);
  EXPECT_TRUE(main_of(pod).security_context.read_only_root_filesystem);
  EXPECT_FALSE(main_of(pod).security_context.privileged);
}

TEST(DecodeFields, NET_NamesAndNamespaces) {
  const PodSpec spec = load_one(pod_text("", R"(hostPID: true
hostIPC: true
subdomain: shop
setHostnameAsFQDN: true
hostAliases: [{ip: 10.0.0.1, hostnames: [a, b]}]
dnsPolicy: None
dnsConfig:
  nameservers: [1.1.1.1]
  searches: [example.com]
  options: [{name: ndots, value: "2"}, {name: edns0}]
nodeName: here
nodeSelector: {disk: ssd}
readinessGates: [{conditionType: a/b}]
imagePullSecrets: [{name: registry}])"))
                           .spec;
  EXPECT_TRUE(spec.host_pid);
  EXPECT_TRUE(spec.host_ipc);
  EXPECT_FALSE(spec.share_process_namespace);
  EXPECT_EQ(spec.subdomain, "shop");
  EXPECT_TRUE(spec.hostname_as_fqdn);
  EXPECT_EQ(spec.host_aliases.at(0).ip, "10.0.0.1");
  EXPECT_THAT(spec.host_aliases.at(0).hostnames, ElementsAre("a", "b"));
  EXPECT_EQ(spec.dns_policy, DnsPolicy::None);
  EXPECT_THAT(spec.dns_config.nameservers, ElementsAre("1.1.1.1"));
  EXPECT_THAT(spec.dns_config.searches, ElementsAre("example.com"));
  EXPECT_EQ(spec.dns_config.options.at(0).value, "2");
  EXPECT_EQ(spec.dns_config.options.at(1).value, std::nullopt);
  EXPECT_EQ(spec.node_name, "here");
  EXPECT_THAT(spec.node_selector, ElementsAre(Pair("disk", "ssd")));
  EXPECT_THAT(spec.readiness_gates, ElementsAre("a/b"));
  EXPECT_THAT(spec.image_pull_secrets, ElementsAre("registry"));
  EXPECT_TRUE(load_one(pod_text("", "shareProcessNamespace: true")).spec.share_process_namespace);
}

TEST(DecodeFields, DEF4_PullPolicyAndTerminationMessage) {
  const Container plain = main_of(load_one(pod_text("image: app")));
  EXPECT_EQ(plain.image_pull_policy, PullPolicy::Always);
  EXPECT_EQ(plain.termination_message_path, "/dev/termination-log");
  EXPECT_FALSE(plain.termination_message_from_logs);
  const Container other = main_of(
      load_one(pod_text("image: app:1\nterminationMessagePath: /tmp/end\nterminationMessagePolicy: "
                        "FallbackToLogsOnError\nstdin: true\nstdinOnce: true")));
  EXPECT_EQ(other.image_pull_policy, PullPolicy::IfNotPresent);
  EXPECT_EQ(other.termination_message_path, "/tmp/end");
  EXPECT_TRUE(other.termination_message_from_logs);
  EXPECT_TRUE(other.stdin && other.stdin_once);
}

TEST(DecodeFields, GRP1_GrpcProbes) {
  const Pod pod = load_one(pod_text("readinessProbe: {grpc: {port: 9000, service: shop}}"));
  const auto& grpc = std::get<GrpcAction>(main_of(pod).readiness_probe->handler);
  EXPECT_EQ(grpc.port, 9000);
  EXPECT_EQ(grpc.service, "shop");
}

}  // namespace
}  // namespace podvisor
