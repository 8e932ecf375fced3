#include "daemon/host_check.h"

#include <unistd.h>

#include <utility>

#include "daemon/options.h"
#include "network/bridge_network.h"
#include "runtime/preflight/preflight.h"

namespace podvisor {
namespace {

/// Opening the tree would make cgroups; whether it could is seen by its directory.
std::optional<std::string> cgroups_problem() {
  for (const char* path : {"/sys/fs/cgroup/memory", "/sys/fs/cgroup"}) {
    if (::access(path, F_OK) != 0) continue;
    if (::access(path, W_OK) == 0) return std::nullopt;
    return std::string(path) + " is not writable: run podvisor as root";
  }
  return "no cgroups are mounted on /sys/fs/cgroup";
}

std::optional<std::string> network_problem() {
  const DaemonOptions defaults;
  Loop loop;
  const auto network = BridgeNetwork::open(
      {.bridge = defaults.bridge, .pod_cidr = defaults.pod_cidr, .masquerade = defaults.masquerade},
      loop);
  return network ? std::nullopt : std::optional(network.error().message);
}

}  // namespace

std::vector<Diagnostic> host_diagnostics(const LoadedPod& loaded, const HostFacts& facts) {
  std::vector<Diagnostic> diagnostics;
  for (Problem& problem : preflight(*loaded.pod, facts))
    diagnostics.push_back({Diagnostic::Severity::Error, locate(loaded, problem.field),
                           problem.field, std::move(problem.message)});
  return diagnostics;
}

std::vector<Diagnostic> check_host(const LoadedPod& loaded) {
  static const HostFacts facts = gather_host_facts(cgroups_problem(), network_problem());
  return host_diagnostics(loaded, facts);
}

}  // namespace podvisor
