#include "log/logger.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

namespace podvisor {
namespace {

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("podvisor",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("time=%Y-%m-%dT%H:%M:%S.%eZ level=%l %v", spdlog::pattern_time_type::utc);
    made->set_level(spdlog::level::info);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return spdlog::level::debug;
    case LogLevel::Info:
      return spdlog::level::info;
    case LogLevel::Warning:
      return spdlog::level::warn;
    case LogLevel::Error:
      break;
  }
  return spdlog::level::err;
}

bool plain(char c) {
  constexpr std::string_view kPlain = "_-./:@+,%";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kPlain.find(c) != std::string_view::npos;
}

/// As a JSON string of ASCII alone: no control character, no invalid UTF-8, and no bidirectional
/// override either is left as it was.
std::string json_string(std::string_view text) {
  using nlohmann::json;
  return json(std::string(text)).dump(-1, ' ', true, json::error_handler_t::replace);
}

void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!logger().should_log(spdlog_level(level))) return;
  logger().log(spdlog_level(level), spdlog::string_view_t(format_log_message(message, fields)));
}

}  // namespace

void set_log_level(LogLevel level) { logger().set_level(spdlog_level(level)); }

Result<LogLevel> parse_log_level(std::string_view text) {
  if (text == "debug") return LogLevel::Debug;
  if (text == "info") return LogLevel::Info;
  if (text == "warning") return LogLevel::Warning;
  if (text == "error") return LogLevel::Error;
  return make_error("log level " + json_string(text) + " is none of debug, info, warning, error");
}

void log_debug(std::string_view message, std::initializer_list<LogField> fields) {
  write(LogLevel::Debug, message, fields);
}

void log_info(std::string_view message, std::initializer_list<LogField> fields) {
  write(LogLevel::Info, message, fields);
}

void log_warning(std::string_view message, std::initializer_list<LogField> fields) {
  write(LogLevel::Warning, message, fields);
}

void log_error(std::string_view message, std::initializer_list<LogField> fields) {
  write(LogLevel::Error, message, fields);
}

std::string format_log_message(std::string_view message, std::initializer_list<LogField> fields) {
  std::string line = "msg=" + json_string(message);
  for (const LogField& field : fields) {
    const bool bare = !field.value.empty() && std::ranges::all_of(field.value, plain);
    line.append(" ").append(field.key).append("=").append(bare ? field.value
                                                               : json_string(field.value));
  }
  return line;
}

}  // namespace podvisor
