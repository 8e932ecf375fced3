// The fields of a Spawn request.
#include <climits>
#include <cstring>

#include "pause/fields.h"

namespace podvisor::pause {
namespace {

/// A null-terminated array in the arena, which shrinks.
bool read_strings(std::span<char> data, std::span<char*>& arena, char**& out) {
  if (out != nullptr || (!data.empty() && data.back() != '\0')) return false;
  out = arena.data();
  while (!data.empty()) {
    if (arena.size() < 2) return false;
    arena[0] = data.data();
    arena = arena.subspan(1);
    data = data.subspan(std::strlen(data.data()) + 1);
  }
  if (arena.empty()) return false;
  arena[0] = nullptr;
  arena = arena.subspan(1);
  return true;
}

bool read_groups(std::span<const char> data, SpawnView& spawn) {
  spawn.set_groups = true;
  if (data.size() % sizeof(gid_t) != 0 || data.size() / sizeof(gid_t) > kMaxGroups) return false;
  std::memcpy(spawn.groups.items, data.data(), data.size());
  spawn.groups.count = data.size() / sizeof(gid_t);
  return true;
}

bool read_descriptor(std::span<const char> data, std::span<const int> descriptors, int& out) {
  std::uint32_t index = 0;
  if (data.size() != sizeof index) return false;
  std::memcpy(&index, data.data(), sizeof index);
  if (index >= descriptors.size()) return false;
  out = descriptors[index];
  return true;
}

template <std::size_t kCapacity>
bool push_descriptor(std::span<const char> data, std::span<const int> descriptors,
                     Bounded<int, kCapacity>& out) {
  int fd = -1;
  return read_descriptor(data, descriptors, fd) && out.push(fd);
}

bool push_mount(std::span<char> data, std::span<const int> descriptors, SpawnView& spawn) {
  constexpr std::size_t kIndex = sizeof(std::uint32_t);
  MountView mount;
  return data.size() > kIndex && read_descriptor(data.first(kIndex), descriptors, mount.tree) &&
         read_string(data.subspan(kIndex), mount.target) && spawn.mounts.push(mount);
}

/// Strings that are used where they are; they may be none.
bool read_list(std::span<const char> data, std::span<const char>& out) {
  if (!data.empty() && data.back() != '\0') return false;
  out = data;
  return true;
}

bool read_bits(std::span<const char> data, std::uint64_t& out) {
  if (data.size() != sizeof out) return false;
  std::memcpy(&out, data.data(), sizeof out);
  return true;
}

/// A program of whole instructions (8 bytes each), at least one.
bool read_seccomp(std::span<const char> data, SpawnView& spawn) {
  if (data.size() <= sizeof spawn.seccomp_flags) return false;
  if (!read_bits(data.first(sizeof spawn.seccomp_flags), spawn.seccomp_flags)) return false;
  spawn.seccomp = data.subspan(sizeof spawn.seccomp_flags);
  return spawn.seccomp.size() % 8 == 0 && spawn.seccomp.size() <= kMaxSeccompFilter;
}

bool read_place(const Field<char>& field, std::span<const int> fds, SpawnView& spawn) {
  switch (field.tag) {
    case Tag::Namespace:
      return push_descriptor(field.data, fds, spawn.namespaces);
    case Tag::CgroupDirectory:
      return read_descriptor(field.data, fds, spawn.cgroup_directory);
    case Tag::CgroupTasks:
      return push_descriptor(field.data, fds, spawn.cgroup_tasks);
    case Tag::Stdin:
      return read_descriptor(field.data, fds, spawn.stdio[0]);
    case Tag::Stdout:
      return read_descriptor(field.data, fds, spawn.stdio[1]);
    case Tag::Stderr:
      return read_descriptor(field.data, fds, spawn.stdio[2]);
    case Tag::Keep:
      return push_descriptor(field.data, fds, spawn.kept);
    case Tag::Mount:
      return push_mount(field.data, fds, spawn);
    default:
      return false;
  }
}

/// Since version 2, and 3.
bool read_confinement(const Field<char>& field, std::span<const int> fds, SpawnView& spawn) {
  switch (field.tag) {
    case Tag::Capabilities:
      return (spawn.set_capabilities = true) && read_bits(field.data, spawn.capabilities);
    case Tag::Seccomp:
      return read_seccomp(field.data, spawn);
    case Tag::AppArmor:
      return read_string(field.data, spawn.app_armor);
    case Tag::MountNamespace:
      return read_flag(field.data, spawn.mount_namespace);
    case Tag::ReadOnlyRoot:
      return read_flag(field.data, spawn.read_only_root);
    case Tag::Proc:
      return read_flag(field.data, spawn.proc);
    case Tag::MaskedPaths:
      return read_list(field.data, spawn.masked_paths);
    case Tag::ReadOnlyPaths:
      return read_list(field.data, spawn.read_only_paths);
    case Tag::Foster:
      return read_flag(field.data, spawn.foster);
    case Tag::PidNamespace:
      return read_flag(field.data, spawn.pid_namespace);
    case Tag::Terminal:
      return read_flag(field.data, spawn.terminal);
    default:
      return read_place(field, fds, spawn);
  }
}

}  // namespace

bool read_spawn(const Field<char>& field, Source& source, SpawnView& spawn) {
  constexpr std::int64_t kMaxId = UINT32_MAX - 1;  // the last one means "unchanged" to the kernel
  switch (field.tag) {
    case Tag::Argv:
      return read_strings(field.data, source.arena, spawn.argv) && spawn.argv[0] != nullptr;
    case Tag::Env:
      return read_strings(field.data, source.arena, spawn.env);
    case Tag::WorkingDirectory:
      return read_string(field.data, spawn.working_directory);
    case Tag::Uid:
      return (spawn.set_uid = true) && read_number(field.data, 0, kMaxId, spawn.uid);
    case Tag::Gid:
      return (spawn.set_gid = true) && read_number(field.data, 0, kMaxId, spawn.gid);
    case Tag::Groups:
      return read_groups(field.data, spawn);
    case Tag::NoNewPrivileges:
      return read_flag(field.data, spawn.no_new_privileges);
    case Tag::OomScoreAdj:
      return (spawn.set_oom_score_adj = true) &&
             read_number(field.data, -1000, 1000, spawn.oom_score_adj);
    default:
      return read_confinement(field, source.descriptors, spawn);
  }
}

}  // namespace podvisor::pause
