#include "manifest/scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace podvisor::manifest {
namespace {

constexpr std::array kTrue = {"true", "True", "TRUE", "yes", "Yes", "YES",
                              "on",   "On",   "ON",   "y",   "Y"};
constexpr std::array kFalse = {"false", "False", "FALSE", "no", "No", "NO",
                               "off",   "Off",   "OFF",   "n",  "N"};
constexpr std::size_t kMaxShown = 80;

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<const char*, N>& words) {
  return std::any_of(words.begin(), words.end(), [&](const char* word) { return text == word; });
}

bool skip_sign(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative;
}

int take_base(std::string_view& text) {
  if (text.size() < 2 || text[0] != '0') return 10;
  const char mark = text[1];
  const int base = mark == 'x' || mark == 'X'   ? 16
                   : mark == 'o' || mark == 'O' ? 8
                   : mark == 'b' || mark == 'B' ? 2
                                                : 0;
  text.remove_prefix(base == 0 ? 1 : 2);
  return base == 0 ? 8 : base;
}

std::size_t skip_digits(std::string_view& text) {
  const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(count);
  return count;
}

nlohmann::json untyped_scalar(const Node& node) {
  if (node.quoted) return node.text;
  if (const auto boolean = parse_boolean(node.text)) return *boolean;
  if (const auto integer = parse_integer(node.text)) return *integer;
  double number = 0;
  const char* end = node.text.data() + node.text.size();
  if (is_float(node.text) && std::from_chars(node.text.data(), end, number).ptr == end) {
    return number;
  }
  return node.text;
}

/// At most kMaxShown bytes, not cut within a character.
std::string shorten(std::string text) {
  if (text.size() <= kMaxShown) return text;
  std::size_t end = kMaxShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

std::optional<bool> parse_boolean(std::string_view text) {
  if (is_one_of(text, kTrue)) return true;
  if (is_one_of(text, kFalse)) return false;
  return std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  const bool negative = skip_sign(text);
  const int base = take_base(text);
  std::uint64_t magnitude = 0;
  const char* end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, magnitude, base);
  if (text.empty() || error != std::errc{} || parsed != end) return std::nullopt;
  constexpr auto max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (magnitude > max) return std::nullopt;
  const auto value = static_cast<std::int64_t>(magnitude);
  return negative ? -value : value;
}

bool is_float(std::string_view text) {
  skip_sign(text);
  const std::size_t whole = skip_digits(text);
  const bool dot = text.starts_with('.');
  if (dot) text.remove_prefix(1);
  if ((dot ? skip_digits(text) : whole) == 0) return false;
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  if (!text.starts_with('-') && !text.starts_with('+')) return false;
  text.remove_prefix(1);
  return skip_digits(text) > 0 && text.empty();
}

bool is_typed(std::string_view text) {
  return parse_boolean(text) || parse_integer(text) || is_float(text);
}

nlohmann::json untyped_json(const Node& node) {
  switch (node.kind) {
    case Node::Kind::Null:
      return nullptr;
    case Node::Kind::Scalar:
      return untyped_scalar(node);
    case Node::Kind::Sequence: {
      auto list = nlohmann::json::array();
      for (const Node& item : node.items) list.push_back(untyped_json(item));
      return list;
    }
    case Node::Kind::Map:
      break;
  }
  auto object = nlohmann::json::object();
  for (const Entry& entry : node.entries) object[entry.key] = untyped_json(entry.value);
  return object;
}

std::string show(const nlohmann::json& value) {
  if (!value.is_string()) {
    return shorten(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  // dump() would write every quote and all of a long text with escapes; only the start is wanted.
  const nlohmann::json start = shorten(value.get_ref<const std::string&>());
  return start.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string show(const Node& node) {
  switch (node.kind) {
    case Node::Kind::Null:
      return "null";
    case Node::Kind::Scalar:
      return node.quoted || !is_typed(node.text) ? show(nlohmann::json(node.text))
                                                 : shorten(node.text);
    case Node::Kind::Sequence:
      return "a list";
    case Node::Kind::Map:
      break;
  }
  return "a mapping";
}

}  // namespace podvisor::manifest
