#include "http/target.h"

#include <charconv>
#include <optional>
#include <utility>

namespace podvisor {
namespace {

std::optional<char> decode_escape(std::string_view digits) {
  if (digits.size() < 2) return std::nullopt;
  unsigned value = 0;
  const char* end = digits.data() + 2;
  if (std::from_chars(digits.data(), end, value, 16).ptr != end) return std::nullopt;
  return static_cast<char>(value);
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

Result<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus_is_space) c = ' ';
    if (c == '%') {
      const auto escaped = decode_escape(text.substr(i + 1));
      if (!escaped) return make_error("invalid percent-encoding in the request target");
      c = *escaped;
      i += 2;
    }
    if (is_control(c)) return make_error("control character in the request target");
    decoded += c;
  }
  return decoded;
}

Result<std::pair<std::string, std::string>> parse_parameter(std::string_view text) {
  const auto equals = text.find('=');
  auto name = decode(text.substr(0, equals), true);
  if (!name) return tl::unexpected(name.error());
  if (equals == std::string_view::npos) return std::pair(*name, std::string());
  auto value = decode(text.substr(equals + 1), true);
  if (!value) return tl::unexpected(value.error());
  return std::pair(*name, *value);
}

}  // namespace

Result<HttpTarget> parse_target(std::string_view target) {
  const auto question = target.find('?');
  auto path = decode(target.substr(0, question), false);
  if (!path) return tl::unexpected(path.error());
  if (path->empty() || path->front() != '/')
    return make_error("the request target must start with '/'");
  HttpTarget parsed{*path, {}};
  std::string_view rest =
      question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
  while (!rest.empty()) {
    const auto ampersand = rest.find('&');
    const auto text = rest.substr(0, ampersand);
    rest = ampersand == std::string_view::npos ? std::string_view() : rest.substr(ampersand + 1);
    if (text.empty()) continue;
    auto parameter = parse_parameter(text);
    if (!parameter) return tl::unexpected(parameter.error());
    parsed.query.insert(std::move(*parameter));
  }
  return parsed;
}

}  // namespace podvisor
