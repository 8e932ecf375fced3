#include "log/cri_line.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace podvisor {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// Takes `digits` decimal digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::optional<seconds> take_time_of_day(std::string_view& text) {
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second || *second > 60) return std::nullopt;  // a leap second
  return hours(*hour) + minutes(*minute) + seconds(*second);
}

std::optional<nanoseconds> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return nanoseconds{0};
  std::int64_t value = 0;
  std::size_t digits = 0;
  while (digits < 9) {
    const auto digit = take_number(text, 1);
    if (!digit) break;
    value = value * 10 + *digit;
    ++digits;
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 9; ++digits) value *= 10;
  return nanoseconds(value);
}

/// "Z" or ±hh:mm, and nothing after it.
std::optional<minutes> take_offset(std::string_view text) {
  if (text == "Z") return minutes{0};
  const bool west = take(text, '-');
  if (!west && !take(text, '+')) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59 || !text.empty()) return std::nullopt;
  const minutes offset = hours(*hour) + minutes(*minute);
  return west ? -offset : offset;
}

std::optional<std::string_view> take_word(std::string_view& text) {
  const std::size_t end = text.substr(0, kMaxCriHeader).find(' ');
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end + 1);
  return word;
}

}  // namespace

std::string format_cri_time(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%09dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<WallTime> parse_cri_time(std::string_view text) {
  const auto date = take_date(text);
  if (!date || !take(text, 'T')) return std::nullopt;
  const auto clock = take_time_of_day(text);
  if (!clock) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset) return std::nullopt;
  // Beyond these years nanoseconds since 1970 do not fit into 64 bits.
  const std::chrono::year year = std::chrono::year_month_day(*date).year();
  if (year < std::chrono::year(1678) || year > std::chrono::year(2261)) return std::nullopt;
  return WallTime(*date) + *clock + *fraction - *offset;
}

std::string format_cri_header(WallTime time, LogStream stream, bool full) {
  std::string header = format_cri_time(time);
  header += stream == LogStream::Stdout ? " stdout " : " stderr ";
  header += full ? "F " : "P ";
  return header;
}

std::optional<CriHeader> parse_cri_header(std::string_view entry) {
  std::string_view rest = entry.substr(0, kMaxCriHeader);
  const auto time = take_word(rest);
  if (!time) return std::nullopt;
  const auto stream = take_word(rest);
  if (stream != "stdout" && stream != "stderr") return std::nullopt;
  const auto tags = take_word(rest);
  if (!tags) return std::nullopt;
  const std::string_view first = tags->substr(0, tags->find(':'));
  if (first != "F" && first != "P") return std::nullopt;
  return CriHeader{*time, stream == "stdout" ? LogStream::Stdout : LogStream::Stderr, first == "F",
                   static_cast<std::size_t>(rest.data() - entry.data())};
}

}  // namespace podvisor
