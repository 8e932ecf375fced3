// Every child that podvisor has not yet acknowledged.
#pragma once

#include "pause/protocol.h"
#include "pause/setup.h"

namespace podvisor::pause {

struct Child {
  enum class State : std::uint8_t { Running, Exited, Failed };
  /// How much of it the present connection has been told.
  enum class Told : std::uint8_t { Nothing, Start, End };

  std::uint64_t id = 0;
  pid_t pid = 0;
  State state = State::Running;
  Told told = Told::Nothing;
  bool inherited = false;  ///< spawned for an earlier connection
  bool foster = false;     ///< another is to be adopted under its id
  int wait_status = 0;
  Failure failure;
  Bounded<int, kMaxKept> kept;  ///< owned
  Child* next = nullptr;
};

/// In the order in which they were spawned.
class Children {
 public:
  explicit Children(pid_t init) : init_(init) {}
  /// nullptr when there is no memory.
  [[nodiscard]] Child* add(std::uint64_t id);
  [[nodiscard]] Child* find(std::uint64_t id);
  void erase(const Child* child);
  /// The child starts anew as the process `pid`, which came to us as an orphan and may have ended.
  void adopt(Child& child, pid_t pid);
  /// waitpid() until nothing more has ended. Orphans that were never asked for go silently, but
  /// while one may still be adopted the latest are remembered.
  void reap();
  /// A new connection begins: it knows nothing yet, and failures were another one's.
  void forget_told();

  [[nodiscard]] Child* first() { return first_; }
  [[nodiscard]] std::uint32_t count() const;
  [[nodiscard]] bool has_init() const { return init_ != 0; }
  [[nodiscard]] bool init_ended() const { return init_ended_; }

 private:
  struct Orphan {
    pid_t pid;
    int wait_status;
  };
  static constexpr std::size_t kOrphans = 64;

  bool grow();
  bool end(long pid, int wait_status);
  [[nodiscard]] bool awaits_adoption() const;

  pid_t init_;  ///< 0: none
  bool init_ended_ = false;
  Child* first_ = nullptr;
  Child* unused_ = nullptr;
  Orphan orphans_[kOrphans] = {};  ///< a ring
  std::size_t next_orphan_ = 0;
};

}  // namespace podvisor::pause
