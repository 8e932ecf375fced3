#include "runtime/spawn_request.h"

namespace podvisor {
namespace {

using pause::Tag;
using pause::Writer;

class SpawnEncoder {
 public:
  SpawnEncoder(const SpawnRequest& request, std::span<char> out)
      : request_(request), writer_(out, pause::Type::Spawn, request.id) {}

  std::size_t run() {
    strings(Tag::Argv, request_.argv);
    strings(Tag::Env, request_.env);
    identity();
    confinement();
    placement();
    view();
    return writer_.finish();
  }
  [[nodiscard]] std::vector<int>& descriptors() { return descriptors_; }

 private:
  void text(Tag tag, const std::string& value) {
    writer_.bytes(tag, value.c_str(), value.size() + 1);
  }

  void strings(Tag tag, const std::vector<std::string>& values) {
    std::size_t size = 0;
    for (const std::string& value : values) size += value.size() + 1;
    writer_.begin(tag, size);
    for (const std::string& value : values) writer_.append(value.c_str(), value.size() + 1);
  }

  std::uint32_t index(int fd) {
    descriptors_.push_back(fd);
    return static_cast<std::uint32_t>(descriptors_.size() - 1);
  }

  void descriptor(Tag tag, int fd) {
    if (fd < 0) return;
    const std::uint32_t at = index(fd);
    writer_.bytes(tag, &at, sizeof at);
  }

  void descriptors(Tag tag, const std::vector<int>& fds) {
    for (const int fd : fds) descriptor(tag, fd);
  }

  void identity() {
    if (!request_.working_directory.empty())
      text(Tag::WorkingDirectory, request_.working_directory);
    if (request_.uid) writer_.number(Tag::Uid, *request_.uid);
    if (request_.gid) writer_.number(Tag::Gid, *request_.gid);
    if (request_.groups)
      writer_.bytes(Tag::Groups, request_.groups->data(), request_.groups->size() * sizeof(gid_t));
    if (request_.oom_score_adj) writer_.number(Tag::OomScoreAdj, *request_.oom_score_adj);
  }

  void confinement() {
    const Confinement& confinement = request_.confinement;
    if (confinement.no_new_privileges) writer_.number(Tag::NoNewPrivileges, 1);
    if (confinement.capabilities)
      writer_.bytes(Tag::Capabilities, &*confinement.capabilities, sizeof(std::uint64_t));
    if (!confinement.app_armor.empty()) text(Tag::AppArmor, confinement.app_armor);
    const std::string& filter = confinement.seccomp_filter;
    if (filter.empty()) return;
    writer_.begin(Tag::Seccomp, sizeof confinement.seccomp_flags + filter.size());
    writer_.append(&confinement.seccomp_flags, sizeof confinement.seccomp_flags);
    writer_.append(filter.data(), filter.size());
  }

  void view() {
    const FileView& view = request_.view;
    if (view.own) writer_.number(Tag::MountNamespace, 1);
    if (view.read_only_root) writer_.number(Tag::ReadOnlyRoot, 1);
    if (!view.proc) return;
    writer_.number(Tag::Proc, 1);
    strings(Tag::MaskedPaths, view.masked_paths);
    strings(Tag::ReadOnlyPaths, view.read_only_paths);
  }

  void placement() {
    if (request_.foster) writer_.number(Tag::Foster, 1);
    if (request_.pid_namespace) writer_.number(Tag::PidNamespace, 1);
    if (request_.terminal) writer_.number(Tag::Terminal, 1);
    descriptors(Tag::Namespace, request_.namespaces);
    descriptor(Tag::CgroupDirectory, request_.cgroup_directory);
    descriptors(Tag::CgroupTasks, request_.cgroup_tasks);
    descriptor(Tag::Stdin, request_.stdin_fd);
    descriptor(Tag::Stdout, request_.stdout_fd);
    descriptor(Tag::Stderr, request_.stderr_fd);
    descriptors(Tag::Keep, request_.kept);
    for (const SpawnMount& mount : request_.mounts) {
      const std::uint32_t at = index(mount.tree);
      writer_.begin(Tag::Mount, sizeof at + mount.target.size() + 1);
      writer_.append(&at, sizeof at);
      writer_.append(mount.target.c_str(), mount.target.size() + 1);
    }
  }

  const SpawnRequest& request_;
  Writer writer_;
  std::vector<int> descriptors_;
};

bool has_nul(const std::vector<std::string>& values) {
  for (const std::string& value : values)
    if (value.find('\0') != std::string::npos) return true;
  return false;
}

/// What the first version of the protocol has no words for.
bool needs_version_2(const SpawnRequest& request) {
  const Confinement& confinement = request.confinement;
  const FileView& view = request.view;
  return request.foster || request.pid_namespace || confinement.capabilities ||
         !confinement.seccomp_filter.empty() || !confinement.app_armor.empty() || view.own ||
         view.read_only_root || view.proc;
}

Status check_version(const SpawnRequest& request, int version) {
  const bool too_old = version < 2 && needs_version_2(request);
  if (!too_old && (version >= 3 || !request.terminal)) return {};
  const std::string missing =
      too_old ? "images, capabilities, seccomp profiles or read-only root" : "terminals";
  return make_error("the pod's podvisor-pause is of an older version, which knows no " + missing +
                    "; delete the pod and let it be made anew");
}

Status check(const SpawnRequest& request) {
  if (request.argv.empty()) return make_error("there is no command to run");
  if (has_nul(request.argv) || has_nul(request.env))
    return make_error("a NUL byte can be part of no argument and no environment variable");
  if (request.argv.size() + request.env.size() + 2 > pause::kMaxStrings)
    return make_error("more than " + std::to_string(pause::kMaxStrings) +
                      " arguments and environment variables");
  if (request.mounts.size() > pause::kMaxMounts)
    return make_error("more than " + std::to_string(pause::kMaxMounts) + " volume mounts");
  if (request.groups && request.groups->size() > pause::kMaxGroups)
    return make_error("more than " + std::to_string(pause::kMaxGroups) + " supplementary groups");
  if (request.confinement.seccomp_filter.size() > pause::kMaxSeccompFilter)
    return make_error("a seccomp profile of more instructions than the kernel takes");
  return {};
}

}  // namespace

Result<PauseMessage> encode_spawn(const SpawnRequest& request, int version) {
  if (Status checked = check(request); !checked) return tl::unexpected(checked.error());
  if (Status checked = check_version(request, version); !checked)
    return tl::unexpected(checked.error());
  const std::size_t size = SpawnEncoder(request, {}).run();
  if (size > pause::kMaxMessage)
    return make_error("arguments and environment take " + std::to_string(size) + " bytes, " +
                      std::to_string(pause::kMaxMessage) + " are possible");
  PauseMessage message;
  message.bytes.resize(size);
  SpawnEncoder encoder(request, message.bytes);
  encoder.run();
  message.descriptors = std::move(encoder.descriptors());
  if (message.descriptors.size() > pause::kMaxDescriptors)
    return make_error("more than " + std::to_string(pause::kMaxDescriptors) + " descriptors");
  return message;
}

}  // namespace podvisor
