#include <sstream>

#include "cli/details.h"
#include "cli/text.h"

namespace podvisor::cli {
namespace {

std::string head(const Json& object) {
  Details details;
  details.pair(0, "Name", text(object, "metadata.name"));
  details.pair(0, "Namespace", text(object, "metadata.namespace"));
  describe_map(details, "Labels", field(object, "metadata.labels"), "=");
  describe_map(details, "Annotations", field(object, "metadata.annotations"), ": ");
  if (flag(object, "immutable")) details.pair(0, "Immutable", "true");
  return details.take_text();
}

/// A text as it is, line by line, without what could steer a terminal.
std::string printable_text(const std::string& value) {
  std::string out;
  std::istringstream lines(value);
  for (std::string line; std::getline(lines, line);) out += printable(line) + "\n";
  return out;
}

std::size_t decoded_size(const std::string& base64) {
  const std::size_t padding = base64.ends_with("==") ? 2 : base64.ends_with('=') ? 1 : 0;
  return base64.size() / 4 * 3 - padding;
}

std::string sizes(const Json& values) {
  Details details;
  for (const auto& [key, value] : values.items())
    details.pair(0, printable(key), std::to_string(decoded_size(raw_text(value, ""))) + " bytes");
  return details.take_text();
}

}  // namespace

void describe_map(Details& details, const std::string& label, const Json& map,
                  const std::string& separator) {
  if (!map.is_object() || map.empty()) return details.pair(0, label, "<none>");
  std::string first = label + ":";
  for (const auto& [key, value] : map.items()) {
    details.line(0, {first, printable(key) + separator + text(value, "")});
    first.clear();
  }
}

std::string describe_config_map(const Json& map) {
  std::string out = head(map) + "\nData\n====\n";
  for (const auto& [key, value] : field(map, "data").items())
    out += printable(key) + ":\n----\n" + printable_text(raw_text(value, "")) + "\n";
  out += "\nBinaryData\n====\n" + sizes(field(map, "binaryData"));
  return out;
}

std::string describe_secret(const Json& secret) {
  return head(secret) + "\nType:  " + text(secret, "type") + "\n\nData\n====\n" +
         sizes(field(secret, "data"));
}

}  // namespace podvisor::cli
