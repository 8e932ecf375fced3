// SHA-1 (RFC 3174), for WebSocket's handshake alone: it proves nothing any more. Pure.
#pragma once

#include <string>
#include <string_view>

namespace podvisor {

/// 20 bytes.
[[nodiscard]] std::string sha1(std::string_view data);

}  // namespace podvisor
