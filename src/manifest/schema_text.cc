#include "manifest/schema_text.h"

#include <algorithm>

namespace podvisor::manifest {
namespace {

std::string code(const std::string& text) { return "`" + text + "`"; }

std::string type_name(const Field& field) {
  switch (field.type) {
    case ValueType::String:
      return "string";
    case ValueType::Integer:
      return "integer";
    case ValueType::Boolean:
      return "boolean";
    case ValueType::Quantity:
      return "quantity";
    case ValueType::PortRef:
      return "port number or name";
    case ValueType::IntOrPercent:
      return "number or percentage";
    case ValueType::UserId:
      return "user id";
    case ValueType::GroupId:
      return "group id";
    case ValueType::FileMode:
      return "file mode";
    case ValueType::Untyped:
      return "object";
    case ValueType::Object:
      break;
  }
  return field.object->name;
}

std::string range_text(const Field& field) {
  const bool from = field.min != std::numeric_limits<std::int64_t>::min();
  const bool to = field.max != std::numeric_limits<std::int64_t>::max();
  if (from && to) return std::to_string(field.min) + " to " + std::to_string(field.max);
  return from ? "at least " + std::to_string(field.min) : "";
}

const char* format_text(Format format) {
  switch (format) {
    case Format::None:
      return "";
    case Format::DnsLabel:
      return "DNS label";
    case Format::DnsSubdomain:
      return "DNS subdomain";
    case Format::PortName:
      return "port name";
    case Format::EnvName:
      return "printable ASCII but `=`";
    case Format::HeaderName:
      return "header name";
    case Format::Ip:
      return "IP address";
    case Format::RelativePath:
      return "relative, no `..`";
    case Format::ItemPath:
      return "relative, no `..` before or in it";
    case Format::ConfigKey:
      return "config key";
    case Format::QualifiedName:
      return "qualified name";
    case Format::SearchDomain:
      return "DNS subdomain, `_` allowed; or `.`";
    case Format::SignalName:
      return "name of a signal, such as `SIGINT`";
    case Format::Capability:
      return "name of a capability, such as `NET_ADMIN`";
    case Format::Duration:
      return "duration, such as `1m30s`";
    case Format::NoBacksteps:
      break;
  }
  return "no `..`";
}

std::string words_text(const Field& field) {
  const auto refused = split_words(field.refused_values);
  std::string text;
  for (const std::string& word : split_words(field.allowed)) {
    const bool is_refused = std::find(refused.begin(), refused.end(), word) != refused.end();
    text += (text.empty() ? "" : ", ") + (word.empty() ? "empty" : code(word)) +
            (is_refused ? " (refused)" : "");
  }
  return text;
}

/// A mode as people write it: 0644, which JSON has to call 420.

std::string default_text(const Field& field) {
  if (field.type != ValueType::FileMode) return field.default_value;
  std::string octal;
  for (int mode = std::stoi(field.default_value); mode != 0; mode /= 8) {
    octal.insert(octal.begin(), static_cast<char>('0' + mode % 8));
  }
  return "0" + octal;
}

}  // namespace

std::string type_text(const Field& field) {
  const std::string name = type_name(field);
  if (field.shape == Shape::List) return "list of " + name;
  return field.shape == Shape::Map ? "map to " + name : name;
}

std::string support_text(const Field& field) {
  std::string text;
  switch (field.support) {
    case Support::Supported:
      return field.refused_values == nullptr ? "yes" : std::string("yes; refused: ") + field.reason;
    case Support::Dropped:
      return "dropped";
    case Support::Ignored:
      text = "ignored";
      break;
    case Support::Refused:
      text = "refused";
      break;
  }
  text += std::string(": ") + field.reason;
  return *field.unless == '\0' ? text : text + "; unless " + code(field.unless);
}

std::string values_text(const Field& field) {
  std::string text = field.required ? "required" : "";
  const auto add = [&](const std::string& more) {
    if (!more.empty()) text += (text.empty() ? "" : "; ") + more;
  };
  add(words_text(field));
  if (field.type == ValueType::FileMode) add("0 to 0777");
  add(range_text(field));
  add(format_text(field.format));
  if (field.default_value != nullptr) add("default " + code(default_text(field)));
  if (field.default_value != nullptr && field.keeps_zero) add("0 counts");
  return text;
}

std::string support_text(const Kind& kind) {
  if (kind.type == nullptr) return std::string("refused: ") + kNotYet;
  return *kind.remark == '\0' ? "yes" : kind.remark;
}

}  // namespace podvisor::manifest
