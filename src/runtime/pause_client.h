// podvisor's end of one pod's pause: starts it or finds it again, and speaks its protocol. Never
// blocks longer than starting a small process takes. Loop thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loop/loop.h"
#include "pause/protocol.h"
#include "podvisor/fd.h"
#include "podvisor/result.h"
#include "runtime/adoption/process_identity.h"
#include "runtime/spawn_request.h"

namespace podvisor {

struct PauseSettings {
  std::string pause_path;  ///< the podvisor-pause program
  std::string directory;   ///< exists; the socket is made in it as pause.sock, 0600
  bool network = false;    ///< a network namespace of its own, with loopback up
  bool ipc = false;
  bool uts = false;
  int join_network = -1;  ///< or this one; borrowed
  bool pid = false;       ///< a pid namespace for the children, with an init in it
  std::string hostname;   ///< empty: left as it is
  /// PATH=VALUE, with PATH below /proc/sys, of the namespaces that are made.
  std::vector<std::string> sysctls;
};

/// A child that pause had before this connection was made.
struct PauseChild {
  std::uint64_t id = 0;
  pid_t pid = 0;
  std::vector<Fd> kept;
};

struct SpawnFailure {
  pause::Step step = pause::Step::None;
  int error_number = 0;
  std::size_t item = 0;  ///< index of the mount, or of the sysctl, that failed
};

/// Called from the loop. The client may not be destroyed from within, only afterwards.
class PauseEvents {
 public:
  virtual ~PauseEvents() = default;
  /// Pause serves us. Those of `children` that have ended follow through on_exited().
  virtual void on_ready(std::vector<PauseChild> children) = 0;
  /// It could not make what it was asked for; on_died() follows.
  virtual void on_refused(const SpawnFailure& failure) = 0;
  virtual void on_spawned(std::uint64_t id, pid_t pid) = 0;
  virtual void on_spawn_failed(std::uint64_t id, const SpawnFailure& failure) = 0;
  /// Pause repeats it to the next connection until acknowledge().
  virtual void on_exited(std::uint64_t id, pid_t pid, int wait_status) = 0;
  /// Its process is gone, asked or not. The last call.
  virtual void on_died() = 0;
};

class PauseClient {
 public:
  /// Starts a pause. `events` must outlive the client.
  [[nodiscard]] static Result<std::unique_ptr<PauseClient>> start(Loop& loop,
                                                                  const PauseSettings& settings,
                                                                  PauseEvents& events);
  /// Who is to be behind a socket, as it was written down.
  struct Expected {
    ProcessIdentity process;
    pid_t listener = 0;  ///< who made the socket
  };
  /// Connects to one that an earlier podvisor started; it drops whoever was connected before. The
  /// error says that it is no more, or that it is somebody else who listens there.
  [[nodiscard]] static Result<std::unique_ptr<PauseClient>> connect(Loop& loop,
                                                                    const std::string& directory,
                                                                    const Expected& expected,
                                                                    PauseEvents& events);

  /// The error says why the request can't be sent at all. Otherwise on_spawned() or
  /// on_spawn_failed() answers. Descriptors may be closed on return.
  [[nodiscard]] Status spawn(const SpawnRequest& request);
  void acknowledge(std::uint64_t id);
  void signal(std::uint64_t id, int signal);
  /// The process `pid`, which id's (ended, spawned with `foster`) left behind, is id's from now on:
  /// on_spawned() says so, on_exited() follows in its time. `keep` (borrowed; -1: nothing) is kept
  /// like what was spawned with it, by a pause that knows how.
  void adopt(std::uint64_t id, pid_t pid, int keep = -1);
  /// Ends pause, but nothing that it started.
  void shutdown();
  void kill();  ///< shutdown() that needs no cooperation
  /// Lets it go on if somebody has stopped it; whether that was so.
  bool wake();

  /// How many descriptors it keeps for a child.
  [[nodiscard]] std::size_t max_kept() const { return version_ >= 4 ? pause::kMaxKept : 4; }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  struct Waiting {
    std::vector<char> bytes;
    std::vector<Fd> descriptors;
  };

  PauseClient(Loop& loop, PauseEvents& events, Fd connection);
  void say_hello();
  void watch(pid_t pid, Fd pidfd);
  void send(PauseMessage message);
  void send_simple(pause::Type type, std::uint64_t id);
  void flush();
  void on_connection(int events);
  bool receive_one();
  void handle(const pause::Reply& reply, std::vector<Fd> descriptors);
  void add_child(const pause::Reply& reply, std::vector<Fd> descriptors);
  void finish_welcome();
  void give_up();
  void on_process_end();

  Loop& loop_;
  PauseEvents& events_;
  Fd connection_;
  Poll connection_poll_;
  Fd pidfd_;
  std::optional<Poll> pidfd_poll_;
  pid_t pid_ = 0;
  int version_ = pause::kProtocolVersion;  ///< of the protocol, once Welcome has said it
  std::deque<Waiting> waiting_;            ///< what the socket had no room for
  std::optional<std::size_t> missing_;     ///< children that Welcome announced, still to come
  std::vector<PauseChild> children_;
};

}  // namespace podvisor
