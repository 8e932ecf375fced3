// Takes a listener's new connections, on one worker's loop. All workers wait on the same socket.
#pragma once

#include <functional>

#include "door/listener.h"
#include "door/reactor.h"
#include "door/session.h"

namespace podvisor::door {

class Acceptor final : private Reactor::Watcher, private Deadline {
 public:
  using Accepted = std::function<void(Client)>;
  Acceptor(Reactor& reactor, std::shared_ptr<Listener> listener, Accepted accepted);
  ~Acceptor() override;
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  [[nodiscard]] Status start();
  /// Clients' addresses as text.
  void want_addresses(bool wanted) { addresses_ = wanted; }

 private:
  void on_events(std::uint32_t events) override;
  void on_deadline(TimePoint now) override;
  [[nodiscard]] bool accept_one();

  Reactor& reactor_;
  std::shared_ptr<Listener> listener_;
  Accepted accepted_;
  bool addresses_ = false;
  bool watching_ = false;
};

}  // namespace podvisor::door
