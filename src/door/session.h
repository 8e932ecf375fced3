// One client's connection.
#pragma once

#include <memory>
#include <string>

#include "door/endpoint.h"
#include "door/service.h"

namespace podvisor::door {

class Session {
 public:
  virtual ~Session() = default;
  /// The first thing to call, on its worker's thread.
  virtual void begin() = 0;
  /// Where something of it is under way; nullptr: nowhere.
  [[nodiscard]] virtual const Endpoint* endpoint() const = 0;
  /// It stays with its endpoint as long as it lives.
  [[nodiscard]] virtual bool pinned() const = 0;
  /// Ends it at once, in a way that the client cannot take for an orderly end.
  virtual void cut(DoorFailure why) = 0;
  /// Ends a pinned one then.
  virtual void end_at(TimePoint at) = 0;
};

/// A client as it was accepted.
struct Client {
  Fd socket;
  std::string address;       ///< without port: "10.0.0.1"
  std::uint64_t number = 0;  ///< of that address, for session affinity
};

/// Who owns sessions: the worker.
class SessionHome {
 public:
  /// The last that a session does; it is destroyed at the end of the turn.
  virtual void finished(Session& session) = 0;
  /// Goes on as another one.
  virtual void become(Session& session, std::unique_ptr<Session> next) = 0;
  /// No new requests on old connections: the door is on its way out.
  [[nodiscard]] virtual bool retiring() const = 0;

 protected:
  ~SessionHome() = default;
};

}  // namespace podvisor::door
