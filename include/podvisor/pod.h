// The Pod manifest, typed: plain structs, defaults applied (kubernetes-semantics DEF), every value
// valid (VAL). src/manifest makes it; everybody else reads it. Words are Kubernetes' own.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "podvisor/backoff.h"
#include "podvisor/door_policy.h"
#include "podvisor/rollout_policy.h"

namespace podvisor {

using PodUid = std::string;
using Seconds = std::chrono::seconds;
/// A port number, or the name of one of the same container's ports (HTTP-3).
using PortRef = std::variant<std::uint16_t, std::string>;

struct HttpHeader {
  std::string name;
  std::string value;
};

struct HttpGetAction {
  std::string path = "/";
  PortRef port;
  std::string host;  ///< empty: the pod's address
  std::string scheme = "HTTP";
  std::vector<HttpHeader> http_headers;
};

struct TcpSocketAction {
  PortRef port;
  std::string host;  ///< empty: the pod's address
};

struct ExecAction {
  std::vector<std::string> command;  ///< argv, never a shell line
};

struct GrpcAction {
  std::uint16_t port = 0;
  std::string service;
};

struct Probe {
  std::variant<HttpGetAction, TcpSocketAction, ExecAction, GrpcAction> handler;
  Seconds initial_delay{0};
  Seconds period{10};
  Seconds timeout{1};
  int success_threshold = 1;
  int failure_threshold = 3;
  std::optional<Seconds> termination_grace_period;  ///< unset: the pod's (TRM-6)
};

enum class ProbeKind : std::uint8_t { Startup, Readiness, Liveness };
inline constexpr std::size_t kProbeKinds = 3;

enum class RestartPolicy : std::uint8_t { Always, OnFailure, Never };

/// metadata.* , spec.* or status.* of the container's own pod (DWN).
struct ObjectFieldSelector {
  std::string field_path;
};

/// A container's request or limit as a number (DWN-4, DWN-5).
struct ResourceFieldSelector {
  std::string container_name;  ///< empty: the container itself
  std::string resource;        ///< "limits.cpu"
  std::string divisor;         ///< a quantity; empty: 1
};

enum class ConfigKind : std::uint8_t { ConfigMap, Secret };

/// One key of a ConfigMap or Secret of the pod's namespace (ENV-6).
struct ConfigKeySelector {
  ConfigKind kind = ConfigKind::ConfigMap;
  std::string name;
  std::string key;
  bool optional = false;
};

struct EnvVar {
  std::string name;
  std::string value;  ///< unexpanded; EXP is applied when the container starts
  /// monostate: `value` it is. Values from elsewhere are never expanded (ENV-5).
  std::variant<std::monostate, ObjectFieldSelector, ResourceFieldSelector, ConfigKeySelector>
      value_from;
};

/// Every key of a ConfigMap or Secret as a variable (ENV-2).
struct EnvFromSource {
  std::string prefix;
  ConfigKind kind = ConfigKind::ConfigMap;
  std::string name;
  bool optional = false;
};

struct ContainerPort {
  std::string name;
  std::uint16_t container_port = 0;
  std::uint16_t host_port = 0;  ///< 0: not published
  std::string host_ip;
  std::string protocol = "TCP";
};

/// Quantities as the kernel wants them; unset means no limit or no request.
struct ResourceRequirements {
  std::optional<std::int64_t> memory_limit;  ///< bytes
  std::optional<std::int64_t> memory_request;
  std::optional<std::int64_t> cpu_limit;  ///< thousandths of a CPU
  std::optional<std::int64_t> cpu_request;
  std::optional<std::int64_t> ephemeral_storage_limit;  ///< bytes; told (DWN-4), not enforced
  std::optional<std::int64_t> ephemeral_storage_request;
};

struct Capabilities {
  std::vector<std::string> add;   ///< "NET_ADMIN", without CAP_, or "ALL" (SEC-8)
  std::vector<std::string> drop;  ///< likewise
};

/// A seccomp or AppArmor profile (SEC-6).
struct SecurityProfile {
  enum class Type : std::uint8_t { Unconfined, RuntimeDefault, Localhost };
  Type type = Type::Unconfined;
  std::string localhost_profile;  ///< Localhost: relative path (seccomp) or name (AppArmor)
};

/// Container-level fields, with the pod's already merged in (SEC-1).
struct SecurityContext {
  std::optional<std::uint32_t> run_as_user;
  std::optional<std::uint32_t> run_as_group;
  std::vector<std::uint32_t> supplemental_groups;  ///< without fsGroup (SEC-4)
  bool strict_supplemental_groups = false;         ///< supplementalGroupsPolicy: Strict
  std::optional<bool> run_as_non_root;
  std::optional<bool> allow_privilege_escalation;
  bool privileged = false;
  std::optional<Capabilities> capabilities;  ///< unset: neither added nor dropped
  bool read_only_root_filesystem = false;
  std::optional<SecurityProfile> seccomp;  ///< unset: Unconfined
  std::optional<SecurityProfile> app_armor;
};

enum class MountPropagation : std::uint8_t { None, HostToContainer, Bidirectional };

struct VolumeMount {
  std::string name;
  std::string mount_path;
  bool read_only = false;
  bool recursive_read_only = false;  ///< read_only, also for what is mounted below
  std::string sub_path;              ///< relative, without ".." (VOL-10)
  std::string sub_path_expr;         ///< the same with $(VAR) (VOL-9); excludes sub_path
  MountPropagation mount_propagation = MountPropagation::None;  ///< VOL-13
};

struct SleepAction {
  Seconds duration{0};
};

/// A lifecycle hook (HOK). tcpSocket is accepted and always fails (VAL-20).
using HookAction = std::variant<ExecAction, HttpGetAction, TcpSocketAction, SleepAction>;

struct Lifecycle {
  std::optional<HookAction> post_start;
  std::optional<HookAction> pre_stop;
  int stop_signal = 0;  ///< 0: SIGTERM, or what the image says
};

/// RAC-1. Rules are tried in order, the first that matches decides.
struct RestartRule {
  enum class Action : std::uint8_t { Restart, RestartAllContainers };
  Action action = Action::Restart;
  bool not_in = false;  ///< operator NotIn
  std::vector<int> exit_codes;
};

enum class PullPolicy : std::uint8_t { IfNotPresent, Always, Never };

enum class ContainerRole : std::uint8_t {
  Init,     ///< an init container that runs to completion
  Sidecar,  ///< an init container with restartPolicy Always (native sidecar)
  Regular,
};

struct Container {
  std::string name;
  ContainerRole role = ContainerRole::Regular;
  std::string image;  ///< empty: a plain process on the host's files
  PullPolicy image_pull_policy = PullPolicy::IfNotPresent;  ///< DEF-4 applied
  std::vector<std::string> command;
  std::vector<std::string> args;
  std::string working_dir;
  std::vector<EnvFromSource> env_from;
  std::vector<EnvVar> env;
  std::vector<ContainerPort> ports;
  ResourceRequirements resources;
  SecurityContext security_context;
  std::vector<VolumeMount> volume_mounts;
  std::optional<Probe> startup_probe;
  std::optional<Probe> readiness_probe;
  std::optional<Probe> liveness_probe;
  std::optional<RestartPolicy> restart_policy;  ///< overrides the pod's
  std::vector<RestartRule> restart_rules;       ///< restartPolicyRules (RAC)
  Lifecycle lifecycle;
  std::string termination_message_path = "/dev/termination-log";
  bool termination_message_from_logs = false;  ///< FallbackToLogsOnError (MSG-3)
  bool stdin = false;
  bool stdin_once = false;
  bool tty = false;

