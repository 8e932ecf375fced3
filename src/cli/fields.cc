#include "cli/fields.h"

#include "cli/text.h"

namespace podvisor::cli {
namespace {

const Json kNull;
const Json kEmptyList = Json::array();

}  // namespace

const Json& field(const Json& object, std::string_view path) {
  const Json* at = &object;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    const std::string key(path.substr(0, dot));
    if (!at->is_object()) return kNull;
    const auto found = at->find(key);
    if (found == at->end()) return kNull;
    at = &*found;
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  }
  return *at;
}

bool has(const Json& object, std::string_view path) { return !field(object, path).is_null(); }

std::string raw_text(const Json& object, std::string_view path) {
  const Json& value = field(object, path);
  return value.is_string() ? value.get<std::string>() : std::string{};
}

std::string text(const Json& object, std::string_view path) {
  const Json& value = field(object, path);
  if (value.is_string()) return printable(value.get_ref<const std::string&>());
  return value.is_number() || value.is_boolean() ? value.dump() : std::string{};
}

std::string text_or(const Json& object, std::string_view path, const std::string& fallback) {
  std::string value = text(object, path);
  return value.empty() ? fallback : value;
}

std::int64_t number(const Json& object, std::string_view path) {
  const Json& value = field(object, path);
  return value.is_number() ? value.get<std::int64_t>() : 0;
}

bool flag(const Json& object, std::string_view path) {
  const Json& value = field(object, path);
  return value.is_boolean() && value.get<bool>();
}

const Json& list(const Json& object, std::string_view path) {
  const Json& value = field(object, path);
  return value.is_array() ? value : kEmptyList;
}

const Json& find_named(const Json& object, std::string_view path, const std::string& name,
                       std::string_view key) {
  for (const Json& element : list(object, path))
    if (raw_text(element, key) == name) return element;
  return kNull;
}

}  // namespace podvisor::cli
