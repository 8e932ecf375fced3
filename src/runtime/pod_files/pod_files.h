// The files that a pod has in place of the host's: /etc/hosts and /etc/resolv.conf (NET-5 … NET-9).
// Written once for each sandbox, when its address is known; every container gets them mounted.
#pragma once

#include <string>
#include <vector>

#include "podvisor/pod.h"
#include "podvisor/pod_state.h"
#include "podvisor/result.h"
#include "runtime/pod_files/resolv_conf.h"

namespace podvisor {

/// Paths; empty: the host's own file does.
struct PodFiles {
  std::string hosts;
  std::string resolv_conf;
  std::string hostname;                 ///< only of files_without_host()
  std::vector<pod_event::Noted> notes;  ///< what the pod's events should say about them
};

/// Where the host has its own.
struct HostFiles {
  std::string hosts = "/etc/hosts";
  std::string resolv_conf = "/etc/resolv.conf";
  /// The name servers behind a local cache whose address no other network reaches.
  std::string upstream_resolv_conf = "/run/systemd/resolve/resolv.conf";
};

/// Writes what the pod needs into `directory`, which exists and is private. On the host's network
/// that is nothing, unless the manifest asks for more than the host has. `pod_ip` may be empty.
/// Blocking, but short. The error says which file.
[[nodiscard]] Result<PodFiles> make_pod_files(const Pod& pod, const std::string& pod_ip,
                                              const ClusterDns& cluster,
                                              const std::string& directory,
                                              const HostFiles& host = {});

/// The same for containers that see none of the host's files: what `files` leaves to the host is
/// copied into `directory`. `hostname` is for /etc/hostname.
[[nodiscard]] Result<PodFiles> files_without_host(const PodFiles& files,
                                                  const std::string& hostname,
                                                  const std::string& directory,
                                                  const HostFiles& host = {});

}  // namespace podvisor
