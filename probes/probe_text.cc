#include "probes/probe_text.h"

namespace podvisor {
namespace {

std::string quoted_char(char c) {
  constexpr char kHex[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  if (c == '"' || c == '\\') return {'\\', c};
  if (c == '\n') return "\\n";
  if (c == '\t') return "\\t";
  if (byte < 0x20 || byte == 0x7f) return {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
  return {c};
}

}  // namespace

std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += quoted_char(c);
  return quoted + "\"";
}

std::string duration_text(Seconds span) {
  const auto seconds = span.count();
  std::string text;
  if (seconds >= 3600) text += std::to_string(seconds / 3600) + "h";
  if (seconds >= 60) text += std::to_string(seconds / 60 % 60) + "m";
  return text + std::to_string(seconds % 60) + "s";
}

}  // namespace podvisor
