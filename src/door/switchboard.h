// The door as its main thread sees it: listeners, their endpoints, drains, and the workers that do
// the work. Knows nothing of who gives the orders. Main thread only, except where said.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "door/listener.h"
#include "door/worker.h"
#include "podvisor/ports/door.h"

namespace podvisor::door {

class Switchboard {
 public:
  /// `main` is the loop of the calling thread; `events` are called there.
  Switchboard(Reactor& main, DoorEvents& events, std::size_t workers);
  ~Switchboard();  ///< cuts everything
  Switchboard(const Switchboard&) = delete;
  Switchboard& operator=(const Switchboard&) = delete;

  /// `socket` is not needed for a listener that is known.
  [[nodiscard]] Status serve(const DoorListener& settings, Fd socket);
  void stop_serving(const std::string& listener);
  [[nodiscard]] Status set_endpoints(const std::string& listener,
                                     const std::vector<DoorEndpoint>& endpoints);
  void set_back_off(const std::string& listener, std::optional<Duration> remaining);
  void drain(const std::string& listener, const std::string& endpoint, const DrainLimits& limits);
  void check(const std::string& listener, std::uint64_t id, const DoorCheck& check);
  void give_sockets(const std::string& listener, const std::string& endpoint,
                    std::vector<Fd> sockets);
  /// Accepts nothing more; connections() goes down as clients leave.
  void retire();

  [[nodiscard]] std::map<std::string, DoorCounters> counters() const;
  [[nodiscard]] std::vector<EndpointLoad> loads() const;
  [[nodiscard]] std::size_t connections() const;
  struct Shown {
    DoorListener settings;
    std::vector<DoorEndpoint> endpoints;
    int socket = -1;  ///< borrowed
  };
  [[nodiscard]] std::vector<Shown> listeners() const;

 private:
  /// An endpoint on its way out.
  class Drain;
  struct Served {
    DoorListener settings;
    std::shared_ptr<Listener> shared;
    std::map<std::string, EndpointPtr> endpoints;
  };

  [[nodiscard]] Result<EndpointPtr> endpoint_for(Served& served, const DoorEndpoint& wanted);
  [[nodiscard]] EndpointPtr find(const std::string& listener, const std::string& endpoint) const;
  void tell_endpoints(const Served& served);
  void look_after_drains();
  /// Runs on every worker's thread.
  template <typename Letter>
  void post_all(Letter letter);

  Reactor& main_;
  DoorEvents& events_;
  Worker::Team workers_;
  std::map<std::string, Served> served_;
  std::vector<std::shared_ptr<Drain>> drains_;
};

}  // namespace podvisor::door
