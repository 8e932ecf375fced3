#include "door/first_bytes.h"

#include <algorithm>

namespace podvisor::door {
namespace {

constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::size_t kMaxMethod = 32;
constexpr std::string_view kMethods[] = {"GET",   "HEAD",    "POST",    "PUT",  "DELETE",
                                         "PATCH", "OPTIONS", "CONNECT", "TRACE"};

bool is_method_letter(char c) { return (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; }

bool is_method(std::string_view word) {
  return std::find(std::begin(kMethods), std::end(kMethods), word) != std::end(kMethods);
}

}  // namespace

Speech classify_first_bytes(std::string_view bytes) {
  while (bytes.starts_with("\r\n")) bytes.remove_prefix(2);
  if (bytes.empty() || bytes == "\r") return Speech::Unknown;
  if (kHttp2Preface.starts_with(bytes.substr(0, kHttp2Preface.size())))
    return bytes.size() >= kHttp2Preface.size() ? Speech::Other : Speech::Unknown;

  const auto word_end = static_cast<std::size_t>(
      std::find_if_not(bytes.begin(), bytes.end(), is_method_letter) - bytes.begin());
  const std::string_view word = bytes.substr(0, word_end);
  if (word.size() > kMaxMethod) return Speech::Other;
  if (word_end == bytes.size()) return Speech::Unknown;
  if (word.empty() || bytes[word_end] != ' ') return Speech::Other;
  if (is_method(word)) return Speech::Http1;

  // A method that we do not know: the rest of its line decides.
  const std::size_t line_end = bytes.find('\n');
  if (line_end == std::string_view::npos) return Speech::Unknown;
  return bytes.substr(0, line_end).find(" HTTP/1.") != std::string_view::npos ? Speech::Http1
                                                                              : Speech::Other;
}

}  // namespace podvisor::door
