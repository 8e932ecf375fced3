// What podvisor and podvisor-pause say to each other over a SOCK_SEQPACKET Unix socket: one message
// a packet, descriptors beside it (SCM_RIGHTS), numbers in the host's byte order.
//
//   podvisor              pause
//   Hello{version}    ──► Welcome{version, pid, children}, then Child (+ kept descriptors) for
//   each,
//                         and Exited for each of those that has ended
//   Spawn{id, …}      ──► Spawned{id, pid} or SpawnFailed{id, step, errno}
//                     ◄── Exited{id, pid, wait status}, kept and said again to whoever comes next,
//   Ack{id}           ──► until it is acknowledged
//   Adopt{id, pid, …} ──► Spawned{id, pid}: id's child started another, whose parent pause became
//   Signal{id, signo} ──► (nothing; a child that has ended gets no signal)
//   Shutdown          ──► (end of the connection: pause exits, its children live on)
//
// A message is a header and fields of tag, size and bytes. A request with a tag that is not known
// is refused, not half obeyed: a newer podvisor asks only what the version in Welcome allows.
//
//   1  the first
//   2  capabilities, seccomp, AppArmor, what a mount namespace is beyond its volumes, Adopt
//   3  controlling terminals
//   4  descriptors to be kept with an Adopt, six a child
//
// Encoding and decoding do no I/O, allocate nothing and trust nothing.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace podvisor::pause {

inline constexpr std::uint16_t kProtocolVersion = 4;
/// Of headers and fields themselves: an older pause must be able to read a Hello.
inline constexpr std::uint16_t kFormatVersion = 1;
/// Fits the default socket buffer (net.core.wmem_default), so that no message is ever refused
/// later.
inline constexpr std::size_t kMaxMessage = 192UL * 1024;
/// Of one message. The kernel's own limit is 253.
inline constexpr std::size_t kMaxDescriptors = 200;
/// Of argv and envp together, with their terminators.
inline constexpr std::size_t kMaxStrings = 16UL * 1024;
inline constexpr std::size_t kMaxNamespaces = 8;
inline constexpr std::size_t kMaxTasks = 16;
inline constexpr std::size_t kMaxKept = 6;
inline constexpr std::size_t kMaxMounts = 128;
inline constexpr std::size_t kMaxGroups = 1024;
/// The kernel's own limit for a program (BPF_MAXINSNS), in bytes.
inline constexpr std::size_t kMaxSeccompFilter = 4096UL * 8;

enum class Type : std::uint16_t {
  Hello = 1,
  Spawn,
  Ack,
  Signal,
  Shutdown,
  Adopt,  ///< since version 2
  Welcome = 65,
  SetupFailed,  ///< instead of Welcome: a namespace could not be made; pause has exited
  Child,
  Spawned,
  SpawnFailed,
  Exited,
};

/// What was being done when something failed.
enum class Step : std::uint16_t {
  None,
  Request,  ///< the message was not understood
  Clone,
  Cgroup,
  Session,
  JoinNamespace,
  MountNamespace,
  Mount,
  Stdio,
  WorkingDirectory,
  Groups,
  Group,
  User,
  NoNewPrivileges,
  Exec,
  MakeNamespaces,
  JoinNetwork,
  Hostname,
  Loopback,
  Capabilities,
  Seccomp,
  AppArmor,
  ReadOnlyRoot,
  Proc,
  MaskPath,
  PidNamespace,
  Sysctl,
  Terminal,
};
/// As in "cannot <…>: strerror".
[[nodiscard]] const char* to_string(Step step);

enum class Tag : std::uint16_t {
  Version = 1,
  SignalNumber,
  Argv,  ///< strings, each with its NUL
  Env,
  WorkingDirectory,
  Uid,
  Gid,
  Groups,  ///< u32 each
  NoNewPrivileges,
  OomScoreAdj,
  Namespace,        ///< u32 index into the message's descriptors, as all of the following
  CgroupDirectory,  ///< v2
  CgroupTasks,      ///< v1
  Stdin,
  Stdout,
  Stderr,
  Keep,
  Mount,  ///< u32 index of a detached mount, then the target path and its NUL
  // Since version 2:
  Capabilities,    ///< u64, a bit for each that may be had: all others leave the bounding set
  Seccomp,         ///< u64 flags of seccomp(2), then the BPF program
  AppArmor,        ///< name of a profile that the kernel has, and its NUL
  MountNamespace,  ///< one of its own, also without mounts
  ReadOnlyRoot,    ///< everything but the mounts that are said here is read-only
  Proc,            ///< a /proc of pause's pid namespace for children, on /proc
  MaskedPaths,     ///< strings: of that /proc, not to be seen into
  ReadOnlyPaths,   ///< strings: of that /proc, not to be written to
  Foster,          ///< it will leave a process behind, to be adopted under its id
  PidNamespace,    ///< a pid namespace is among those to join: only a child of it is inside
  // Since version 3:
  Terminal,  ///< what is stdin becomes the controlling terminal of the new session
  Pid = 65,
  WaitStatus,
  FailedStep,
  ErrorNumber,
  Children,
  FailedItem,
};

