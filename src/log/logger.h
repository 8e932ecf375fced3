// podvisor's own log: one line a message on stderr, logfmt:
//   time=2026-11-22T22:04:05.123Z level=info msg="pod is ready" pod=default/web container=php
// Values are quoted so that nobody's text can forge a line or reach the terminal's escapes. Any
// thread; never throws.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "podvisor/result.h"

namespace podvisor {

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error };

struct LogField {
  LogField(std::string_view name, std::string text) : key(name), value(std::move(text)) {}
  LogField(std::string_view name, std::integral auto number)
      : key(name), value(std::to_string(number)) {}

  std::string_view key;  ///< a word of ours: letters and underscores
  std::string value;
};

/// Messages below it are not written. Info until set.
void set_log_level(LogLevel level);
/// "debug", "info", "warning" or "error".
[[nodiscard]] Result<LogLevel> parse_log_level(std::string_view text);

void log_debug(std::string_view message, std::initializer_list<LogField> fields = {});
void log_info(std::string_view message, std::initializer_list<LogField> fields = {});
void log_warning(std::string_view message, std::initializer_list<LogField> fields = {});
void log_error(std::string_view message, std::initializer_list<LogField> fields = {});

/// What follows the level: `msg="…" key=value …`. Pure.
[[nodiscard]] std::string format_log_message(std::string_view message,
                                             std::initializer_list<LogField> fields);

}  // namespace podvisor
