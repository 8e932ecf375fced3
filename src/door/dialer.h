// Where sockets towards endpoints come from: the host's own, or made by control inside the pod's
// network namespace and handed over. Either way the door needs no privilege.
#pragma once

#include <optional>

#include "door/endpoint.h"
#include "podvisor/result.h"

namespace podvisor::door {

class Dialer {
 public:
  virtual ~Dialer() = default;
  /// A socket of the family of the endpoint's address, unconnected, non-blocking, close-on-exec.
  /// Nothing: there is none right now; the listener's workers are called when there may be one.
  [[nodiscard]] virtual Result<std::optional<Fd>> socket_for(Endpoint& endpoint) = 0;
};

/// socket(2) in the door's own network namespace.
class HostDialer final : public Dialer {
 public:
  [[nodiscard]] Result<std::optional<Fd>> socket_for(Endpoint& endpoint) override;
};

/// Sockets from the endpoint's stash; asks for more before it runs out.
class HandedOverDialer final : public Dialer {
 public:
  using Ask = std::function<void(const std::string& endpoint)>;
  explicit HandedOverDialer(Ask ask) : ask_(std::move(ask)) {}
  [[nodiscard]] Result<std::optional<Fd>> socket_for(Endpoint& endpoint) override;

 private:
  Ask ask_;
};

}  // namespace podvisor::door
