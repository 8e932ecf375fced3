// podvisor's side of the door: the Door port, over the door's socket. Finds a door that is running
// already and takes it over with its listeners; starts one where there is none, and again when it
// ends, with the same listening sockets and what it has to know. Loop thread only.
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <variant>

#include "door/packet.h"
#include "door/protocol.h"
#include "loop/loop.h"
#include "podvisor/ports/door.h"

namespace podvisor {

struct DoorSettings {
  std::string door_path;  ///< of podvisor-door
  std::string directory;  ///< where its socket is: exists, 0700, podvisor's own
  unsigned workers = 0;   ///< threads; 0: one for each processor
  uid_t user = 0;         ///< that the door becomes, and its group; 0: podvisor's own
};

class DoorClient final : public Door {
 public:
  /// A door that runs in `directory` is taken over, else one is started. Its listeners are known
  /// once `synced` is called; orders may be given before.
  [[nodiscard]] static Result<std::unique_ptr<DoorClient>> start(Loop& loop, DoorSettings settings,
                                                                 DoorEvents& events,
                                                                 std::function<void()> synced);
  /// Only one that runs already; the error: none does.
  [[nodiscard]] static Result<std::unique_ptr<DoorClient>> adopt(Loop& loop, DoorSettings settings,
                                                                 DoorEvents& events,
                                                                 std::function<void()> synced);
  ~DoorClient() override;  ///< the door goes on

  void serve(const DoorListener& listener, Fd socket) override;
  void stop_serving(const std::string& listener) override;
  void set_endpoints(const std::string& listener, std::vector<DoorEndpoint> endpoints) override;
  void set_back_off(const std::string& listener, std::optional<Duration> remaining) override;
  void drain(const std::string& listener, const std::string& endpoint,
             const DrainLimits& limits) override;
  void check(const std::string& listener, std::uint64_t id, const DoorCheck& check) override;
  void give_sockets(const std::string& listener, const std::string& endpoint,
                    std::vector<Fd> sockets) override;
  [[nodiscard]] const std::map<std::string, DoorCounters>& counters() const override {
    return counters_;
  }

  struct Known {
    DoorListener settings;
    std::vector<DoorEndpoint> endpoints;
    Fd socket;  ///< kept, so that a door that died comes back with it
  };
  /// What the door serves: of this podvisor's orders, or found with a door that was running.
  [[nodiscard]] const std::map<std::string, Known>& listeners() const { return known_; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] int restarts() const { return restarts_; }

  /// Asks for fresh counters; `reported` is called when they are there (never, if the door dies).
  void report(std::function<void()> reported);
  /// No more connections; the door ends when none is left, or after `timeout`. It is not restarted.
  void retire(Duration timeout);
  /// Retires it and runs the loop until it has ended; it is killed if it does not.
  void end(Duration timeout);
  /// In place of the one that was given at the start.
  void on_synced(std::function<void()> synced) { synced_ = std::move(synced); }

 private:
  DoorClient(Loop& loop, DoorSettings settings, DoorEvents& events, std::function<void()> synced);

  [[nodiscard]] Status connect_or_spawn();
  [[nodiscard]] Status spawn();
  void attach(Fd connection);
  [[nodiscard]] Status watch_process(pid_t pid, Fd pidfd);
  void on_connection(int fired);
  void on_process_end();
  void lose_door();
  void wake();
  void restart();
  void retell();
  void finish_all();

  void send(const door::Message& message, std::vector<Fd> descriptors = {});
  void flush();
  [[nodiscard]] bool receive_one();
  void handle(door::message::Welcome& welcome, door::Packet& packet);
  void handle(door::message::Listener& listener, door::Packet& packet);
  void handle(door::message::Synced& synced, door::Packet& packet);
  void handle(door::message::Drained& drained, door::Packet& packet);
  void handle(door::message::Checked& checked, door::Packet& packet);
  void handle(door::message::SocketsWanted& wanted, door::Packet& packet);
  void handle(door::message::Counters& counters, door::Packet& packet);
  void handle(door::message::Load& load, door::Packet& packet);
  void handle(door::message::Reported& reported, door::Packet& packet);
  template <typename Other>
  void handle(Other&, door::Packet&) {}

  Loop& loop_;
  DoorSettings settings_;
  DoorEvents& events_;
  std::function<void()> synced_;
  std::map<std::string, Known> known_;
  std::map<std::string, TimePoint> back_off_;
  std::set<std::pair<std::string, std::string>> drains_;  ///< under way
  std::set<std::uint64_t> checks_;                        ///< under way
  std::map<std::string, DoorCounters> counters_;
  std::deque<std::function<void()>> reported_;

  pid_t pid_ = 0;
  Fd pidfd_;
  std::optional<Poll> pidfd_poll_;
  Fd connection_;
  std::optional<Poll> connection_poll_;
  std::deque<door::Packet> unsent_;
  bool retiring_ = false;
  int restarts_ = 0;
  TimePoint started_at_;
  Timer restart_timer_;
  Timer wake_timer_;
};

}  // namespace podvisor
