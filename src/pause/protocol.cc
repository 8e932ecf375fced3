#include "pause/protocol.h"

#include <climits>
#include <cstring>
#include <new>

namespace podvisor::pause {
namespace {

constexpr std::uint32_t kMagic = 0x50445650;  // "PVDP"

struct Header {
  std::uint32_t magic;
  std::uint16_t version;
  std::uint16_t type;
  std::uint64_t size;  ///< of the whole message
  std::uint64_t id;
};

struct FieldHeader {
  std::uint16_t tag;
  std::uint16_t zero;
  std::uint32_t size;
};

template <typename Byte>
struct Field {
  Tag tag{};
  std::span<Byte> data;
};

template <typename Byte>
bool take_header(std::span<Byte>& message, Header& header) {
  if (message.size() < sizeof header || message.size() > kMaxMessage) return false;
  std::memcpy(&header, message.data(), sizeof header);
  if (header.magic != kMagic || header.size != message.size()) return false;
  message = message.subspan(sizeof header);
  return header.version == kFormatVersion;
}

template <typename Byte>
bool take_field(std::span<Byte>& rest, Field<Byte>& field) {
  FieldHeader header;
  if (rest.size() < sizeof header) return false;
  std::memcpy(&header, rest.data(), sizeof header);
  rest = rest.subspan(sizeof header);
  if (header.zero != 0 || header.size > rest.size()) return false;
  field = {static_cast<Tag>(header.tag), rest.first(header.size)};
  rest = rest.subspan(header.size);
  return true;
}

template <typename Number>
bool read_number(std::span<const char> data, std::int64_t low, std::int64_t high, Number& out) {
  std::int64_t value = 0;
  if (data.size() != sizeof value) return false;
  std::memcpy(&value, data.data(), sizeof value);
  if (value < low || value > high) return false;
  out = static_cast<Number>(value);
  return true;
}

bool read_flag(std::span<const char> data, bool& out) { return read_number(data, 0, 1, out); }

/// All of `data` as one string.
bool read_string(std::span<char> data, const char*& out) {
  if (data.empty() || std::memchr(data.data(), '\0', data.size()) != &data.back()) return false;
  out = data.data();
  return true;
}

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

struct Source {
  std::span<const int> descriptors;
  std::span<char*> arena;
};

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

/// Since version 2.
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
    default:
      return read_place(field, fds, spawn);
  }
}

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

bool read_request(const Field<char>& field, Source& source, Request& request) {
  switch (request.type) {
    case Type::Hello:
      return field.tag == Tag::Version && read_number(field.data, 1, UINT16_MAX, request.version);
    case Type::Signal:
      return field.tag == Tag::SignalNumber && read_number(field.data, 1, 64, request.signal);
    case Type::Spawn:
      return read_spawn(field, source, request.spawn);
    default:
      return false;
  }
}

bool complete(const Request& request) {
  switch (request.type) {
    case Type::Hello:
      return request.version != 0;
    case Type::Signal:
      return request.signal != 0;
    case Type::Spawn:
      return request.spawn.argv != nullptr && request.spawn.env != nullptr;
    default:
      return request.type == Type::Ack || request.type == Type::Shutdown;
  }
}

bool read_reply(const Field<const char>& field, Reply& reply) {
  switch (field.tag) {
    case Tag::Version:
      return read_number(field.data, 1, UINT16_MAX, reply.version);
    case Tag::Pid:
      return read_number(field.data, 1, INT_MAX, reply.pid);
    case Tag::WaitStatus:
      return read_number(field.data, INT_MIN, INT_MAX, reply.wait_status);
    case Tag::FailedStep:
      return read_number(field.data, 0, UINT16_MAX, reply.step);
    case Tag::ErrorNumber:
      return read_number(field.data, 0, INT_MAX, reply.error_number);
    case Tag::FailedItem:
      return read_number(field.data, 0, UINT32_MAX, reply.item);
    case Tag::Children:
      return read_number(field.data, 0, UINT32_MAX, reply.children);
    default:
      return true;  // of a newer pause: a fact that this podvisor does not need
  }
}

}  // namespace

bool decode_request(std::span<char> message, std::span<const int> descriptors,
                    std::span<char*> arena, Request& request) {
  new (&request) Request;
  Header header;
  if (!take_header(message, header)) return false;
  request.type = static_cast<Type>(header.type);
  request.id = header.id;
  Source source{descriptors, arena};
  while (!message.empty()) {
    Field<char> field;
    if (!take_field(message, field) || !read_request(field, source, request)) return false;
  }
  return complete(request);
}

std::size_t encode_reply(const Reply& reply, std::span<char> out) {
  Writer writer(out, reply.type, reply.id);
  if (reply.version != 0) writer.number(Tag::Version, reply.version);
  if (reply.pid != 0) writer.number(Tag::Pid, reply.pid);
  if (reply.wait_status != 0) writer.number(Tag::WaitStatus, reply.wait_status);
  if (reply.step != Step::None) writer.number(Tag::FailedStep, static_cast<int>(reply.step));
  if (reply.error_number != 0) writer.number(Tag::ErrorNumber, reply.error_number);
  if (reply.item != 0) writer.number(Tag::FailedItem, reply.item);
  if (reply.children != 0) writer.number(Tag::Children, reply.children);
  return writer.finish();
}

bool decode_reply(std::span<const char> message, Reply& reply) {
  reply = Reply{};
  Header header;
  if (!take_header(message, header)) return false;
  reply.type = static_cast<Type>(header.type);
  reply.id = header.id;
  while (!message.empty()) {
    Field<const char> field;
    if (!take_field(message, field) || !read_reply(field, reply)) return false;
  }
  return reply.type >= Type::Welcome && reply.type <= Type::Exited;
}

Writer::Writer(std::span<char> out, Type type, std::uint64_t id) : out_(out) {
  const Header header{kMagic, kFormatVersion, static_cast<std::uint16_t>(type), 0, id};
  append(&header, sizeof header);
}

void Writer::bytes(Tag tag, const void* data, std::size_t size) {
  begin(tag, size);
  append(data, size);
}

void Writer::begin(Tag tag, std::size_t size) {
  const FieldHeader header{static_cast<std::uint16_t>(tag), 0, static_cast<std::uint32_t>(size)};
  append(&header, sizeof header);
}

void Writer::append(const void* data, std::size_t size) {
  if (size != 0 && size_ <= out_.size() && size <= out_.size() - size_)
    std::memcpy(out_.data() + size_, data, size);
  size_ += size;
}

std::size_t Writer::finish() {
  const std::uint64_t size = size_;
  if (size_ <= out_.size()) std::memcpy(out_.data() + offsetof(Header, size), &size, sizeof size);
  return size_;
}

}  // namespace podvisor::pause
