#include "podvisor/base64.h"

#include <cstdint>

namespace podvisor {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// -1: none of the 64.
int digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

std::string without_line_breaks(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  for (const char c : text)
    if (c != '\r' && c != '\n') line += c;
  return line;
}

void put(std::uint32_t bits, int bytes, std::string& out) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(bits >> (16 - 8 * i) & 0xFFU);
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  std::string line = without_line_breaks(text);
  if (line.size() % 4 != 0) return std::nullopt;
  const bool padded = line.ends_with('=');
  const int missing = line.ends_with("==") ? 2 : padded ? 1 : 0;
  line.resize(line.size() - static_cast<std::size_t>(missing));
  std::string out;
  out.reserve(line.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  int digits = 0;
  for (const char c : line) {
    const int value = digit(c);
    if (value < 0) return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    if (++digits < 4) continue;
    put(bits, 3, out);
    bits = 0;
    digits = 0;
  }
  if (digits > 0) put(bits << (6 * (4 - digits)), digits - 1, out);
  return out;
}

std::string encode_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t j = i; j < i + 3; ++j)
      bits = bits << 8U | (j < bytes.size() ? static_cast<unsigned char>(bytes[j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      out += i + j > bytes.size() ? '=' : kDigits[bits >> (18 - 6 * j) & 0x3FU];
  }
  return out;
}

}  // namespace podvisor
