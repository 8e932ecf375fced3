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

/// ENV-11: with the complete environment, but for the image's. `command` takes the place of the
/// image's ENTRYPOINT and of its CMD, `args` that of CMD; the image's words are as they are.
std::vector<std::string> expanded_argv(const Container& container, const Environment& environment,
                                       const ImageConfig* image) {
  std::vector<std::string> argv;
  if (image != nullptr && container.command.empty()) argv = image->entrypoint;
  for (const auto* words : {&container.command, &container.args})
    for (const std::string& word : *words) argv.push_back(expand_with(environment, word));
  if (image != nullptr && container.command.empty() && container.args.empty())
    argv.insert(argv.end(), image->cmd.begin(), image->cmd.end());
  return argv;
}

/// ENV-1: below the manifest's.
void add_image_environment(Environment& environment, const ImageConfig& image) {
  for (const std::string& variable : image.env) {
    const std::size_t equals = variable.find('=');
    if (equals == std::string::npos) continue;
    environment.try_emplace(variable.substr(0, equals), variable.substr(equals + 1));
  }
}

std::string working_directory(const Container& container, const ImageConfig* image) {
  if (!container.working_dir.empty()) return container.working_dir;
  return image == nullptr || image->working_dir.empty() ? "/" : image->working_dir;
}

std::string where(const Pod& pod, const Container& container) {
  return "(pod: \"" + pod.metadata.name + "_" + pod.metadata.namespace_ + "(" + pod.metadata.uid +
         ")\", container: " + container.name + ")";
}

/// SEC-3.
Status check_non_root(const Pod& pod, const Container& container, uid_t uid,
                      const PodFacts& facts) {
  const SecurityContext& context = container.security_context;
  if (!context.run_as_non_root.value_or(false)) return {};
  const bool by_image = facts.image_user != nullptr && !context.run_as_user;
  if (by_image && !facts.image_user->numeric)
    return make_error("container has runAsNonRoot and image has non-numeric user (" +
                      facts.image->user + "), cannot verify user is non-root " +
                      where(pod, container));
  if (uid != 0) return {};
  if (context.run_as_user)
    return make_error("container's runAsUser breaks non-root policy " + where(pod, container));
  if (by_image)
    return make_error("container has runAsNonRoot and image will run as root " +
                      where(pod, container));
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

/// SEC-2. Who may not change ids tries only what the manifest asks for, and the kernel will say no.
void set_identity(ProcessSpec& spec, const SecurityContext& context, const ProcessHost& host,
                  uid_t uid, std::optional<gid_t> fs_group, const std::optional<UserRecord>& user) {
  const gid_t gid = context.run_as_group.value_or(user ? user->gid : 0);
  if (host.uid == 0 && host.may_set_ids) {
    spec.uid = uid;
    spec.gid = gid;
    spec.groups = supplementary_groups(context, fs_group, user);
    return;
  }
  if (uid != host.uid) spec.uid = uid;
  if (context.run_as_group) spec.gid = gid;
  if (!context.supplemental_groups.empty() || fs_group)
    spec.groups = supplementary_groups(context, fs_group, std::nullopt);
}

/// SEC-2.
uid_t uid_of(const SecurityContext& context, const ProcessHost& host, const PodFacts& facts) {
  if (facts.image_user != nullptr) return facts.image_user->uid;
  return context.run_as_user.value_or(host.uid);
}

std::optional<UserRecord> record_of(uid_t uid, const ProcessHost& host, const PodFacts& facts) {
  if (facts.image_user == nullptr) return host.find_user(uid);
  const ImageUser& user = *facts.image_user;
  return UserRecord{{}, user.home, user.gid, user.groups};
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
  const uid_t uid = uid_of(container.security_context, host, facts);
  if (Status checked = check_non_root(pod, container, uid, facts); !checked)
    return tl::unexpected(checked.error());
  const std::optional<UserRecord> user = record_of(uid, host, facts);
  auto environment = manifest_environment(pod, container, {host.node, facts.configs, facts.ip});
  if (!environment) return tl::unexpected(environment.error());

  Environment known = *environment;
  add_defaults(known, hostname_of(pod, host, facts), user);
  ProcessSpec spec;
  spec.argv = expanded_argv(container, known, facts.image);
  if (spec.argv.empty() || spec.argv.front().empty())
    return make_error("no command specified " + where(pod, container));
  if (facts.image != nullptr) add_image_environment(*environment, *facts.image);
  add_defaults(*environment, hostname_of(pod, host, facts), user);
  for (const auto& [name, value] : *environment) spec.env.push_back(name + "=" + value);
  spec.working_directory = working_directory(container, facts.image);
  set_identity(spec, container.security_context, host, uid, pod.spec.fs_group, user);
  spec.oom_score_adj = oom_score_adj(pod.spec, index, host.node.memory_bytes);
  return spec;
}

ProcessHost this_process_host(const std::string& state_dir) {
  ProcessHost host;
  host.uid = geteuid();
  host.node = this_node(state_dir);
  const HostFacts facts = gather_host_facts({}, {});
  host.may_mount = facts.may_make_namespaces;
  host.may_set_ids = facts.may_set_ids;
  host.find_user = [](uid_t uid) { return find_user(uid); };
  return host;
}

}  // namespace podvisor
