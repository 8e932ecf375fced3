#include "runtime/preflight/preflight.h"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <utility>
#include <variant>

#include "runtime/preflight/container_files.h"
#include "runtime/preflight/security_check.h"

namespace podvisor {
namespace {

class Preflight {
 public:
  Preflight(const Pod& pod, const HostFacts& facts, const Host& host)
      : pod_(pod), spec_(pod.spec), facts_(facts), host_(host) {}

  std::vector<Problem> run() && {
    check_network();
    check_files_of_its_own();
    check_groups();
    report_all(pod_security_problems(spec_, facts_));
    check_volumes();
    std::size_t inits = 0;
    std::size_t regulars = 0;
    for (const Container& container : spec_.containers) {
      const bool regular = container.role == ContainerRole::Regular;
      field_ = regular ? "spec.containers[" + std::to_string(regulars++) + "]"
                       : "spec.initContainers[" + std::to_string(inits++) + "]";
      check_container(container);
    }
    return std::move(problems_);
  }

 private:
  void report(std::string field, std::string message) {
    problems_.push_back({std::move(field), std::move(message)});
  }
  void report_all(std::vector<Problem> problems) {
    std::move(problems.begin(), problems.end(), std::back_inserter(problems_));
  }
  [[nodiscard]] std::string pod_name() const { return "pod " + pod_.metadata.name; }

  void check_network() {
    if (spec_.host_network) return;
    if (!facts_.may_make_namespaces || !facts_.may_make_networks) {
      report("spec.hostNetwork",
             pod_name() + " wants its own network namespace; that needs root (CAP_SYS_ADMIN and " +
                 "CAP_NET_ADMIN): run podvisor as root, or set hostNetwork: true");
    } else if (spec_.network == NetworkMode::Bridge && facts_.bridge_unavailable) {
      report("spec.hostNetwork",
             pod_name() + " cannot have an address: " + *facts_.bridge_unavailable);
    } else if (spec_.network == NetworkMode::Join && !host_.file(spec_.network_path)) {
      report("metadata.annotations[podvisor.io/network]",
             "there is no network namespace at " + spec_.network_path);
    }
  }

  /// On a network of its own the pod needs the privilege anyway.
  void check_files_of_its_own() {
    if (!spec_.host_network || facts_.may_make_namespaces) return;
    const DnsConfig& dns = spec_.dns_config;
    const char* needs = "needs root (CAP_SYS_ADMIN, for a mount namespace): run podvisor as root";
    if (!spec_.host_aliases.empty())
      report("spec.hostAliases", std::string("an /etc/hosts of the pod's own ") + needs +
                                     ", or write the names into the host's");
    if (spec_.dns_policy == DnsPolicy::None || !dns.nameservers.empty() || !dns.searches.empty() ||
        !dns.options.empty())
      report("spec.dnsConfig",
             std::string("an /etc/resolv.conf of the pod's own ") + needs + ", or remove it");
  }

  void check_groups() {
    const bool wanted =
        spec_.fs_group || std::ranges::any_of(spec_.containers, [](const Container& container) {
          return !container.security_context.supplemental_groups.empty();
        });
    if (wanted && !facts_.may_set_ids)
      report(
          "spec.securityContext.supplementalGroups",
          "supplementary groups, fsGroup among them, need root (CAP_SETGID): run podvisor as root, "
          "or remove them");
  }

  void check_volumes() {
    for (std::size_t i = 0; i < spec_.volumes.size(); ++i) {
      const std::string field = "spec.volumes[" + std::to_string(i) + "]";
      const auto* empty_dir = std::get_if<EmptyDirVolume>(&spec_.volumes[i].source);
      if (empty_dir && empty_dir->memory && !facts_.may_make_namespaces)
        report(field + ".emptyDir.medium",
               "a volume in memory needs root (CAP_SYS_ADMIN): run podvisor as root, or remove it");
    }
  }

  void check_container(const Container& container) {
    if (!container.image.empty()) {
      check_image();
    } else {
      check_files(container);
      check_mounts(container);
    }
    check_ids(container.security_context);
    report_all(container_security_problems(container.security_context, facts_, field_));
    check_limits(container.resources);
    if (spec_.host_network) check_ports(container);
  }

