// Makes traffic follow Ready: tells the door who listens for whom and which pods are behind, at
// every change of the store (DIF-3); drains a pod before it is stopped; sends the one request that
// a new pod has to answer before it takes over.
//
// Listening sockets are made here and handed to the door, so that a port that can't be had is an
// error before anything is started, and a door that died comes back with the same sockets. The door
// is started with the first of them. Loop thread only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/change_hook.h"
#include "loop/loop.h"
#include "podvisor/object_store.h"
#include "podvisor/ports/door.h"
#include "podvisor/ports/event_sink.h"
#include "podvisor/ports/runtime.h"
#include "podvisor/ports/traffic.h"
#include "podvisor/ports/traffic_check.h"
#include "podvisor/traffic.h"

namespace podvisor {

class TrafficControl final : public Traffic, public TrafficCheck, public DoorEvents {
 public:
  struct Edge {
    /// The door, started if need be; the error says why there is none.
    std::function<Result<Door*>()> door;
    /// Whether a door that was taken over has a socket for that listener already.
    std::function<bool(const std::string& listener)> has_socket;
    std::function<Result<Fd>(const std::string& address, std::uint16_t port)> listen;
  };
  /// Everything that is borrowed must outlive it.
  TrafficControl(Loop& loop, ObjectStore& store, EventSink& events, PodSockets& sockets, Edge edge);
  ~TrafficControl() override;
  TrafficControl(const TrafficControl&) = delete;
  TrafficControl& operator=(const TrafficControl&) = delete;

  /// Why these doors cannot be had, one line each, beside those that there are; empty: they can.
  [[nodiscard]] std::vector<std::string> why_not(const std::vector<WantedDoor>& doors) const;
  /// Host ports that Services have already.
  [[nodiscard]] std::set<std::uint16_t> ports() const;
  /// Of the pods that an earlier podvisor has left: those whose door has died with it get another.
  /// What a door that was taken over serves, and nobody wants any more, is taken away soon.
  void look_over(const std::vector<std::string>& found);

  /// Drains, and pods that take over, wait for the program too. It must outlive this.
  void connect(ChangeHook& hook) { hook_ = &hook; }

  void drain(const Pod& pod, const pod_action::DrainTraffic& drain) override;
  void check(const Pod& pod, Done done) override;

  void on_drained(const std::string& listener, const std::string& endpoint,
                  std::uint64_t cut) override;
  void on_checked(std::uint64_t id, int status, const std::string& error) override;
  void on_sockets_wanted(const std::string& listener, const std::string& endpoint,
                         unsigned count) override;
  void on_load(const EndpointLoad&) override {}

 private:
  /// One sandbox that is being drained: behind its listeners, for the time that /readyz says 503
  /// first, and until the program of --on-change knows.
  struct Drain {
    PodUid pod;
    int attempt = 0;
    std::set<std::string> pending;  ///< listeners, and what else is waited for
    std::uint64_t cut = 0;
    std::unique_ptr<Timer> readyz;
    std::unique_ptr<Timer> limit;  ///< a door that does not answer stops nobody for ever
  };
  struct Check {
    std::set<std::uint64_t> pending;
    Done done;
    std::unique_ptr<Timer> limit;
  };

  void replan();
  void retire_unwanted();
  [[nodiscard]] Status open(const WantedDoor& wanted);
  void update(const WantedDoor& wanted, WantedDoor& known);
  void report(const std::set<std::string>& problems);
  [[nodiscard]] TrafficPlan plan() const;
  [[nodiscard]] bool give_sockets(const std::string& listener, const std::string& endpoint,
                                  unsigned count);
  void give_late_sockets();
  [[nodiscard]] std::set<std::string> listeners_of(const std::string& endpoint) const;
  void begin_drain(const std::string& key, Drain& drain, const Pod& pod, Duration timeout);
  void end_part(const std::string& endpoint, const std::string& part);
  void end_check(std::uint64_t first, std::string error);

  Loop& loop_;
  ObjectStore& store_;
  EventSink& events_;
  PodSockets& sockets_;
  Edge edge_;
  Door* door_ = nullptr;
  ChangeHook* hook_ = nullptr;
  std::map<std::string, WantedDoor> open_;  ///< by the listener's id, as the door was told
  std::set<std::string> problems_;          ///< as they were reported last
  std::map<std::string, Drain> drains_;     ///< by the endpoint's id
  std::map<std::uint64_t, Check> checks_;   ///< by the first id of its requests
  std::uint64_t next_check_ = 1;
  /// Sockets that the door wants and that could not be made yet, by listener and endpoint.
  std::map<std::pair<std::string, std::string>, unsigned> late_sockets_;
  Timer late_sockets_timer_;
  Timer retire_timer_;
  Timer retry_timer_;
  std::vector<std::uint64_t> watches_;
};

}  // namespace podvisor
