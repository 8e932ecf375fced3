// One TCP connect inside a pod's network namespace.
//
// On loopback, where pods are dialled from, the handshake is mostly over when connect() returns:
// then there is no waiting and nothing to watch. The addresses of a host name are tried in turn.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "podvisor/fd.h"
#include "probes/probe_attempt.h"
#include "probes/socket_address.h"

namespace podvisor {

struct DialOutcome {
  /// Non-blocking; empty on an error. The handshake is over, but connect() has not been called a
  /// second time to hear so: a library that insists on connecting may do that, and gets 0.
  Fd socket;
  std::string error;  ///< "dial tcp 10.0.0.1:80: connect: connection refused"
  /// There could be no socket, which says nothing about who was to be dialled.
  bool internal = false;
};

class Dial final : private SocketPoll::Watcher {
 public:
  using Done = std::function<void(DialOutcome)>;

  /// What the caller does with a connection first. Of many that send, all connect before the first
  /// is handed over: peers that are woken by a request then find the others' at hand too, instead
  /// of being woken, and taking the processor, between any two of them.
  enum class Then : std::uint8_t { Send, Close };

  Dial(ProbeIo io, Then then) : io_(io), then_(then), lookup_(io.loop) {}
  ~Dial() { cancel(); }
  Dial(const Dial&) = delete;
  Dial& operator=(const Dial&) = delete;

  /// The outcome, or nothing while it is under way: then `done` is called later, once. No deadline
  /// of its own. Not while one is under way.
  [[nodiscard]] std::optional<DialOutcome> start(const PodUid& pod, const std::string& host,
                                                 std::uint16_t port, Done done);
  void cancel();  ///< none under way: does nothing
  /// What to say when the caller's deadline passed first.
  [[nodiscard]] std::string timeout_text() const;

 private:
  void on_resolved(Result<std::vector<SocketAddress>> addresses);
  [[nodiscard]] std::optional<DialOutcome> connect_next();
  [[nodiscard]] std::optional<DialOutcome> connect_to(const SocketAddress& address);
  [[nodiscard]] DialOutcome failed(int error_number) const;
  [[nodiscard]] std::string name() const;
  void watch();
  void on_socket(int fd, std::uint32_t events) override;

  ProbeIo io_;
  Then then_;
  HostLookup lookup_;
  PodUid pod_;
  std::string host_;
  std::uint16_t port_ = 0;
  Done done_;
  std::vector<SocketAddress> addresses_;
  std::size_t next_ = 0;  ///< of addresses_, after the one being tried
  Fd socket_;             ///< the one being connected
};

}  // namespace podvisor
