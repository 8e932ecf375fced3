#include "cli/documents.h"

#include <yaml-cpp/yaml.h>

#include <regex>

#include "cli/text.h"

namespace podvisor::cli {
namespace {

/// YAML 1.1, which Kubernetes reads, has more words and numbers than 1.2.
bool reads_as_something_else(const std::string& text) {
  static const std::regex kNotText(
      "|~|null|true|false|y|n|yes|no|on|off|<<|="
      "|[-+]?\\.?[0-9][-0-9a-f_.,:xot+ z]*|[-+]?\\.(inf|nan)",
      std::regex::icase | std::regex::optimize);
  constexpr std::size_t kLongestNumber = 64;
  return text.size() <= kLongestNumber && std::regex_match(text, kNotText);
}

bool needs_quotes(const std::string& text) {
  return printable(text) != text || reads_as_something_else(text);
}

void emit(YAML::Emitter& out, const Json& value) {
  switch (value.type()) {
    case Json::value_t::object:
      if (value.empty()) out << YAML::Flow;
      out << YAML::BeginMap;
      for (const auto& [key, element] : value.items()) {
        out << YAML::Key;
        emit(out, key);
        out << YAML::Value;
        emit(out, element);
      }
      out << YAML::EndMap;
      break;
    case Json::value_t::array:
      if (value.empty()) out << YAML::Flow;
      out << YAML::BeginSeq;
      for (const Json& element : value) emit(out, element);
      out << YAML::EndSeq;
      break;
    case Json::value_t::string:
      if (needs_quotes(value.get_ref<const std::string&>())) out << YAML::DoubleQuoted;
      out << value.get_ref<const std::string&>();
      break;
    case Json::value_t::null:
      out << YAML::Null;
      break;
    default:
      out << value.dump();  // booleans and numbers are written as in JSON
  }
}

void set_type(Json& pod) {
  if (!pod.is_object()) return;
  if (!has(pod, "apiVersion")) pod["apiVersion"] = "v1";
  if (!has(pod, "kind")) pod["kind"] = "Pod";
}

}  // namespace

std::string to_json_text(const Json& object) {
  return printable_json(object.dump(4, ' ', false, Json::error_handler_t::replace)) + '\n';
}

std::string to_yaml_text(const Json& object) {
  YAML::Emitter out;
  out.SetNullFormat(YAML::LowerNull);
  emit(out, object);
  return std::string(out.c_str(), out.size()) + '\n';
}

Json list_document(std::vector<Json> pods) {
  for (Json& pod : pods) set_type(pod);
  return {{"apiVersion", "v1"},
          {"items", std::move(pods)},
          {"kind", "List"},
          {"metadata", {{"resourceVersion", ""}}}};
}

}  // namespace podvisor::cli
