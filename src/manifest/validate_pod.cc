#include <set>

#include "manifest/json_access.h"
#include "manifest/names.h"
#include "manifest/scalar.h"
#include "manifest/validate.h"

namespace podvisor::manifest {
namespace {

constexpr std::size_t kMaxAnnotationBytes = std::size_t{256} << 10;

void validate_label(const std::string& key, const Json& value, Report& report) {
  const std::string path = at("metadata.labels", key);
  const std::string wrong_key = check_qualified_name(key);
  if (!wrong_key.empty()) report.error(path, invalid(show(Json(key)), wrong_key));
  const std::string wrong_value = check_label_value(value.get<std::string>());
  if (!wrong_value.empty()) report.error(path, invalid(show(value), wrong_value));
}

std::string lower_cased(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

void validate_annotation_keys(const Json& annotations, Report& report) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : annotations.items()) {
    bytes += key.size() + value.get_ref<const std::string&>().size();
    const std::string wrong = check_qualified_name(lower_cased(key));
    if (!wrong.empty()) {
      report.error(at("metadata.annotations", key), invalid(show(Json(key)), wrong));
    }
  }
  if (bytes > kMaxAnnotationBytes) {
    report.error("metadata.annotations", "Too long: may not be more than " +
                                             std::to_string(kMaxAnnotationBytes) + " bytes");
  }
}

/// VAL-26
void validate_hostname_override(const Json& spec, Report& report) {
  const std::string name = text(spec, "hostnameOverride");
  if (name.empty()) return;
  const std::string path = "spec.hostnameOverride";
  if (name.size() > 64) {
    report.error(path, invalid(show(Json(name)), "must be no more than 64 characters"));
  }
  if (flag(spec, "hostNetwork")) {
    report.error(path, forbidden("may not be set together with hostNetwork: true"));
  }
}

}  // namespace

void validate_metadata(const Json& metadata, Report& report) {
  if (const Json* labels = find(metadata, "labels")) {
    for (const auto& [key, value] : labels->items()) validate_label(key, value, report);
  }
  if (const Json* annotations = find(metadata, "annotations")) {
    validate_annotation_keys(*annotations, report);
  }
}

void validate_pod(const Json& pod, Report& report) {
  if (const Json* metadata = find(pod, "metadata")) validate_metadata(*metadata, report);
  const Json* spec = find(pod, "spec");
  if (spec == nullptr) return;
  validate_hostname_override(*spec, report);
  validate_volumes(*spec, report);
  validate_containers(*spec, report);
  validate_ports(*spec, report);
}

}  // namespace podvisor::manifest