  void check_image() {
    if (!facts_.may_make_namespaces)
      return report(field_ + ".image",
                    "a container with an image needs root (CAP_SYS_ADMIN, for namespaces and "
                    "mounts): run podvisor as root");
    if (facts_.images_unavailable)
      report(field_ + ".image", "images cannot be kept here: " + *facts_.images_unavailable);
    if (!has_runtime())
      report(field_ + ".image",
             "a container with an image needs an OCI runtime, and there is no " +
                 names_of_runtimes() +
                 " in PATH; install one (Debian: runc), or name it with --runtime");
  }

  [[nodiscard]] bool has_runtime() const {
    return std::ranges::any_of(facts_.oci_runtimes, [this](const std::string& name) {
      return name.find('/') != std::string::npos ? host_.file(name).has_value()
                                                 : find_in_path(name);
    });
  }

  [[nodiscard]] bool find_in_path(const std::string& name) const {
    std::istringstream directories(facts_.path);
    for (std::string directory; std::getline(directories, directory, ':');)
      if (host_.file(directory + "/" + name)) return true;
    return false;
  }

  [[nodiscard]] std::string names_of_runtimes() const {
    std::string names;
    for (const std::string& name : facts_.oci_runtimes)
      names += (names.empty() ? "" : " and no ") + name;
    return names;
  }

  void check_files(const Container& container) {
    const ContainerFiles files(spec_, container, facts_, host_);
    if (auto problem = files.working_dir_problem())
      report(field_ + ".workingDir", std::move(*problem));
    if (container.command.empty()) {
      report(field_ + ".command", "a container without an image needs a command");
    } else if (auto problem = files.command_problem(container.command[0])) {
      report(field_ + ".command[0]", std::move(*problem));
    }
  }

  void check_mounts(const Container& container) {
    if (container.volume_mounts.empty() || facts_.may_make_namespaces) return;
    report(field_ + ".volumeMounts",
           "volumes need root (CAP_SYS_ADMIN, for a mount namespace): run podvisor as root, or use "
           "the host's own paths");
  }

  void check_ids(const SecurityContext& context) {
    check_id(".runAsUser", context.run_as_user, facts_.uid);
    check_id(".runAsGroup", context.run_as_group, facts_.gid);
  }

  void check_id(const char* name, const std::optional<std::uint32_t>& wanted, std::uint32_t ours) {
    if (!wanted || *wanted == ours || facts_.may_set_ids) return;
    const std::string own = std::to_string(ours);
    report(field_ + ".securityContext" + name,
           std::to_string(*wanted) + " is not podvisor's own (" + own +
               "), and changing it needs root (CAP_SETUID and CAP_SETGID): run podvisor as root, " +
               "or set " + own);
  }

  void check_limits(const ResourceRequirements& resources) {
    if (!facts_.cgroups_unavailable || (!resources.memory_limit && !resources.cpu_limit)) return;
    report(field_ + ".resources.limits",
           "limits need cgroups, and there are none to use: " + *facts_.cgroups_unavailable +
               "; remove the limits, or start with --cgroups=none to run without them");
  }

  void check_ports(const Container& container) {
    for (std::size_t i = 0; i < container.ports.size(); ++i) {
      const ContainerPort& port = container.ports[i];
      if (facts_.own_ports.contains(port.container_port)) continue;
      const auto holder = host_.port_holder(port.protocol, port.host_ip, port.container_port);
      if (!holder) continue;
      report(field_ + ".ports[" + std::to_string(i) + "].containerPort",
             pod_name() + " is on the host's network, where " + port.protocol + " port " +
                 std::to_string(port.container_port) + " is taken (" + *holder +
                 "); stop what listens there, or choose another port");
    }
  }

  const Pod& pod_;
  const PodSpec& spec_;
  const HostFacts& facts_;
  const Host& host_;
  std::string field_;  ///< of the container at hand
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> preflight(const Pod& pod, const HostFacts& facts, const Host& host) {
  return Preflight(pod, facts, host).run();
}

std::vector<Problem> awaited(const Pod& pod, const Host& host) {
  std::vector<Problem> problems;
  for (std::size_t i = 0; i < pod.spec.volumes.size(); ++i) {
    const auto* volume = std::get_if<HostPathVolume>(&pod.spec.volumes[i].source);
    if (volume == nullptr || !volume->type.empty() || host.file(volume->path)) continue;
    problems.push_back(
        {"spec.volumes[" + std::to_string(i) + "].hostPath.path",
         volume->path + " does not exist on this host; make it, or set type: DirectoryOrCreate"});
  }
  return problems;
}

}  // namespace podvisor
