#include "door/strict_head.h"

#include <cstring>

namespace podvisor::door {

bool is_strict_head(std::string_view head) {
  if (std::memchr(head.data(), '\0', head.size()) != nullptr) return false;
  std::size_t line = 0;
  while (line < head.size()) {
    const char first = head[line];
    if (first == ' ' || first == '\t') return false;
    const std::size_t feed = head.find('\n', line);
    if (feed == std::string_view::npos || feed == line || head[feed - 1] != '\r') return false;
    // The only CR of the line is its last but one byte.
    if (head.find('\r', line) != feed - 1) return false;
    line = feed + 1;
  }
  return true;
}

bool has_bare_feed(std::string_view head) {
  for (std::size_t feed = head.find('\n'); feed != std::string_view::npos;
       feed = head.find('\n', feed + 1))
    if (feed == 0 || head[feed - 1] != '\r') return true;
  return false;
}

}  // namespace podvisor::door
