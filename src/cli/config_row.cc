// ConfigMaps and Secrets as tables, as kubectl prints them.
#include "cli/resource.h"
#include "cli/row.h"

namespace podvisor::cli {
namespace {

std::string entries(const Json& object, std::string_view path) {
  return std::to_string(field(object, path).size());
}

std::vector<std::string> config_map_header(RowColumns columns) {
  return common_header(columns, {"NAME", "DATA", "AGE"});
}

std::vector<std::string> config_map_cells(const Json& map, RowColumns columns, WallTime now) {
  const auto count = field(map, "data").size() + field(map, "binaryData").size();
  return with_common(map, columns,
                     {text(map, "metadata.name"), std::to_string(count), age_of(map, now)});
}

std::vector<std::string> secret_header(RowColumns columns) {
  return common_header(columns, {"NAME", "TYPE", "DATA", "AGE"});
}

std::vector<std::string> secret_cells(const Json& secret, RowColumns columns, WallTime now) {
  return with_common(secret, columns,
                     {text(secret, "metadata.name"), text(secret, "type"), entries(secret, "data"),
                      age_of(secret, now)});
}

}  // namespace

const Resource kConfigMaps = {"configmap", "configmaps",      "cm",
                              true,        config_map_header, config_map_cells};
const Resource kSecrets = {"secret", "secrets", "secrets", true, secret_header, secret_cells};

}  // namespace podvisor::cli