  [[nodiscard]] const std::optional<Probe>& probe(ProbeKind kind) const {
    switch (kind) {
      case ProbeKind::Startup:
        return startup_probe;
      case ProbeKind::Readiness:
        return readiness_probe;
      case ProbeKind::Liveness:
        break;
    }
    return liveness_probe;
  }
};

struct EmptyDirVolume {
  bool memory = false;  ///< medium: Memory
  std::optional<std::int64_t> size_limit;
};

struct HostPathVolume {
  std::string path;
  std::string type;
};

/// Of a ConfigMap or Secret: the key that becomes the file `path` (VOL-7).
struct KeyToPath {
  std::string key;
  std::string path;
  std::optional<int> mode;  ///< unset: the volume's default
};

/// Of a downward API volume: the file `path` with a fact about the pod.
struct DownwardApiFile {
  std::string path;
  std::optional<int> mode;
  std::variant<ObjectFieldSelector, ResourceFieldSelector> source;
};

/// Keys of a ConfigMap or Secret of the pod's namespace as files.
struct ConfigFiles {
  ConfigKind kind = ConfigKind::ConfigMap;
  std::string name;
  std::vector<KeyToPath> items;  ///< empty: every key, under its own name
  bool optional = false;
};

struct DownwardApiFiles {
  std::vector<DownwardApiFile> items;
};

/// configMap, secret, downwardAPI and projected volumes: read-only files that podvisor writes, from
/// one source or, projected, from several, of which later ones win (VOL-5 … VOL-8).
struct ProjectedVolume {
  std::vector<std::variant<ConfigFiles, DownwardApiFiles>> sources;
  int default_mode = 0644;
  bool secret = false;  ///< some of it is a Secret's: kept in memory (VOL-5)
};

struct Volume {
  std::string name;
  std::variant<EmptyDirVolume, HostPathVolume, ProjectedVolume> source;
};

/// podvisor.io/restart-scope (DIF-2.1): whose failures restart the whole pod.
enum class RestartScope : std::uint8_t { Sidecars, All, Container };
/// podvisor.io/network, or the daemon's default: how the pod reaches others.
enum class NetworkMode : std::uint8_t { Bridge, None, Host, Join };

/// What podvisor.io/* annotations and podvisor's own settings say about a pod.
struct PodPolicy {
  std::size_t main_container = 0;  ///< index into PodSpec::containers
  RestartScope restart_scope = RestartScope::Sidecars;
  std::set<std::string> noncritical;
  int http_success_min = 200;  ///< readiness over HTTP (DIF-1)
  int http_success_max = 200;
  BackoffLimits backoff;  ///< BKO-8; the daemon's, not the manifest's
  /// podvisor.io/fast-ready: until its first success a readiness or startup probe is tried after
  /// 20 ms, then twice that, and so on up to the period.
  bool fast_ready = false;
  DoorPolicy door;
  RolloutPolicy rollout;
};

struct HostAlias {
  std::string ip;
  std::vector<std::string> hostnames;
};

enum class DnsPolicy : std::uint8_t { ClusterFirst, ClusterFirstWithHostNet, Default, None };

/// An option of resolv.conf; without a value it stands alone.
struct DnsOption {
  std::string name;
  std::optional<std::string> value;
};

struct DnsConfig {
  std::vector<std::string> nameservers;
  std::vector<std::string> searches;
  std::vector<DnsOption> options;
};

struct Sysctl {
  std::string name;  ///< with dots: "net.ipv4.ip_unprivileged_port_start"
  std::string value;
};

struct PodSpec {
  /// Init containers and native sidecars first, in their order, then the regular ones in theirs:
  /// the order in which they start. Everywhere in podvisor a container is named by its index here.
  std::vector<Container> containers;
  std::vector<Volume> volumes;
  RestartPolicy restart_policy = RestartPolicy::Always;
  Seconds termination_grace_period{30};
  std::optional<Seconds> active_deadline;
  bool host_network = false;
  NetworkMode network = NetworkMode::Bridge;  ///< Host exactly when host_network
  std::string network_path;                   ///< Join: path of the network namespace
  std::string hostname;                       ///< NET-3 applied, never empty
  std::string subdomain;                      ///< NET-4
  bool hostname_as_fqdn = false;              ///< setHostnameAsFQDN
  std::vector<HostAlias> host_aliases;        ///< NET-6
  DnsPolicy dns_policy = DnsPolicy::ClusterFirst;
  DnsConfig dns_config;
  bool host_pid = false;
  bool host_ipc = false;
  bool share_process_namespace = false;
  std::optional<std::uint32_t> fs_group;  ///< VOL-12
  std::vector<Sysctl> sysctls;            ///< safe ones, of the pod's namespaces
  std::map<std::string, std::string> node_selector;
  std::string node_name;                     ///< empty: any
  std::vector<std::string> readiness_gates;  ///< condition types (CND-6, CND-8)
  std::vector<std::string> image_pull_secrets;
  std::string service_account_name;  ///< only to be shown (DWN)
  std::int64_t pids_limit = 0;       ///< per container; 0: none
  PodPolicy policy;
};

/// Who made an object and answers for it: the controller among metadata.ownerReferences.
struct Owner {
  std::string kind;  ///< "Deployment"
  std::string name;
  std::string uid;
  friend bool operator==(const Owner&, const Owner&) = default;
};

struct ObjectMeta {
  std::string name;
  std::string namespace_ = "default";
  PodUid uid;  ///< empty until admitted
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  std::optional<Owner> owner;
};

/// "default/web"
[[nodiscard]] inline std::string full_name(const ObjectMeta& meta) {
  return meta.namespace_ + "/" + meta.name;
}

struct Pod {
  ObjectMeta metadata;
  PodSpec spec;
  /// The manifest as accepted, with its defaults, as JSON text {apiVersion, kind, metadata, spec}:
  /// what the API shows, including fields that podvisor keeps but does not act on.
  std::string document;
};

[[nodiscard]] const char* to_string(ProbeKind kind);  ///< "Liveness", as EVT-21 and MET-1 spell it
[[nodiscard]] const char* to_string(RestartPolicy policy);

}  // namespace podvisor
