#include "manifest/present.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <ostream>

namespace podvisor {
namespace {

constexpr const char* kBold = "\033[1m";
constexpr const char* kRed = "\033[1;31m";
constexpr const char* kYellow = "\033[1;33m";
constexpr const char* kGreen = "\033[1;32m";
constexpr const char* kNone = "\033[0m";

/// File names and keys come from others; C1 controls hide in UTF-8 as C2 80 … C2 9F.
std::string harmless(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (byte < 0x20 || byte == 0x7F) text[i] = '?';
    if (byte == 0xC2 && next >= 0x80 && next < 0xA0) text.replace(i, 2, "?");
  }
  return text;
}

std::string coloured(const std::string& text, const char* colour, DiagnosticStyle style) {
  return style.colours ? colour + text + kNone : text;
}

/// Columns of a terminal up to a byte: characters, not bytes.
std::size_t width(const std::string& text, std::size_t bytes) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(bytes, text.size())),
      [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// How much the caret underlines: the word that begins there.
std::size_t marked(const std::string& line, std::size_t from) {
  if (from >= line.size()) return 1;
  const std::size_t end = std::min(line.find_first_of(" ,:]}", from), line.size());
  return std::max<std::size_t>(width(line.substr(from, end - from), line.size()), 1);
}

std::string excerpt(const Diagnostic& diagnostic, DiagnosticStyle style) {
  const std::string number = std::to_string(diagnostic.at.line);
  const std::string line = harmless(diagnostic.excerpt);
  const auto from = static_cast<std::size_t>(std::max(diagnostic.at.column, 1) - 1);
  const std::string margin(number.size() + 2, ' ');
  const std::string caret = "^" + std::string(marked(line, from) - 1, '~');
  return "  " + number + " | " + line + "\n" + margin + " | " +
         std::string(width(line, from), ' ') + coloured(caret, kGreen, style) + "\n";
}

}  // namespace

DiagnosticStyle style_for(int fd) {
  if (::isatty(fd) == 0) return {};
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool plain = (no_colour != nullptr && *no_colour != '\0') ||
                     (terminal != nullptr && std::string(terminal) == "dumb");
  return {true, !plain};
}

std::string present(const Diagnostic& diagnostic, DiagnosticStyle style) {
  if (!style.excerpts && !style.colours) return harmless(to_string(diagnostic)) + "\n";
  const bool error = diagnostic.severity == Diagnostic::Severity::Error;
  std::string text = coloured(harmless(to_string(diagnostic.at)) + ":", kBold, style) + " ";
  text += coloured(error ? "error:" : "warning:", error ? kRed : kYellow, style) + " ";
  if (!diagnostic.field.empty()) text += harmless(diagnostic.field) + ": ";
  text += harmless(diagnostic.message) + "\n";
  if (style.excerpts && !diagnostic.excerpt.empty()) text += excerpt(diagnostic, style);
  return text;
}

void present(const std::vector<Diagnostic>& diagnostics, DiagnosticStyle style, std::ostream& out) {
  for (const Diagnostic& diagnostic : diagnostics) out << present(diagnostic, style);
}

std::string to_json_line(const Diagnostic& diagnostic) {
  const bool error = diagnostic.severity == Diagnostic::Severity::Error;
  const nlohmann::ordered_json json = {{"severity", error ? "error" : "warning"},
                                       {"file", diagnostic.at.file},
                                       {"line", diagnostic.at.line},
                                       {"column", diagnostic.at.column},
                                       {"field", diagnostic.field},
                                       {"message", diagnostic.message}};
  return json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace podvisor
