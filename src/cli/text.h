// Words for a terminal: harmless text, ages and durations as kubectl writes and reads them. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "podvisor/result.h"
#include "podvisor/time.h"

namespace podvisor::cli {

/// `text` with everything that could steer a terminal taken out: what a container or a manifest
/// says is not ours. ESC and CR stay visible as kubectl shows them (^[ and \r), newlines and tabs
/// become spaces, other control characters (C0, DEL, C1) go. UTF-8 passes.
[[nodiscard]] std::string printable(std::string_view text);

/// The same for JSON text, which stays the same JSON: what is left of control characters (DEL, C1)
/// becomes \u escapes.
[[nodiscard]] std::string printable_json(std::string_view json);

/// kubectl's HumanDuration: "5s", "3m10s", "2d4h", "<invalid>" for what lies ahead.
[[nodiscard]] std::string human_duration(Duration duration);

/// RFC 3339, as the API writes times; nothing for anything else.
[[nodiscard]] std::optional<WallTime> parse_time(const std::string& text);

/// How long ago an API time was: "5m", or "<unknown>" when there is none.
[[nodiscard]] std::string age(const std::string& time, WallTime now);

/// An API time as `describe` shows it, RFC 1123 with the local zone.
[[nodiscard]] std::string local_time(const std::string& time);

/// Go's durations: "30s", "1m30s", "0", "-1s", "1.5h".
[[nodiscard]] Result<Duration> parse_duration(const std::string& text);

}  // namespace podvisor::cli
