// What a client speaks, by the first bytes it sends on an http listener. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace podvisor::door {

enum class Speech : std::uint8_t {
  Unknown,  ///< too little to tell
  Http1,    ///< or meant to be: what is wrong with it is the framing's to say
  Other,    ///< HTTP/2 by prior knowledge, TLS, anything else: relayed as it is
};

/// Only a connection's first message may be anything but HTTP/1.1: later ones that are not are
/// errors, lest a client slip a message past the framing.
[[nodiscard]] Speech classify_first_bytes(std::string_view bytes);

}  // namespace podvisor::door
