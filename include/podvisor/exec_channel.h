// The channels of an exec's WebSocket: each message is binary and begins with a byte that says
// which of them the rest belongs to. As Kubernetes has them (v4.channel.k8s.io and v5).
#pragma once

#include <cstdint>

namespace podvisor {

enum class ExecChannel : std::uint8_t {
  Stdin = 0,
  Stdout = 1,
  Stderr = 2,
  Error = 3,    ///< one v1 Status, at the end: how the command ended
  Resize = 4,   ///< {"Width":80,"Height":24}
  Close = 255,  ///< v5: the rest is the number of a channel that its sender has closed
};

}  // namespace podvisor
