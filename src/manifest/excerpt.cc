#include "manifest/excerpt.h"

#include <algorithm>
#include <string>

namespace podvisor::manifest {
namespace {

constexpr std::size_t kMaxLine = 400;  // of a longer one a terminal shows nothing sensible

/// Where each line begins.
std::vector<std::size_t> line_starts(std::string_view text) {
  std::vector<std::size_t> starts{0};
  for (std::size_t i = text.find('\n'); i != std::string_view::npos; i = text.find('\n', i + 1))
    starts.push_back(i + 1);
  return starts;
}

/// Tabs and control characters would move the caret away from what it points at.
std::string one_column_each(std::string_view line) {
  std::string out(line);
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = ' ';
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

}  // namespace

void add_excerpts(std::string_view text, std::vector<Diagnostic>& diagnostics) {
  if (diagnostics.empty()) return;
  // A syntax error belongs to no document yet: with a Secret in the text it may be one of its
  // lines.
  const bool has_secret = text.find("Secret") != std::string_view::npos;
  const std::vector<std::size_t> starts = line_starts(text);
  for (Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.secret || (has_secret && diagnostic.field.empty())) continue;
    const auto line = static_cast<std::size_t>(diagnostic.at.line);
    if (line == 0 || line > starts.size()) continue;
    const std::size_t start = starts[line - 1];
    const std::size_t end = line < starts.size() ? starts[line] - 1 : text.size();
    if (end - start <= kMaxLine)
      diagnostic.excerpt = one_column_each(text.substr(start, end - start));
  }
}

}  // namespace podvisor::manifest
