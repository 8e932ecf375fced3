// What podvisor and podvisor-door say to each other over a SOCK_SEQPACKET Unix socket: one JSON
// object a packet, descriptors beside it.
//
//   podvisor                          door
//   Hello{version}                ──► Welcome{version, pid}, then for each listener it has
//                                     Listener{settings, endpoints} + its socket; then Synced
//   Serve{settings} + socket      ──►
//   StopServing, Endpoints,       ──►
//   BackOff
//   Drain{endpoint, limits}       ──► Drained{endpoint, cut}, when nothing is under way there
//   Check{id, …}                  ──► Checked{id, status, error}
//   Sockets{endpoint} + sockets   ◄── SocketsWanted{endpoint, count}
//   Report                        ──► Counters for each listener, Load for each endpoint, Reported;
//                                     also unasked, each second in which something changed
//   Retire{timeout}               ──► (the end: when no connection is left, or the time is over)
//
// Nothing is said before Hello and Welcome. Unknown fields are skipped, an unknown type ends the
// connection; what a version adds is only said to a peer of that version. Encoding and decoding do
// no I/O; decoding trusts nothing.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "podvisor/ports/door.h"

namespace podvisor::door {

inline constexpr int kProtocolVersion = 1;

namespace message {

struct Hello {
  int version = kProtocolVersion;
};
struct Serve {
  DoorListener listener;
};
struct StopServing {
  std::string listener;
};
struct Endpoints {
  std::string listener;
  std::vector<DoorEndpoint> endpoints;
};
struct BackOff {
  std::string listener;
  std::optional<Duration> remaining;
};
struct Drain {
  std::string listener, endpoint;
  DrainLimits limits;
};
struct Check {
  std::string listener;
  std::uint64_t id = 0;
  DoorCheck check;
};
struct Sockets {
  std::string listener, endpoint;
};
struct Report {};
struct Retire {
  Duration timeout{};
};
struct Welcome {
  int version = kProtocolVersion;
  int pid = 0;
};
struct Listener {
  DoorListener listener;
  std::vector<DoorEndpoint> endpoints;
};
struct Synced {};
struct Drained {
  std::string listener, endpoint;
  std::uint64_t cut = 0;
};
struct Checked {
  std::uint64_t id = 0;
  int status = 0;
  std::string error;
};
struct SocketsWanted {
  std::string listener, endpoint;
  unsigned count = 0;
};
struct Counters {
  std::string listener;
  DoorCounters counters;
};
struct Load {
  EndpointLoad load;
};
struct Reported {};

}  // namespace message

using Message =
    std::variant<message::Hello, message::Serve, message::StopServing, message::Endpoints,
                 message::BackOff, message::Drain, message::Check, message::Sockets,
                 message::Report, message::Retire, message::Welcome, message::Listener,
                 message::Synced, message::Drained, message::Checked, message::SocketsWanted,
                 message::Counters, message::Load, message::Reported>;

[[nodiscard]] std::string encode(const Message& message);
[[nodiscard]] Result<Message> decode(const std::string& text);

}  // namespace podvisor::door
