#include "manifest/decode.h"
#include "manifest/json_access.h"
#include "podvisor/base64.h"

namespace podvisor::manifest {
namespace {

void take(const Json& json, const char* map, bool base64, std::map<std::string, std::string>& out) {
  const Json* values = find(json, map);
  if (values == nullptr) return;
  for (const auto& [key, value] : values->items()) {
    const auto& text = value.get_ref<const std::string&>();
    out.insert_or_assign(key, base64 ? decode_base64(text).value_or(text) : text);
  }
}

ConfigObject decode_any(const Json& json, ConfigKind kind) {
  ConfigObject object;
  object.kind = kind;
  object.metadata = decode_metadata(json.at("metadata"));
  object.immutable = flag(json, "immutable");
  object.type = text(json, "type");
  return object;
}

}  // namespace

ConfigObject decode_config_map(const Json& json) {
  ConfigObject object = decode_any(json, ConfigKind::ConfigMap);
  take(json, "data", false, object.data);
  take(json, "binaryData", true, object.data);
  object.document = json.dump();
  return object;
}

ConfigObject decode_secret(const Json& json) {
  ConfigObject object = decode_any(json, ConfigKind::Secret);
  take(json, "data", true, object.data);
  take(json, "stringData", false, object.data);
  // stringData is for writing only: what is read is always data.
  Json shown = json;
  shown.erase("stringData");
  if (!object.data.empty()) shown["data"] = Json::object();
  for (const auto& [key, value] : object.data) shown["data"][key] = encode_base64(value);
  object.document = shown.dump();
  return object;
}

Namespace decode_namespace(const Json& json) {
  Namespace decoded{decode_metadata(json.at("metadata"))};
  decoded.metadata.namespace_.clear();  // it stands in none
  return decoded;
}

}  // namespace podvisor::manifest
