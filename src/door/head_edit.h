// The few changes that a hop makes to a head; every other byte passes as it is. Pure.
#pragma once

#include <string>
#include <string_view>

#include "door/framing.h"

namespace podvisor::door {

/// How this side of the hop is told whether the connection is kept.
enum class Persistence : std::uint8_t {
  AsSaid,     ///< the head's own lines
  Silent,     ///< no line: HTTP/1.1 keeps
  KeepAlive,  ///< said aloud, for HTTP/1.0
  Close,
};

/// Appends the head to `out` with its hop lines replaced and with `more` lines (each with CRLF)
/// before the empty line. `bytes` is exactly the head.
void edit_head(std::string_view bytes, const Head& head, Persistence persistence,
               std::string_view more, std::string& out);

/// What the endpoint is told of a request. The connection to it is the door's: a client's "close"
/// ends at the door.
[[nodiscard]] Persistence request_persistence(const Head& request);
/// What the client is told: a "close" of the endpoint's is not passed on to one who wants to stay.
[[nodiscard]] Persistence response_persistence(const Head& request, const Head& response,
                                               bool client_stays);

/// "X-Forwarded-For: …" and "X-Forwarded-Proto: http" lines.
[[nodiscard]] std::string forwarded_lines(std::string_view client_address);

}  // namespace podvisor::door
