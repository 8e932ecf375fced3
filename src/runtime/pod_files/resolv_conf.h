// A pod's /etc/resolv.conf (NET-8, NET-9). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "podvisor/pod.h"
#include "podvisor/pod_state.h"

namespace podvisor {

struct ResolvConf {
  std::vector<std::string> nameservers;
  std::vector<std::string> searches;
  std::vector<DnsOption> options;
};

/// What podvisor was told about a cluster's DNS, where there is one to be asked.
struct ClusterDns {
  std::vector<std::string> servers;      ///< empty: there is none
  std::string domain = "cluster.local";  ///< may be empty
};

/// The host's file as a resolver reads it: the last search or domain line counts, what is not
/// understood is passed over.
[[nodiscard]] ResolvConf parse_resolv_conf(std::string_view text);
[[nodiscard]] std::string to_text(const ResolvConf& conf);

/// Has name servers, and each is an address of the loopback: out of reach from a network of the
/// pod's own.
[[nodiscard]] bool only_loopback(const ResolvConf& conf);

struct PodResolver {
  std::optional<ResolvConf> conf;  ///< unset: it is the host's file as it is
  std::vector<pod_event::Noted> notes;
};
/// `host` is what the pod would inherit.
[[nodiscard]] PodResolver pod_resolver(const Pod& pod, const ClusterDns& cluster,
                                       const ResolvConf& host);

}  // namespace podvisor
