#include "manifest/scalar_value.h"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <vector>

#include "manifest/capabilities.h"
#include "manifest/duration.h"
#include "manifest/names.h"
#include "manifest/quantity.h"
#include "manifest/scalar.h"
#include "manifest/signals.h"

namespace podvisor::manifest {
namespace {

using Json = nlohmann::json;

std::string check_format(Format format, const std::string& text) {
  switch (format) {
    case Format::None:
      return "";
    case Format::DnsLabel:
      return check_dns_label(text);
    case Format::DnsSubdomain:
      return check_dns_subdomain(text);
    case Format::PortName:
      return check_port_name(text);
    case Format::EnvName:
      return check_env_name(text);
    case Format::HeaderName:
      return check_header_name(text);
    case Format::Ip:
      return check_ip(text);
    case Format::RelativePath:
      return check_relative_path(text);
    case Format::ItemPath:
      return check_item_path(text);
    case Format::ConfigKey:
      return check_config_key(text);
    case Format::QualifiedName:
      return check_qualified_name(text);
    case Format::SearchDomain:
      return check_search_domain(text);
    case Format::SignalName:
      return check_signal(text);
    case Format::Capability:
      return check_capability(text);
    case Format::Duration:
      return check_duration(text);
    case Format::NoBacksteps:
      break;
  }
  return check_backsteps(text);
}

/// What is wrong with a string that its row restricts; empty: nothing.
std::string check_string(const Field& field, const std::string& text) {
  const std::string shown = show(Json(text));
  const std::vector<std::string> allowed = split_words(field.allowed);
  const std::vector<std::string> refused = split_words(field.refused_values);
  if (std::find(refused.begin(), refused.end(), text) != refused.end()) {
    return forbidden(shown + ": " + field.reason);
  }
  if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), text) == allowed.end()) {
    return unsupported(shown, allowed);
  }
  const std::string wrong = check_format(field.format, text);
  return wrong.empty() ? "" : invalid(shown, wrong);
}

std::optional<Json> string_value(const Field& field, const Node& node, const std::string& path,
                                 Report& report) {
  if (!node.quoted && is_typed(node.text)) {
    const std::string shown = show(node);
    report.error(path, invalid(shown, "must be a string; put it in quotes: \"" + shown + "\""));
    return std::nullopt;
  }
  if (node.text.find('\0') != std::string::npos) {
    report.error(path, invalid(show(node), "must not contain a NUL character"));
    return std::nullopt;
  }
  // Kubernetes cannot tell an empty string from none either, where it is no pointer (DEF-1).
  const bool unset = node.text.empty() && !field.keeps_zero;
  const std::string wrong = unset ? "" : check_string(field, node.text);
  if (wrong.empty()) return node.text;
  report.error(path, wrong);
  return std::nullopt;
}

std::string range_text(const Field& field) {
  if (field.max == std::numeric_limits<std::int64_t>::max()) {
    return "must be greater than or equal to " + std::to_string(field.min);
  }
  return "must be between " + std::to_string(field.min) + " and " + std::to_string(field.max) +
         ", inclusive";
}

std::optional<Json> in_range(const Field& field, std::int64_t number, const std::string& path,
                             Report& report) {
  if (number >= field.min && number <= field.max) return number;
  report.error(path, invalid(std::to_string(number), range_text(field)));
  return std::nullopt;
}

std::optional<Json> integer_value(const Field& field, const Node& node, const std::string& path,
                                  Report& report) {
  const auto number = node.quoted ? std::nullopt : parse_integer(node.text);
  if (number == 0 && field.required) return 0;  // the same as unset (DEF-1), and told as that
  if (number) return in_range(field, *number, path, report);
  const bool limited = field.max != std::numeric_limits<std::int64_t>::max();
  report.error(
      path, invalid(show(node), limited ? "must be an integer from " + std::to_string(field.min) +
                                              " to " + std::to_string(field.max)
                                        : "must be an integer"));
  return std::nullopt;
}

std::optional<long> user_id(const std::string& name) {
  std::vector<char> buffer(1 << 16);
  passwd entry{};
  passwd* found = nullptr;
  getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? std::optional<long>(entry.pw_uid) : std::nullopt;
}

std::optional<long> group_id(const std::string& name) {
  std::vector<char> buffer(1 << 16);
  group entry{};
  group* found = nullptr;
  getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? std::optional<long>(entry.gr_gid) : std::nullopt;
}

