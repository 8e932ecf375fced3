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

struct EnvVar {
  std::string name;
  std::string value;  ///< unexpanded; EXP is applied when the container starts
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
};

/// Container-level fields, with the pod's already merged in (SEC-1).
struct SecurityContext {
  std::optional<std::uint32_t> run_as_user;
  std::optional<std::uint32_t> run_as_group;
  std::vector<std::uint32_t> supplemental_groups;
  std::optional<bool> run_as_non_root;
  std::optional<bool> allow_privilege_escalation;
};

struct VolumeMount {
  std::string name;
  std::string mount_path;
  bool read_only = false;
};

enum class ContainerRole : std::uint8_t {
  Init,     ///< an init container that runs to completion
  Sidecar,  ///< an init container with restartPolicy Always (native sidecar)
  Regular,
};

struct Container {
  std::string name;
  ContainerRole role = ContainerRole::Regular;
  std::string image;  ///< empty: a plain process on the host's files
  std::vector<std::string> command;
  std::vector<std::string> args;
  std::string working_dir;
  std::vector<EnvVar> env;
  std::vector<ContainerPort> ports;
  ResourceRequirements resources;
  SecurityContext security_context;
  std::vector<VolumeMount> volume_mounts;
  std::optional<Probe> startup_probe;
  std::optional<Probe> readiness_probe;
  std::optional<Probe> liveness_probe;
  std::optional<RestartPolicy> restart_policy;  ///< overrides the pod's

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

struct Volume {
  std::string name;
  std::variant<EmptyDirVolume, HostPathVolume> source;
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
  std::int64_t pids_limit = 0;                ///< per container; 0: none
  PodPolicy policy;
};

struct ObjectMeta {
  std::string name;
  std::string namespace_ = "default";
  PodUid uid;  ///< empty until admitted
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
};

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
