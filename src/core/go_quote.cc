// Go's strconv.Quote, which the whole-map files of the downward API are written with.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "podvisor/downward_api.h"

namespace podvisor {
namespace {

struct Rune {
  char32_t value = 0;
  std::size_t size = 0;  ///< 0: not UTF-8
};

/// The shortest forms alone, no surrogates, nothing beyond U+10FFFF.
Rune decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t size = byte(0) < 0x80   ? 1
                           : byte(0) < 0xc2 ? 0
                           : byte(0) < 0xe0 ? 2
                           : byte(0) < 0xf0 ? 3
                           : byte(0) < 0xf5 ? 4
                                            : 0;
  if (size == 0 || size > text.size()) return {};
  char32_t value = size == 1 ? byte(0) : byte(0) & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    value = value << 6U | (byte(i) & 0x3fU);
  }
  const bool overlong = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
  if (overlong || (value >= 0xd800 && value < 0xe000) || value > 0x10ffff) return {};
  return {value, size};
}

/// Not a letter, mark, number, punctuation or symbol: controls, formats, and every space but " ".
bool unprintable(char32_t rune) {
  struct Range {
    char32_t first, last;
  };
  constexpr std::array<Range, 14> kRanges{{{0x0, 0x1f},
                                           {0x7f, 0xa0},
                                           {0xad, 0xad},
                                           {0x600, 0x605},
                                           {0x61c, 0x61c},
                                           {0x6dd, 0x6dd},
                                           {0x1680, 0x1680},
                                           {0x180e, 0x180e},
                                           {0x2000, 0x200f},
                                           {0x2028, 0x202f},
                                           {0x205f, 0x206f},
                                           {0x3000, 0x3000},
                                           {0xd800, 0xf8ff},
                                           {0xfeff, 0xfeff}}};
  const bool in_range = std::ranges::any_of(
      kRanges, [&](const Range& range) { return rune >= range.first && rune <= range.last; });
  return in_range || (rune >= 0xfff0 && rune <= 0xfffb) || (rune & 0xfffeU) == 0xfffe ||
         rune >= 0xe0000;
}

std::string_view short_escape(char32_t rune) {
  constexpr std::string_view kFrom = "\a\b\f\n\r\t\v\\\"";
  constexpr std::array<std::string_view, 9> kTo{R"(\a)", R"(\b)", R"(\f)", R"(\n)", R"(\r)",
                                                R"(\t)", R"(\v)", R"(\\)", R"(\")"};
  if (rune > 0x7f) return {};
  const std::size_t found = kFrom.find(static_cast<char>(rune));
  return found == std::string_view::npos ? std::string_view() : kTo[found];
}

std::string hexadecimal(const char* format, unsigned value) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string escape(char32_t rune) {
  if (const std::string_view known = short_escape(rune); !known.empty()) return std::string(known);
  if (rune < 0x80) return hexadecimal("\\x%02x", rune);
  return hexadecimal(rune < 0x10000 ? "\\u%04x" : "\\U%08x", rune);
}

}  // namespace

std::string go_quote(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const Rune rune = decode(text);
    const std::size_t size = std::max<std::size_t>(rune.size, 1);
    if (rune.size == 0)
      quoted += hexadecimal("\\x%02x", static_cast<unsigned char>(text.front()));
    else if (unprintable(rune.value) || !short_escape(rune.value).empty())
      quoted += escape(rune.value);
    else
      quoted += text.substr(0, size);
    text.remove_prefix(size);
  }
  return quoted + '"';
}

}  // namespace podvisor
