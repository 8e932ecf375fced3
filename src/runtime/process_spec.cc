#include "runtime/process_spec.h"

#include <unistd.h>

#include <algorithm>
#include <limits>
#include <string_view>

#include "podvisor/pod_status.h"
#include "runtime/node.h"
#include "runtime/preflight/preflight.h"

namespace podvisor {
namespace {

/// What uname(2) says to it.
std::string hostname_of(const Pod& pod, const ProcessHost& host, const PodFacts& facts) {
  if (pod.spec.network == NetworkMode::Host) return host.node.name;
  return facts.hostname.empty() ? pod.spec.hostname : facts.hostname;
}

/// ENV-9, and what a login would set. The manifest's own come first.
void add_defaults(Environment& environment, const std::string& hostname,
                  const std::optional<UserRecord>& user) {
  environment.try_emplace("HOSTNAME", hostname);
  environment.try_emplace("PATH", kDefaultPath);
  if (user && !user->home.empty()) environment.try_emplace("HOME", user->home);
}

/// ENV-11: with the complete environment.
std::vector<std::string> expanded_argv(const Container& container, const Environment& environment) {
  std::vector<std::string> argv;
  for (const auto* words : {&container.command, &container.args})
    for (const std::string& word : *words) argv.push_back(expand_with(environment, word));
  return argv;
}

std::string where(const Pod& pod, const Container& container) {
  return "(pod: \"" + pod.metadata.name + "_" + pod.metadata.namespace_ + "(" + pod.metadata.uid +
         ")\", container: " + container.name + ")";
}

/// SEC-3.
Status check_non_root(const Pod& pod, const Container& container, uid_t uid) {
  const SecurityContext& context = container.security_context;
  if (!context.run_as_non_root.value_or(false) || uid != 0) return {};
  if (context.run_as_user)
    return make_error("container's runAsUser breaks non-root policy " + where(pod, container));
  return make_error("container has runAsNonRoot and would run as root " + where(pod, container) +
                    "; set runAsUser");
}

/// SEC-4.
std::vector<gid_t> supplementary_groups(const SecurityContext& context,
                                        std::optional<gid_t> fs_group,
                                        const std::optional<UserRecord>& user) {
  std::vector<gid_t> groups(context.supplemental_groups.begin(), context.supplemental_groups.end());
  if (fs_group) groups.push_back(*fs_group);
  if (user && !context.strict_supplemental_groups)
    groups.insert(groups.end(), user->groups.begin(), user->groups.end());
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  return groups;
}

/// SEC-2. Without root only what the manifest asks for is tried, and the kernel will say no.
void set_identity(ProcessSpec& spec, const SecurityContext& context, uid_t own_uid, uid_t uid,
                  std::optional<gid_t> fs_group, const std::optional<UserRecord>& user) {
  const gid_t gid = context.run_as_group.value_or(user ? user->gid : 0);
  if (own_uid == 0) {
    spec.uid = uid;
    spec.gid = gid;
    spec.groups = supplementary_groups(context, fs_group, user);
    return;
  }
  if (uid != own_uid) spec.uid = uid;
  if (context.run_as_group) spec.gid = gid;
  if (!context.supplemental_groups.empty() || fs_group)
    spec.groups = supplementary_groups(context, fs_group, std::nullopt);
}

int burstable_adjustment(std::int64_t request, std::int64_t capacity) {
  if (capacity <= 0) return 999;
  return static_cast<int>(std::clamp<std::int64_t>(
      1000 - static_cast<std::int64_t>(1000.0 * static_cast<double>(request) /
                                       static_cast<double>(capacity)),
      3, 999));
}

/// DEF: a limit alone is a request too.
std::int64_t memory_request(const Container& container) {
  return container.resources.memory_request.value_or(container.resources.memory_limit.value_or(0));
}

}  // namespace

int oom_score_adj(const PodSpec& spec, ContainerIndex index, std::int64_t memory_bytes) {
  const std::string_view qos = qos_class(spec);
  if (qos == "Guaranteed") return -997;
  if (qos == "BestEffort") return 1000;
  const Container& container = spec.containers[index];
  const int own = burstable_adjustment(memory_request(container), memory_bytes);
  if (container.role != ContainerRole::Sidecar) return own;
  std::int64_t smallest = std::numeric_limits<std::int64_t>::max();
  for (const Container& other : spec.containers)
    if (other.role == ContainerRole::Regular) smallest = std::min(smallest, memory_request(other));
  return std::min(own, burstable_adjustment(smallest, memory_bytes));
}

Result<ProcessSpec> make_process_spec(const Pod& pod, ContainerIndex index, const ProcessHost& host,
                                      const PodFacts& facts) {
  const Container& container = pod.spec.containers[index];
  const SecurityContext& context = container.security_context;
  const uid_t uid = context.run_as_user.value_or(host.uid);
  if (Status checked = check_non_root(pod, container, uid); !checked)
    return tl::unexpected(checked.error());
  const std::optional<UserRecord> user = host.find_user(uid);
  auto environment = manifest_environment(pod, container, {host.node, facts.configs, facts.ip});
  if (!environment) return tl::unexpected(environment.error());
  add_defaults(*environment, hostname_of(pod, host, facts), user);

  ProcessSpec spec;
  spec.argv = expanded_argv(container, *environment);
  if (spec.argv.empty() || spec.argv.front().empty())
    return make_error("no command specified " + where(pod, container));
  for (const auto& [name, value] : *environment) spec.env.push_back(name + "=" + value);
  spec.working_directory = container.working_dir.empty() ? "/" : container.working_dir;
  set_identity(spec, context, host.uid, uid, pod.spec.fs_group, user);
  spec.oom_score_adj = oom_score_adj(pod.spec, index, host.node.memory_bytes);
  return spec;
}

ProcessHost this_process_host(const std::string& state_dir) {
  ProcessHost host;
  host.uid = geteuid();
  host.node = this_node(state_dir);
  host.may_mount = gather_host_facts({}, {}).may_make_namespaces;
  host.find_user = [](uid_t uid) { return find_user(uid); };
  return host;
}

}  // namespace podvisor
