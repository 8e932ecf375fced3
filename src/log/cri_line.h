// One entry of a CRI log file: "<time> <stream> <tags> <content>\n" (LOG-1, LOG-2). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "podvisor/time.h"

namespace podvisor {

enum class LogStream : std::uint8_t { Stdout, Stderr };

/// LOG-3: content of one entry is at most this long.
inline constexpr std::size_t kMaxCriContent = 16 * 1024;
/// No header of an entry is longer; longer ones are not CRI.
inline constexpr std::size_t kMaxCriHeader = 128;

/// Everything of an entry before its content.
struct CriHeader {
  std::string_view time;  ///< as written
  LogStream stream = LogStream::Stdout;
  bool full = true;      ///< F: the line ends with this entry
  std::size_t size = 0;  ///< where the content begins
};

/// RFC 3339 with nine fractional digits and Z.
[[nodiscard]] std::string format_cri_time(WallTime time);
/// RFC 3339 with up to nine fractional digits and Z or ±hh:mm.
[[nodiscard]] std::optional<WallTime> parse_cri_time(std::string_view text);

/// "<time> <stream> <F|P> ", which content and a newline follow.
[[nodiscard]] std::string format_cri_header(WallTime time, LogStream stream, bool full);
/// The header at the beginning of `entry`: an entry without its newline, which may be cut anywhere
/// after the header. Views into it.
[[nodiscard]] std::optional<CriHeader> parse_cri_header(std::string_view entry);

}  // namespace podvisor
