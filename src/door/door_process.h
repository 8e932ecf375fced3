// Makes the door's control socket and starts podvisor-door with it; and the sockets that it serves.
#pragma once

#include <sys/types.h>

#include <string>

#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor::door {

/// The descriptor on which podvisor-door finds its control socket, listening.
inline constexpr int kControlFd = 3;

struct DoorProcess {
  pid_t pid = 0;
  Fd pidfd;
  Fd connection;  ///< to its socket; waits in its queue until it accepts
};

/// directory/door.sock, mode 0600; the directory exists and is podvisor's own. `user` as in
/// DoorSettings.
[[nodiscard]] Result<DoorProcess> start_door(const std::string& door_path,
                                             const std::string& directory, unsigned workers,
                                             uid_t user);
/// A connection to the door that listens at directory/door.sock; none there: an error.
[[nodiscard]] Result<Fd> connect_door(const std::string& directory);

}  // namespace podvisor::door

namespace podvisor {

/// A listening TCP socket for Door::serve(). An address of "" is every one, of IPv4 and IPv6. That
/// the port is taken is said here, before anything is started or replaced.
[[nodiscard]] Result<Fd> listen_for_door(const std::string& address, std::uint16_t port);
/// Whether listen_for_door() would have made this one.
[[nodiscard]] bool listens_at(const Fd& socket, const std::string& address, std::uint16_t port);
/// "0.0.0.0-80": a name for it, without a colon. Empty: it is no TCP socket.
[[nodiscard]] std::string socket_name(const Fd& socket);

}  // namespace podvisor
