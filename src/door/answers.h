// What the door itself says to a client: short, and the end of the connection. Pure.
#pragma once

#include <string>
#include <string_view>

namespace podvisor::door {

/// `more_lines`: each with its CRLF. `head_only`: the request was HEAD.
[[nodiscard]] std::string make_answer(int status, std::string_view more_lines, bool head_only);

}  // namespace podvisor::door
