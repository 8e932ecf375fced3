#include "manifest/json_access.h"
#include "manifest/names.h"
#include "manifest/scalar.h"
#include "manifest/validate.h"

namespace podvisor::manifest {
namespace {

constexpr std::size_t kMaxAnnotationBytes = std::size_t{256} << 10;

void validate_label(const std::string& labels, const std::string& key, const Json& value,
                    Report& report) {
  const std::string path = at(labels, key);
  const std::string wrong_key = check_qualified_name(key);
  if (!wrong_key.empty()) report.error(path, invalid(show(Json(key)), wrong_key));
  const std::string wrong_value = check_label_value(value.get<std::string>());
  if (!wrong_value.empty()) report.error(path, invalid(show(value), wrong_value));
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

/// Like the labels that it is compared with.
void validate_node_selector(const Json& spec, Report& report) {
  for (const auto& [key, value] : child(spec, "nodeSelector").items()) {
    validate_label("spec.nodeSelector", key, value, report);
  }
}

}  // namespace

void validate_labels(const Json& labels, const std::string& path, Report& report) {
  for (const auto& [key, value] : labels.items()) validate_label(path, key, value, report);
}

void validate_metadata(const Json& metadata, Report& report) {
  if (const Json* labels = find(metadata, "labels")) {
    validate_labels(*labels, "metadata.labels", report);
  }
  if (const Json* annotations = find(metadata, "annotations")) {
    validate_annotation_keys(*annotations, report);
  }
}

void validate_pod(const Json& pod, Report& report) {
  if (const Json* metadata = find(pod, "metadata")) validate_metadata(*metadata, report);
  const Json* spec = find(pod, "spec");
  if (spec == nullptr) return;
  validate_network(*spec, report);
  validate_node_selector(*spec, report);
  validate_security(*spec, report);
  validate_volumes(*spec, report);
  validate_containers(*spec, report);
  validate_ports(*spec, report);
}

}  // namespace podvisor::manifest
