#include "daemon/host_check.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>
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

std::vector<Diagnostic> located(const LoadedPod& loaded, std::vector<Problem> problems) {
  std::vector<Diagnostic> diagnostics;
  for (Problem& problem : problems)
    diagnostics.push_back({Diagnostic::Severity::Error, locate(loaded, problem.field),
                           problem.field, std::move(problem.message)});
  return diagnostics;
}

}  // namespace

std::vector<Diagnostic> host_diagnostics(const LoadedPod& loaded, const HostFacts& facts) {
  return located(loaded, preflight(*loaded.pod, facts));
}

std::vector<Diagnostic> awaited_diagnostics(const LoadedPod& loaded) {
  return located(loaded, awaited(*loaded.pod));
}

std::vector<Diagnostic> check_host(const LoadedPod& loaded) {
  static const HostFacts facts = gather_host_facts(cgroups_problem(), network_problem());
  std::vector<Diagnostic> diagnostics = host_diagnostics(loaded, facts);
  std::ranges::move(awaited_diagnostics(loaded), std::back_inserter(diagnostics));
  return diagnostics;
}

}  // namespace podvisor