std::optional<Json> id_value(const Field& field, const Node& node, const std::string& path,
                             Report& report) {
  const auto number = node.quoted ? std::nullopt : parse_integer(node.text);
  if (number) return in_range(field, *number, path, report);
  const bool user = field.type == ValueType::UserId;
  const std::string shown = show(Json(node.text));
  const auto id = user ? user_id(node.text) : group_id(node.text);
  report.error(path, invalid(shown, "must be a number from 0 to 2147483647, not a name; " +
                                        (id ? shown + " is " + std::to_string(*id)
                                            : std::string("there is no ") +
                                                  (user ? "user " : "group ") + shown) +
                                        " on this host"));
  return std::nullopt;
}

std::optional<Json> port_value(const Field& field, const Node& node, const std::string& path,
                               Report& report) {
  const auto number = node.quoted ? std::nullopt : parse_integer(node.text);
  if (number) return in_range(field, *number, path, report);
  const std::string wrong = check_port_name(node.text);
  if (wrong.empty()) return node.text;
  const bool quoted_number = node.quoted && parse_integer(node.text).has_value();
  report.error(
      path, invalid(show(node), quoted_number ? "a port in quotes is a name, and a name " + wrong +
                                                    "; write the number without "
                                                    "quotes"
                                              : "must be a port number from 1 to 65535, or "
                                                "the name of a port, which " +
                                                    wrong));
  return std::nullopt;
}

/// "25%": digits and a sign, as Kubernetes takes them.
bool is_percentage(std::string_view text) {
  if (text.size() < 2 || text.size() > 6 || text.back() != '%') return false;
  return std::all_of(text.begin(), text.end() - 1, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<Json> int_or_percent_value(const Field& field, const Node& node,
                                         const std::string& path, Report& report) {
  const auto number = node.quoted ? std::nullopt : parse_integer(node.text);
  if (number) return in_range(field, *number, path, report);
  if (is_percentage(node.text)) return node.text;
  report.error(path, invalid(show(node), "must be a number, or a percentage such as \"25%\""));
  return std::nullopt;
}

std::optional<Json> quantity_value(const Node& node, const std::string& path, Report& report) {
  std::string_view text = node.text;
  const std::size_t first = text.find_first_not_of(" \t\r\n");  // QTY-3
  text.remove_prefix(std::min(first, text.size()));
  text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  const auto quantity = parse_quantity(text);
  if (!quantity) {
    report.error(path, invalid(show(node), kQuantityForm));
    return std::nullopt;
  }
  if (quantity->nanos >= 0) return to_string(*quantity);
  report.error(path, invalid(show(node), "must be greater than or equal to 0"));
  return std::nullopt;
}

/// `mode: 644` is meant to be 0644, and is 01204.
std::string octal_hint(const std::string& text) {
  const bool looks_octal = text.size() == 3 && !text.starts_with('0') &&
                           text.find_first_not_of("01234567") == std::string::npos;
  return looks_octal ? "; without a leading 0 it is decimal: did you mean 0" + text + "?" : "";
}

std::optional<Json> mode_value(const Node& node, const std::string& path, Report& report) {
  const auto number = node.quoted ? std::nullopt : parse_integer(node.text);
  if (number && *number >= 0 && *number <= 0777) return *number;
  report.error(path, invalid(show(node),
                             "must be a number between 0 and 0777 (octal), both "
                             "inclusive" +
                                 octal_hint(node.text)));
  return std::nullopt;
}

std::optional<Json> boolean_value(const Node& node, const std::string& path, Report& report) {
  const auto boolean = node.quoted ? std::nullopt : parse_boolean(node.text);
  if (boolean) return *boolean;
  report.error(path, invalid(show(node), "must be true or false"));
  return std::nullopt;
}

}  // namespace

std::optional<Json> scalar_value(const Field& field, const Node& node, const std::string& path,
                                 Report& report) {
  switch (field.type) {
    case ValueType::Integer:
      return integer_value(field, node, path, report);
    case ValueType::Boolean:
      return boolean_value(node, path, report);
    case ValueType::Quantity:
      return quantity_value(node, path, report);
    case ValueType::PortRef:
      return port_value(field, node, path, report);
    case ValueType::IntOrPercent:
      return int_or_percent_value(field, node, path, report);
    case ValueType::UserId:
    case ValueType::GroupId:
      return id_value(field, node, path, report);
    case ValueType::FileMode:
      return mode_value(node, path, report);
    case ValueType::String:
    case ValueType::Object:
    case ValueType::Untyped:
      break;
  }
  return string_value(field, node, path, report);
}

}  // namespace podvisor::manifest
