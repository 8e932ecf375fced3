// Who has a port of this host.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>

namespace podvisor {

/// "ADDRESS:PORT" of a socket that keeps us from binding `port` on `address` (empty: any address).
/// Nothing when the port is free, or when we may not try.
[[nodiscard]] std::optional<std::string> find_port_holder(const std::string& protocol,
                                                          const std::string& address,
                                                          std::uint16_t port);

/// The first socket with that local port, of those in the given state ("0A" is TCP's LISTEN), in a
/// table as /proc/net/tcp or /proc/net/udp6. Pure.
[[nodiscard]] std::optional<std::string> find_in_socket_table(std::istream& table,
                                                              const std::string& state,
                                                              std::uint16_t port);

}  // namespace podvisor
