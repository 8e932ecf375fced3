#include "manifest/labels.h"

#include <sstream>

#include "manifest/names.h"

namespace podvisor::manifest {

std::string check_label(const std::string& key, const std::optional<std::string>& value) {
  const std::string wrong_key = check_qualified_name(key);
  if (!wrong_key.empty()) return "label key \"" + key + "\": " + wrong_key;
  const std::string wrong_value = value ? check_label_value(*value) : "";
  return wrong_value.empty() ? "" : "label " + key + "=" + *value + ": " + wrong_value;
}

Result<std::map<std::string, std::string>> parse_labels(const std::string& text) {
  std::map<std::string, std::string> labels;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) {
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos)
      return make_error("\"" + part + "\" is not a label: write KEY=VALUE");
    const std::string key = part.substr(0, equals);
    const std::string value = part.substr(equals + 1);
    if (const std::string wrong = check_label(key, value); !wrong.empty()) return make_error(wrong);
    labels.insert_or_assign(key, value);
  }
  return labels;
}

}  // namespace podvisor::manifest
