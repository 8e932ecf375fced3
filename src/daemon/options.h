// What `podvisor run` and `podvisor serve` can be told. Plain data: cli fills it in, daemon obeys.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "manifest/manifest.h"
#include "podvisor/backoff.h"
#include "podvisor/layout.h"
#include "podvisor/pod.h"
#include "podvisor/ports/images.h"
#include "runtime/logs/log_rotation.h"

namespace podvisor {

struct DaemonOptions {
  std::vector<std::string> manifests;  ///< run: files, directories or "-". serve: one directory
  Layout layout;
  std::string socket;       ///< path of the API's Unix socket; empty: RUNTIME_DIR/podvisor.sock
  std::string listen;       ///< ADDR:PORT for /metrics, /livez and /readyz; empty: none
  std::string agent_check;  ///< ADDR:PORT for HAProxy's agent checks; empty: none
  std::string on_change;    ///< program that is told where traffic goes; empty: none
  std::string bridge = "podvisor0";
  std::string pod_cidr = "10.88.0.0/16";
  NetworkMode network = NetworkMode::Bridge;  ///< for pods that do not say
  bool masquerade = true;
  std::vector<std::string> cluster_dns;          ///< addresses; empty: no cluster's DNS is asked
  std::string cluster_domain = "cluster.local";  ///< of names with a subdomain; may be empty
  bool cgroups = true;  ///< false: --cgroups=none, nothing is limited or measured
  std::string cgroup_parent = "podvisor";
  std::int64_t pod_max_pids = 0;     ///< kubelet's podPidsLimit, here for each container; 0: none
  std::string seccomp_profile_root;  ///< of Localhost profiles; empty: STATE_DIR/seccomp
  BackoffLimits backoff;
  LogRotation log_rotation;
  Duration volume_stats_period = std::chrono::seconds(10);  ///< between looks at sizeLimits (VOL-3)
  Validate validate = Validate::Strict;            ///< what unknown fields of a manifest are
  std::string node_ip;                             ///< empty: the host's first address
  std::map<std::string, std::string> node_labels;  ///< beside those that every node has
  std::string pause_path;                          ///< empty: podvisor-pause beside this program
  std::string door_path;                           ///< empty: podvisor-door beside this program
  /// podvisor-door's, and its group's: a number that nobody is likely to have. 0: podvisor's own.
  std::uint32_t door_user = 64737;
  std::vector<std::string> oci_runtimes = {"crun", "runc"};  ///< tried in this order
  std::vector<std::string> insecure_registries;              ///< besides loopback: without TLS
  int image_gc_high = 85;  ///< percent of the disk; above it unused images go …
  int image_gc_low = 80;   ///< … until this
  /// run: a pull under way as one line for a terminal; empty: there is none to write it on.
  std::function<std::string(const PullProgress&)> pull_line;
};

/// `podvisor run`: until every pod has ended or a signal comes; tells a person what happens.
/// Returns the exit code.
[[nodiscard]] int run(const DaemonOptions& options);
/// `podvisor serve`: follows the directory until a signal comes. Returns the exit code.
[[nodiscard]] int serve(const DaemonOptions& options);

}  // namespace podvisor
