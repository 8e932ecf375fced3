#include "probes/http_url.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "probes/probe_port.h"

namespace podvisor {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

/// May stand in a path as it is.
bool is_path_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("-_.~!$&'()*+,;=:@[]/").find(c) != std::string_view::npos;
}

void add_encoded(std::string& out, char c) {
  constexpr char kHex[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
}

bool escapes_valid(std::string_view path) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '%') continue;
    if (i + 2 >= path.size() || !is_hex(path[i + 1]) || !is_hex(path[i + 2])) return false;
  }
  return true;
}

/// Encodes what may not stand in a path; a % is kept where `escapes` says that it starts an escape.
std::string escape_path(std::string_view path, bool escapes) {
  std::string out;
  for (const char c : path) {
    if (is_path_char(c) || (escapes && c == '%')) {
      out += c;
    } else {
      add_encoded(out, c);
    }
  }
  return out;
}

/// A blank would end the request line's target; everything else of a query is kept (HTTP-2).
std::string escape_query(std::string_view query) {
  std::string out;
  for (const char c : query) {
    if (c == ' ') {
      out += "%20";
    } else {
      out += c;
    }
  }
  return out;
}

struct PathReference {
  std::string_view userinfo;
  std::string_view path;
  std::string_view query;  ///< with its "?"
};

/// Length of a leading "scheme:", or 0.
std::size_t scheme_length(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return 0;
  const std::string_view scheme = text.substr(0, colon);
  const bool valid =
      std::isalpha(static_cast<unsigned char>(scheme[0])) != 0 &&
      std::all_of(scheme.begin(), scheme.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '-' || c == '.';
      });
  return valid ? colon + 1 : 0;
}

/// Nothing for what is no URL reference: then the whole text is a raw path.
std::optional<PathReference> parse_reference(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), is_control)) return std::nullopt;
  text = text.substr(0, text.find('#'));
  PathReference reference;
  const std::size_t scheme = scheme_length(text);
  std::string_view rest = text.substr(scheme);
  if (rest.starts_with("//")) {
    const auto end = std::min(rest.find_first_of("/?", 2), rest.size());
    const std::string_view authority = rest.substr(2, end - 2);
    const auto at = authority.rfind('@');
    if (at != std::string_view::npos) reference.userinfo = authority.substr(0, at);
    rest.remove_prefix(end);
  } else if (scheme != 0 ? !rest.starts_with('/')
                         : rest.substr(0, rest.find_first_of("/?")).find(':') != rest.npos) {
    return std::nullopt;  // "mailto:x" and "1:b" name no path
  }
  const auto question = std::min(rest.find('?'), rest.size());
  reference.path = rest.substr(0, question);
  reference.query = rest.substr(question);
  if (!escapes_valid(reference.path)) return std::nullopt;
  return reference;
}

std::string with_slash(const std::string& path) {
  return path.starts_with('/') ? path : "/" + path;
}

}  // namespace

HttpUrl probe_url(std::string_view scheme, const std::string& host, std::uint16_t port,
                  std::string_view path) {
  HttpUrl url;
  url.scheme = scheme == "HTTPS" ? "https" : "http";
  url.host = host;
  url.port = port;
  url.authority = join_host_port(host, port);
  const auto reference = parse_reference(path);
  if (!reference) {
    url.target = with_slash(escape_path(path, false));
    return url;
  }
  url.target = with_slash(escape_path(reference->path, true)) + escape_query(reference->query);
  const auto colon = std::min(reference->userinfo.find(':'), reference->userinfo.size());
  url.user = reference->userinfo.substr(0, colon);
  if (colon < reference->userinfo.size()) url.password = reference->userinfo.substr(colon + 1);
  return url;
}

std::string to_string(const HttpUrl& url) {
  return url.scheme + "://" + url.authority + url.target;
}

}  // namespace podvisor
