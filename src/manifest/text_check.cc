#include "manifest/text_check.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>

namespace podvisor::manifest {
namespace {

Diagnostic error_at(std::string_view text, std::size_t offset, const std::string& file,
                    std::string message) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {Diagnostic::Severity::Error,
          {file, static_cast<int>(line), static_cast<int>(offset - line_start) + 1},
          "",
          std::move(message)};
}

/// Length of the sequence that `lead` begins and the bounds of its second byte (Unicode table 3-7).
struct Sequence {
  std::size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
};

Sequence sequence_of(unsigned char lead) {
  if (lead < 0x80) return {1};
  if (lead < 0xC2) return {0};
  if (lead < 0xE0) return {2};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead < 0xF0) return {3};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead < 0xF4) return {4};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0};
}

/// Length of the well-formed character at `offset`, or 0.
std::size_t character_length(std::string_view text, std::size_t offset) {
  const Sequence sequence = sequence_of(static_cast<unsigned char>(text[offset]));
  if (offset + sequence.length > text.size()) return 0;
  for (std::size_t i = 1; i < sequence.length; ++i) {
    const auto byte = static_cast<unsigned char>(text[offset + i]);
    const bool second = i == 1;
    if (byte < (second ? sequence.low : 0x80) || byte > (second ? sequence.high : 0xBF)) return 0;
  }
  return sequence.length;
}

/// The code unit of a "\uXXXX" at `offset`, or 0.
std::uint32_t code_unit(std::string_view text, std::size_t offset) {
  if (offset + 6 > text.size() || text[offset] != '\\' || text[offset + 1] != 'u') return 0;
  std::uint32_t unit = 0;
  const char* end = text.data() + offset + 6;
  const auto [parsed, error] = std::from_chars(text.data() + offset + 2, end, unit, 16);
  return error == std::errc{} && parsed == end ? unit : 0;
}

std::string long_escape(std::uint32_t high, std::uint32_t low) {
  const std::uint32_t code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
  std::array<char, 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "\\U%08X", code);
  return buffer.data();
}

}  // namespace

std::optional<Diagnostic> check_text(std::string_view text, const std::string& file) {
  if (text.size() > kMaxManifestBytes) {
    return Diagnostic{Diagnostic::Severity::Error,
                      {file, 0, 0},
                      "",
                      "larger than " + std::to_string(kMaxManifestBytes >> 20) +
                          " MiB, which no manifest needs to be; split it into several files"};
  }
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    return error_at(text, nul, file, "not a text file: it has NUL bytes; a manifest is UTF-8 text");
  }
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = character_length(text, i);
    if (length == 0)
      return error_at(text, i, file, "not UTF-8 text: this byte begins no character");
    i += length;
  }
  return std::nullopt;
}

std::string join_surrogates(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') return std::string(text);
  std::string joined;
  joined.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::uint32_t high = code_unit(text, i);
    const std::uint32_t low = high >= 0xD800 && high < 0xDC00 ? code_unit(text, i + 6) : 0;
    if (low >= 0xDC00 && low < 0xE000) {
      joined += long_escape(high, low);
      i += 12;
      continue;
    }
    // An escape is copied whole, so that the second half of "\\" begins none.
    const std::size_t length = text[i] == '\\' && i + 1 < text.size() ? 2 : 1;
    joined += text.substr(i, length);
    i += length;
  }
  return joined;
}

}  // namespace podvisor::manifest
