// Rules of ConfigMaps and Secrets: keys, sizes, and what the types of Secrets need.
#include <algorithm>
#include <array>

#include "manifest/json_access.h"
#include "manifest/names.h"
#include "manifest/scalar.h"
#include "manifest/validate.h"
#include "podvisor/base64.h"

namespace podvisor::manifest {
namespace {

constexpr std::size_t kMaxConfigBytes = std::size_t{1} << 20;
constexpr const char* kNotBase64 = "must be base64 (RFC 4648, with padding)";

void check_keys(const Json& object, const char* map, Report& report) {
  const Json* values = find(object, map);
  if (values == nullptr) return;
  for (const auto& [key, value] : values->items()) {
    const std::string wrong = check_config_key(key);
    if (!wrong.empty()) report.error(at(map, key), invalid(show(Json(key)), wrong));
  }
}

/// Bytes of the values of one map. What is not base64 is reported, and counted as it stands.
std::size_t measure(const Json& object, const char* map, bool base64, Report& report) {
  const Json* values = find(object, map);
  if (values == nullptr) return 0;
  std::size_t bytes = 0;
  for (const auto& [key, value] : values->items()) {
    const auto& text = value.get_ref<const std::string&>();
    const auto decoded = base64 ? decode_base64(text) : std::nullopt;
    if (base64 && !decoded) report.error(at(map, key), invalid("(not shown)", kNotBase64));
    bytes += decoded ? decoded->size() : text.size();
  }
  return bytes;
}

void check_size(std::size_t bytes, Report& report) {
  if (bytes <= kMaxConfigBytes) return;
  report.error("data", "Too long: may not be more than " + std::to_string(kMaxConfigBytes) +
                           " bytes together");
}

/// What a type of Kubernetes' own asks for: one of the keys, or (`all`) each of them.
struct SecretTypeRule {
  const char* type;
  std::array<const char*, 2> keys;
  bool all = false;
};

constexpr std::array kSecretTypeRules = {
    SecretTypeRule{"kubernetes.io/dockerconfigjson", {".dockerconfigjson", nullptr}, true},
    SecretTypeRule{"kubernetes.io/dockercfg", {".dockercfg", nullptr}, true},
    SecretTypeRule{"kubernetes.io/basic-auth", {"username", "password"}},
    SecretTypeRule{"kubernetes.io/ssh-auth", {"ssh-privatekey", nullptr}, true},
    SecretTypeRule{"kubernetes.io/tls", {"tls.crt", "tls.key"}, true},
};

bool has_key(const Json& secret, const char* key) {
  for (const char* map : {"data", "stringData"}) {
    const Json* values = find(secret, map);
    if (values != nullptr && values->contains(key)) return true;
  }
  return false;
}

void check_type(const Json& secret, Report& report) {
  const std::string type = text(secret, "type");
  for (const SecretTypeRule& rule : kSecretTypeRules) {
    if (type != rule.type) continue;
    bool any = false;
    for (const char* key : rule.keys) {
      if (key == nullptr) continue;
      const bool there = has_key(secret, key);
      any = any || there;
      if (!there && rule.all) report.error(at("data", std::string(key)), "Required value");
    }
    if (!any && !rule.all) {
      report.error(at("data", std::string(rule.keys[0])),
                   std::string("Required value: this key or ") + rule.keys[1]);
    }
  }
}

/// A registry's credentials that are not JSON would be found out only when an image is pulled.
void check_docker_config(const Json& secret, Report& report) {
  const bool is_json = text(secret, "type") == "kubernetes.io/dockerconfigjson";
  const Json* texts = find(secret, "stringData");
  const Json* data = find(secret, "data");
  const std::string key = ".dockerconfigjson";
  if (!is_json) return;
  std::optional<std::string> value;
  if (texts != nullptr && texts->contains(key)) {
    value = text(*texts, key);
  } else if (data != nullptr && data->contains(key)) {
    value = decode_base64(text(*data, key));
  }
  if (!value || Json::accept(*value)) return;
  report.error(at("data", key), invalid("(not shown)", "must be JSON"));
}

}  // namespace

void validate_config_map(const Json& map, Report& report) {
  if (const Json* metadata = find(map, "metadata")) validate_metadata(*metadata, report);
  check_keys(map, "data", report);
  check_keys(map, "binaryData", report);
  const Json* data = find(map, "data");
  if (const Json* binary = find(map, "binaryData"); binary != nullptr && data != nullptr) {
    for (const auto& [key, value] : binary->items()) {
      if (!data->contains(key)) continue;
      report.error(at("binaryData", key), invalid(show(Json(key)), "duplicate of a key of data"));
    }
  }
  check_size(measure(map, "data", false, report) + measure(map, "binaryData", true, report),
             report);
}

void validate_secret(const Json& secret, Report& report) {
  if (const Json* metadata = find(secret, "metadata")) validate_metadata(*metadata, report);
  check_keys(secret, "data", report);
  check_keys(secret, "stringData", report);
  check_size(measure(secret, "data", true, report) + measure(secret, "stringData", false, report),
             report);
  check_type(secret, report);
  check_docker_config(secret, report);
}

void validate_namespace(const Json& object, Report& report) {
  const Json* metadata = find(object, "metadata");
  if (metadata == nullptr) return;
  validate_metadata(*metadata, report);
  const std::string name = text(*metadata, "name");
  const std::string wrong = name.empty() ? "" : check_dns_label(name);
  if (!wrong.empty()) report.error("metadata.name", invalid(show(Json(name)), wrong));
}

}  // namespace podvisor::manifest
