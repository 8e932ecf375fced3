#include "manifest/decode.h"
#include "manifest/json_access.h"
#include "manifest/quantity.h"

namespace podvisor::manifest {
namespace {

ConfigKeySelector decode_key_ref(const Json& json, ConfigKind kind) {
  return {kind, text(json, "name"), text(json, "key"), flag(json, "optional")};
}

EnvVar decode_variable(const Json& json) {
  EnvVar variable;
  variable.name = text(json, "name");
  variable.value = text(json, "value");
  const Json& source = child(json, "valueFrom");
  if (const Json* field = find(source, "fieldRef")) {
    variable.value_from = decode_field_ref(*field);
  } else if (const Json* resource = find(source, "resourceFieldRef")) {
    variable.value_from = decode_resource_field_ref(*resource);
  } else if (const Json* key = find(source, "configMapKeyRef")) {
    variable.value_from = decode_key_ref(*key, ConfigKind::ConfigMap);
  } else if (const Json* secret_key = find(source, "secretKeyRef")) {
    variable.value_from = decode_key_ref(*secret_key, ConfigKind::Secret);
  }
  return variable;
}

EnvFromSource decode_source(const Json& json) {
  const Json* secret = find(json, "secretRef");
  const Json& reference = secret != nullptr ? *secret : child(json, "configMapRef");
  EnvFromSource source;
  source.prefix = text(json, "prefix");
  source.kind = secret != nullptr ? ConfigKind::Secret : ConfigKind::ConfigMap;
  source.name = text(reference, "name");
  source.optional = flag(reference, "optional");
  return source;
}

}  // namespace

std::vector<EnvVar> decode_env(const Json& container) {
  std::vector<EnvVar> env;
  each(container, "env", "",
       [&](const Json& item, const std::string&) { env.push_back(decode_variable(item)); });
  return env;
}

std::vector<EnvFromSource> decode_env_from(const Json& container) {
  std::vector<EnvFromSource> sources;
  each(container, "envFrom", "",
       [&](const Json& item, const std::string&) { sources.push_back(decode_source(item)); });
  return sources;
}

ObjectFieldSelector decode_field_ref(const Json& selector) { return {text(selector, "fieldPath")}; }

ResourceFieldSelector decode_resource_field_ref(const Json& selector) {
  ResourceFieldSelector decoded;
  decoded.container_name = text(selector, "containerName");
  decoded.resource = text(selector, "resource");
  const std::string divisor = text(selector, "divisor");
  const auto quantity = parse_quantity(divisor);
  if (quantity && quantity->nanos != 0) decoded.divisor = divisor;  // DWN-4: 0 means 1
  return decoded;
}

}  // namespace podvisor::manifest
