#include "cli/text.h"

#include <array>
#include <charconv>
#include <ctime>

namespace podvisor::cli {
namespace {

using std::chrono::duration_cast;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// A C1 control character, which takes two bytes in UTF-8.
bool is_c1(std::string_view text, std::size_t at) {
  return text[at] == '\xC2' && at + 1 < text.size() &&
         (static_cast<unsigned char>(text[at + 1]) & 0xE0U) == 0x80U;
}

std::string two_units(long long major, const char* major_unit, long long minor,
                      const char* minor_unit) {
  std::string text = std::to_string(major) + major_unit;
  if (minor != 0) text += std::to_string(minor) + minor_unit;
  return text;
}

std::string long_duration(long long whole_hours) {
  const long long days = whole_hours / 24;
  if (whole_hours < 24 * 8) return two_units(days, "d", whole_hours % 24, "h");
  if (whole_hours < 24 * 365 * 2) return std::to_string(days) + "d";
  if (whole_hours < 24 * 365 * 8) return two_units(days / 365, "y", days % 365, "d");
  return std::to_string(days / 365) + "y";
}

/// Takes one "1.5h" off the front of `text`, in seconds.
std::optional<double> take_part(std::string_view& text) {
  static constexpr std::array<std::pair<std::string_view, double>, 7> kUnits{
      {{"ns", 1e-9}, {"us", 1e-6}, {"µs", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}}};
  if (text.front() != '.' && (text.front() < '0' || text.front() > '9')) return std::nullopt;
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  for (const auto& [unit, factor] : kUnits) {
    if (!text.starts_with(unit)) continue;
    text.remove_prefix(unit.size());
    return number * factor;
  }
  return std::nullopt;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == 0x1B) {
      safe += "^[";
    } else if (byte == '\r') {
      safe += "\\r";
    } else if (byte == '\n' || byte == '\t') {
      safe += ' ';
    } else if (is_c1(text, i)) {
      ++i;
    } else if (byte >= 0x20 && byte != 0x7F) {
      safe += text[i];
    }
  }
  return safe;
}

std::string printable_json(std::string_view json) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string safe;
  safe.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    const bool c1 = is_c1(json, i);
    if (!c1 && json[i] != '\x7F') {
      safe += json[i];
      continue;
    }
    const auto code = static_cast<unsigned char>(c1 ? json[++i] : json[i]);
    safe += "\\u00";
    safe += kHex[code >> 4U];
    safe += kHex[code & 0xFU];
  }
  return safe;
}

std::string human_duration(Duration duration) {
  const long long in_seconds = duration_cast<seconds>(duration).count();
  if (in_seconds < -1) return "<invalid>";
  if (in_seconds < 0) return "0s";
  if (in_seconds < 120) return std::to_string(in_seconds) + "s";
  const long long in_minutes = in_seconds / 60;
  if (in_minutes < 10) return two_units(in_minutes, "m", in_seconds % 60, "s");
  if (in_minutes < 180) return std::to_string(in_minutes) + "m";
  const long long in_hours = in_minutes / 60;
  if (in_hours < 8) return two_units(in_hours, "h", in_minutes % 60, "m");
  if (in_hours < 48) return std::to_string(in_hours) + "h";
  return long_duration(in_hours);
}

std::optional<WallTime> parse_time(const std::string& text) {
  std::tm fields{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &fields);
  if (rest == nullptr) return std::nullopt;
  double fraction = 0;
  if (*rest == '.') {
    const auto parsed = std::from_chars(rest, text.data() + text.size(), fraction);
    rest = parsed.ptr;
  }
  std::tm zone{};
  const char* end = strptime(rest, "%z", &zone);  // glibc takes "Z" and "+01:00"
  if (end == nullptr || *end != '\0') return std::nullopt;
  const std::time_t utc = timegm(&fields) - zone.tm_gmtoff;
  return WallTime(seconds(utc)) + Duration(static_cast<Duration::rep>(fraction * 1e9));
}

std::string age(const std::string& time, WallTime now) {
  const std::optional<WallTime> then = parse_time(time);
  return then ? human_duration(now - *then) : "<unknown>";
}

std::string local_time(const std::string& time) {
  const std::optional<WallTime> point = parse_time(time);
  if (!point) return "<unknown>";
  const std::time_t in_seconds = duration_cast<seconds>(point->time_since_epoch()).count();
  std::tm fields{};
  localtime_r(&in_seconds, &fields);
  std::array<char, 64> text{};
  const std::size_t length =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S %z", &fields);
  return {text.data(), length};
}

Result<Duration> parse_duration(const std::string& text) {
  static constexpr double kLongest = 290 * 365.0 * 86400;  // what nanoseconds in 64 bits can hold
  const bool negative = text.starts_with('-');
  std::string_view rest(text);
  if (negative) rest.remove_prefix(1);
  if (rest == "0") return Duration{0};
  double total = rest.empty() ? kLongest * 2 : 0;
  while (!rest.empty() && total <= kLongest) {
    const std::optional<double> part = take_part(rest);
    total = part ? total + *part : kLongest * 2;
  }
  if (total > kLongest)
    return make_error("invalid duration \"" + printable(text) + "\"; write it as 30s, 1m30s or 2h");
  const auto span = duration_cast<Duration>(std::chrono::duration<double>(total));
  return negative ? -span : span;
}

}  // namespace podvisor::cli
