#include "manifest/names.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

namespace podvisor::manifest {
namespace {

// Not <cctype>: those follow the locale.
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_lower_alnum(char c) { return is_lower(c) || is_digit(c); }
bool is_alnum(char c) { return is_letter(c) || is_digit(c); }

template <typename Predicate>
bool all(std::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

bool is_label(std::string_view text) {
  return !text.empty() && is_lower_alnum(text.front()) && is_lower_alnum(text.back()) &&
         all(text, [](char c) { return is_lower_alnum(c) || c == '-'; });
}

/// One that a resolver may be asked for: "_tcp" too.
bool is_underscored_label(std::string_view text) {
  if (text.starts_with('_')) text.remove_prefix(1);
  return !text.empty() && is_lower_alnum(text.front()) && is_lower_alnum(text.back()) &&
         all(text, [](char c) { return is_lower_alnum(c) || c == '-' || c == '_'; });
}

bool is_subdomain(std::string_view text, bool (*is_part)(std::string_view) = is_label) {
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_part(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_qualified_part(std::string_view text) {
  return !text.empty() && is_alnum(text.front()) && is_alnum(text.back()) &&
         all(text, [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

std::string too_long(std::size_t max) {
  return "must be no more than " + std::to_string(max) + " characters";
}

constexpr const char* kPartForm =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc')";

}  // namespace

std::string lower_cased(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::string check_dns_label(std::string_view text) {
  if (text.size() > 63) return too_long(63);
  if (is_label(text)) return "";
  return "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
         "and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc')";
}

std::string check_dns_subdomain(std::string_view text) {
  if (text.size() > 253) return too_long(253);
  if (is_subdomain(text)) return "";
  return "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' "
         "or '.', and must start and end with an alphanumeric character (e.g. 'example.com')";
}

std::string check_port_name(std::string_view text) {
  if (text.size() > 15) return too_long(15);
  if (!all(text, [](char c) { return is_lower_alnum(c) || c == '-'; })) {
    return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
  }
  if (std::none_of(text.begin(), text.end(), is_lower)) {
    return "must contain at least one letter (a-z)";
  }
  if (text.find("--") != std::string_view::npos) return "must not contain consecutive hyphens";
  if (text.front() == '-' || text.back() == '-') {
    return "must not begin or end with a hyphen";
  }
  return "";
}

std::string check_env_name(std::string_view text) {
  const auto printable = [](char c) { return c >= 0x20 && c <= 0x7E && c != '='; };
  if (!text.empty() && all(text, printable)) return "";
  return "a valid environment variable name must consist only of printable ASCII characters other "
         "than '='";
}

std::string check_header_name(std::string_view text) {
  if (!text.empty() && all(text, [](char c) { return is_alnum(c) || c == '-'; })) return "";
  return "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. "
         "'X-Header-Name')";
}

std::string check_qualified_name(std::string_view text) {
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    const std::string wrong = check_dns_subdomain(text.substr(0, slash));
    if (!wrong.empty()) return "prefix part " + wrong;
    text.remove_prefix(slash + 1);
  }
  if (text.size() > 63) return "name part " + too_long(63);
  return is_qualified_part(text) ? "" : std::string("name part ") + kPartForm;
}

std::string check_label_value(std::string_view text) {
  if (text.size() > 63) return too_long(63);
  if (text.empty() || is_qualified_part(text)) return "";
  return std::string("a valid label must be an empty string or ") + kPartForm;
}

std::string check_ip(std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  const std::string copy(text);
  if (inet_pton(AF_INET, copy.c_str(), address.data()) == 1) return "";
  if (inet_pton(AF_INET6, copy.c_str(), address.data()) == 1) return "";
  return "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
}

std::string check_backsteps(std::string_view path) {
  while (true) {
    const std::size_t slash = path.find('/');
    if (path.substr(0, slash) == "..") return "must not contain '..'";
    if (slash == std::string_view::npos) return "";
    path.remove_prefix(slash + 1);
  }
}

std::string check_relative_path(std::string_view path) {
  return path.starts_with('/') ? "must be a relative path" : check_backsteps(path);
}

std::string check_item_path(std::string_view path) {
  const std::string wrong = check_relative_path(path);
  return wrong.empty() && path.starts_with("..") ? "must not start with '..'" : wrong;
}

std::string check_config_key(std::string_view text) {
  const auto fits = [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; };
  if (text.size() > 253) return too_long(253);
  if (text.empty() || !all(text, fits)) {
    return "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
           "'key.name',  or 'KEY_NAME',  or 'key-name')";
  }
  if (text == ".") return "must not be '.'";
  if (text == "..") return "must not be '..'";
  return text.starts_with("..") ? "must not start with '..'" : "";
}

std::string check_search_domain(std::string_view text) {
  if (text == ".") return "";
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.size() > 253) return too_long(253);
  if (is_subdomain(text, is_underscored_label)) return "";
  return "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-', "
         "'_' or '.', and must start and end with an alphanumeric character (e.g. 'example.com')";
}

}  // namespace podvisor::manifest
