// What every part of the process runtime works with.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "loop/loop.h"
#include "podvisor/layout.h"
#include "podvisor/ports/config_source.h"
#include "podvisor/ports/event_sink.h"
#include "podvisor/ports/network.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/logs/log_rotation.h"
#include "runtime/logs/log_share.h"
#include "runtime/pod_files/resolv_conf.h"
#include "runtime/pod_files/standing_mount_point.h"
#include "runtime/process_spec.h"
#include "runtime/security/confinement.h"

namespace podvisor {

class Images;
class OciRuntime;

struct RuntimeSettings {
  Layout layout;
  std::string pause_path;                                     ///< the podvisor-pause program
  Duration volume_measure_period = std::chrono::seconds(10);  ///< VOL-3
  ClusterDns cluster_dns;  ///< NET-8; its domain is also that of NET-4
  LogRotation log_rotation = {};
  std::string seccomp_root = {};  ///< of Localhost profiles; empty: STATE/seccomp
  std::string node_ip = {};       ///< DWN-6: the node's address; empty: the host's first
  std::vector<std::string> oci_runtimes = {"crun", "runc"};  ///< in order of preference
};

struct RuntimeContext {
  RuntimeSettings settings;
  Loop& loop;
  EventSink& events;
  const ConfigSource& configs;  ///< ConfigMaps and Secrets
  CgroupTree* cgroups;          ///< nullptr: --cgroups=none
  Network* network;             ///< nullptr: no bridge
  ProcessHost host;
  StandingMountPoint& termination_log;  ///< where most containers have theirs mounted
  LogShare& log_share;                  ///< of all containers' logs together
  /// Pods without a sandbox whose runtime directory is still there: descriptors had run out.
  std::set<PodUid>& untidy;
  SecurityHost security;
  Images* images = nullptr;   ///< nullptr: only plain processes
  OciRuntime* oci = nullptr;  ///< there exactly where `images` are
};

}  // namespace podvisor
