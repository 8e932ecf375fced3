// An Event as a line of `events` and of `describe`. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/fields.h"
#include "podvisor/time.h"

namespace podvisor::cli {

/// The time that kubectl sorts by, RFC 3339.
[[nodiscard]] std::string event_time(const Json& event);
/// The oldest first; equals keep their order.
void sort_events(std::vector<Json>& events);
/// "12s", or "12s (x5 over 1m)" for repeats.
[[nodiscard]] std::string event_interval(const Json& event, WallTime now);

[[nodiscard]] std::vector<std::string> event_header(bool namespaces);
[[nodiscard]] std::vector<std::string> event_cells(const Json& event, bool namespaces,
                                                   WallTime now);

/// The message as far as its first line break, as kubectl shows it.
[[nodiscard]] std::string event_message(const Json& event);

}  // namespace podvisor::cli
