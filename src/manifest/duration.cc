#include "manifest/duration.h"

#include <charconv>

namespace podvisor::manifest {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongest = std::chrono::weeks(1);

std::optional<milliseconds> unit_of(std::string_view name) {
  if (name == "ms") return milliseconds(1);
  if (name == "s") return std::chrono::seconds(1);
  if (name == "m") return std::chrono::minutes(1);
  if (name == "h") return std::chrono::hours(1);
  return std::nullopt;
}

/// Takes "90s" off the front of the text.
std::optional<milliseconds> take_part(std::string_view& text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  const std::string_view name = text.substr(0, text.find_first_of("0123456789"));
  text.remove_prefix(name.size());
  const auto unit = unit_of(name);
  if (!unit || number > kLongest / *unit) return std::nullopt;
  return *unit * number;
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
  if (text == "0") return milliseconds(0);
  if (text.empty()) return std::nullopt;
  milliseconds total{0};
  while (!text.empty()) {
    const auto part = take_part(text);
    if (!part) return std::nullopt;
    total += *part;
    if (total > kLongest) return std::nullopt;
  }
  return total;
}

std::string check_duration(std::string_view text) {
  return parse_duration(text) ? "" : "must be a duration of up to a week, such as 10s or 1m30s";
}

}  // namespace podvisor::manifest
