#include "manifest/validate_downward.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "manifest/json_access.h"
#include "manifest/names.h"
#include "manifest/quantity.h"
#include "manifest/scalar.h"

namespace podvisor::manifest {
namespace {

const std::vector<std::string> kEnvPaths = {"metadata.name",
                                            "metadata.namespace",
                                            "metadata.uid",
                                            "spec.nodeName",
                                            "spec.serviceAccountName",
                                            "status.hostIP",
                                            "status.hostIPs",
                                            "status.podIP",
                                            "status.podIPs"};
const std::vector<std::string> kVolumePaths = {"metadata.annotations", "metadata.labels",
                                               "metadata.name", "metadata.namespace",
                                               "metadata.uid"};
const std::vector<std::string> kResources = {
    "limits.cpu",   "limits.ephemeral-storage",   "limits.memory",
    "requests.cpu", "requests.ephemeral-storage", "requests.memory"};
constexpr std::array kByteUnits = {"1",   "1k",  "1M",  "1G",  "1T",  "1P", "1E",
                                   "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"};

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

struct SubscriptedPath {
  std::string path;
  std::string key;
};

/// "metadata.labels['app']" as its two parts; nothing when it has no subscript.
std::optional<SubscriptedPath> split_subscript(const std::string& text) {
  const std::size_t open = text.find("['");
  if (open == 0 || open == std::string::npos || !text.ends_with("']") || open + 4 > text.size()) {
    return std::nullopt;
  }
  return SubscriptedPath{text.substr(0, open), text.substr(open + 2, text.size() - open - 4)};
}

/// DWN-2
void validate_subscript(const std::string& text, const SubscriptedPath& parts,
                        const std::string& path, Report& report) {
  std::string key = parts.key;
  if (parts.path == "metadata.annotations") {
    key = lower_cased(std::move(key));
  } else if (parts.path != "metadata.labels") {
    return report.error(
        path, invalid(show(Json(text)), "only metadata.labels and metadata.annotations have keys"));
  }
  const std::string wrong = check_qualified_name(key);
  if (!wrong.empty()) report.error(path, invalid(show(Json(text)), wrong));
}

bool is_hugepages(const std::string& resource) {
  return resource.starts_with("limits.hugepages-") || resource.starts_with("requests.hugepages-");
}

/// "memory", as the messages about divisors call it.
std::string resource_words(const std::string& resource) {
  const std::string name = resource.substr(resource.find('.') + 1);
  if (name == "ephemeral-storage") return "local ephemeral storage";
  return name.starts_with("hugepages-") ? "hugepages" : name;
}

bool is_among(const Quantity& divisor, const auto& units) {
  return std::any_of(units.begin(), units.end(), [&](const char* unit) {
    return parse_quantity(unit)->nanos == divisor.nanos;
  });
}

/// VAL-28. Unset and 0 are 1.
void validate_divisor(const Json& selector, const std::string& path, Report& report) {
  const std::string resource = text(selector, "resource");
  const auto divisor = parse_quantity(text(selector, "divisor"));
  if (!divisor || divisor->nanos == 0) return;
  const bool cpu = resource.ends_with(".cpu");
  constexpr std::array kCpuUnits = {"1", "1m"};
  if (cpu ? is_among(*divisor, kCpuUnits) : is_among(*divisor, kByteUnits)) return;
  const std::string values =
      cpu ? "1m and 1" : "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei";
  report.error(path + ".divisor",
               invalid(show(selector.at("divisor")), "only divisor's values " + values +
                                                         " are supported with the " +
                                                         resource_words(resource) + " resource"));
}

}  // namespace

void validate_field_ref(const Json& selector, DownwardUse use, const std::string& path,
                        Report& report) {
  const std::string field = text(selector, "fieldPath");
  if (field.empty()) return;  // reported as Required
  const std::string field_path = path + ".fieldPath";
  if (const auto parts = split_subscript(field)) {
    return validate_subscript(field, *parts, field_path, report);
  }
  const auto& allowed = use == DownwardUse::Env ? kEnvPaths : kVolumePaths;
  if (contains(allowed, field)) return;
  const char* keyed = ", and metadata.labels['KEY'] and metadata.annotations['KEY']";
  report.error(field_path, unsupported(show(Json(field)), allowed, keyed));
}

void validate_resource_field_ref(const Json& selector, DownwardUse use, const std::string& path,
                                 Report& report) {
  if (use == DownwardUse::VolumeFile && text(selector, "containerName").empty()) {
    report.error(path + ".containerName", "Required value");  // VAL-14
  }
  const std::string resource = text(selector, "resource");
  if (resource.empty()) return;  // reported as Required
  if (!contains(kResources, resource) && !is_hugepages(resource)) {
    return report.error(path + ".resource", unsupported(show(Json(resource)), kResources));
  }
  validate_divisor(selector, path, report);
}

}  // namespace podvisor::manifest
