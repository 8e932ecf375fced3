// What two readers of one head could understand differently, found in its bytes. Pure.
#pragma once

#include <string_view>

namespace podvisor::door {

/// False: a line is continued on the next (obs-fold), ends with CR or LF alone, or holds a NUL.
/// `head` includes its empty line.
[[nodiscard]] bool is_strict_head(std::string_view head);

/// A line that ends with LF alone, in what there is of a head. The parser would wait for its end.
[[nodiscard]] bool has_bare_feed(std::string_view head);

}  // namespace podvisor::door
