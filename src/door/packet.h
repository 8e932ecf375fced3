// One message with its descriptors over a SOCK_SEQPACKET Unix socket.
#pragma once

#include <string>
#include <vector>

#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor::door {

struct Packet {
  std::string text;
  std::vector<Fd> descriptors;
};

/// Below the kernel's limit of 253.
inline constexpr std::size_t kMaxDescriptors = 64;
/// Below the default socket buffer, so that no message is ever too large for it.
inline constexpr std::size_t kMaxPacket = 160UL * 1024;

enum class Sent : std::uint8_t { Yes, Later, Broken };
/// Never blocks. Descriptors are borrowed.
[[nodiscard]] Sent send_packet(int socket, const Packet& packet);

enum class Received : std::uint8_t { Yes, Nothing, End };
/// Never blocks. A packet that is too large, or has lost descriptors, is the end.
[[nodiscard]] Received receive_packet(int socket, Packet& packet);

}  // namespace podvisor::door