// ---- Requests, as pause sees them -------------------------------------------------------------

struct MountView {
  int tree = -1;
  const char* target = nullptr;
};

template <typename T, std::size_t kCapacity>
struct Bounded {
  Bounded() : count(0) {}  // items beyond count are never read: clearing them would cost more

  T items[kCapacity];
  std::size_t count;

  [[nodiscard]] bool push(T item) {
    if (count == kCapacity) return false;
    items[count++] = item;
    return true;
  }
  [[nodiscard]] std::span<const T> span() const { return {items, count}; }
};

/// Pointers lead into the message and the arena; descriptors are those of the message.
struct SpawnView {
  char** argv = nullptr;  ///< ends with a null pointer; never empty
  char** env = nullptr;   ///< ends with a null pointer
  const char* working_directory = nullptr;
  bool set_uid = false, set_gid = false, set_groups = false;
  uid_t uid = 0;
  gid_t gid = 0;
  Bounded<gid_t, kMaxGroups> groups;
  bool no_new_privileges = false;
  bool set_oom_score_adj = false;
  int oom_score_adj = 0;
  Bounded<int, kMaxNamespaces> namespaces;
  int cgroup_directory = -1;
  Bounded<int, kMaxTasks> cgroup_tasks;
  int stdio[3] = {-1, -1, -1};  ///< -1: /dev/null
  Bounded<int, kMaxKept> kept;
  Bounded<MountView, kMaxMounts> mounts;
  bool set_capabilities = false;
  std::uint64_t capabilities = 0;
  std::uint64_t seccomp_flags = 0;
  std::span<const char> seccomp;  ///< empty: no filter
  const char* app_armor = nullptr;
  bool mount_namespace = false, read_only_root = false, proc = false;
  std::span<const char> masked_paths;  ///< each with its NUL, as the next
  std::span<const char> read_only_paths;
  bool foster = false;
  bool pid_namespace = false;
  bool terminal = false;
};

struct Request {
  Type type = Type::Hello;
  std::uint64_t id = 0;
  std::uint16_t version = 0;
  int signal = 0;
  pid_t pid = 0;    ///< Adopt
  SpawnView spawn;  ///< of an Adopt its `kept` alone
};

/// False: not a request, or not a whole one. `request.id` is set whenever the header was good, so
/// that the answer can name it.
[[nodiscard]] bool decode_request(std::span<char> message, std::span<const int> descriptors,
                                  std::span<char*> arena, Request& request);

// ---- Answers, as podvisor sees them -----------------------------------------------------------

struct Reply {
  Type type = Type::Welcome;
  std::uint64_t id = 0;
  std::uint16_t version = 0;
  pid_t pid = 0;
  int wait_status = 0;
  Step step = Step::None;
  int error_number = 0;
  std::uint32_t item = 0;  ///< which of several (mounts) the step failed at
  std::uint32_t children = 0;
};
inline constexpr std::size_t kMaxReply = 256;

/// The size that is needed; nothing is complete unless it fits `out`.
[[nodiscard]] std::size_t encode_reply(const Reply& reply, std::span<char> out);
[[nodiscard]] bool decode_reply(std::span<const char> message, Reply& reply);

// ---- Parts ------------------------------------------------------------------------------------

/// Appends to a buffer; past its end it only counts. The size goes into the header at finish().
class Writer {
 public:
  Writer(std::span<char> out, Type type, std::uint64_t id);
  void bytes(Tag tag, const void* data, std::size_t size);
  void number(Tag tag, std::int64_t value) { bytes(tag, &value, sizeof value); }
  /// A field whose bytes follow in parts through append().
  void begin(Tag tag, std::size_t size);
  void append(const void* data, std::size_t size);
  [[nodiscard]] std::size_t finish();

 private:
  std::span<char> out_;
  std::size_t size_ = 0;
};

}  // namespace podvisor::pause
