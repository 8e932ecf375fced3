#include <algorithm>
#include <string_view>

#include "manifest/duration.h"
#include "manifest/json_access.h"
#include "manifest/policy.h"
#include "manifest/scalar.h"
#include "manifest/schema.h"
#include "manifest/suggest.h"
#include "manifest/validate.h"

namespace podvisor::manifest {
namespace {

constexpr const char* kAnnotations = "metadata.annotations";

enum class Named : std::uint8_t { Nothing, Regular, Sidecar, Init };

Named container_named(const Json& spec, const std::string& name) {
  Named named = Named::Nothing;
  each_container(spec, [&](const Json& container, const std::string&, bool is_init) {
    if (text(container, "name") != name) return;
    named = !is_init ? Named::Regular : is_sidecar(container) ? Named::Sidecar : Named::Init;
  });
  return named;
}

void validate_default_container(const Json& spec, const std::string& name, const std::string& path,
                                Report& report) {
  const Named named = container_named(spec, name);
  if (named == Named::Nothing) {
    report.error(path, not_found(show(Json(name)) + ": must be the name of a container"));
  } else if (named != Named::Regular) {
    report.error(path, invalid(show(Json(name)),
                               "is an init container; the main container is one "
                               "of spec.containers"));
  }
}

void validate_noncritical(const Json& pod, const std::string& names, const std::string& path,
                          Report& report) {
  const Json& spec = pod["spec"];
  for (const std::string& name : split_names(names)) {
    const std::string shown = show(Json(name));
    const Named named = container_named(spec, name);
    if (named == Named::Nothing) {
      report.error(path, not_found(shown + ": must be a comma list of names of containers"));
    } else if (named == Named::Init) {
      report.error(path, invalid(shown, "is an init container, which the pod always waits for"));
    } else if (name == main_container_name(pod)) {
      report.error(path, invalid(shown, "is the main container, which is never noncritical"));
    }
  }
}

void validate_network(const Json& spec, const std::string& mode, const std::string& path,
                      Report& report) {
  const bool joins = mode.starts_with("ns:/") && mode.size() > 4;
  if (mode != "bridge" && mode != "none" && !joins) {
    report.error(path, "Unsupported value: " + show(Json(mode)) +
                           ": supported values: \"bridge\", \"none\", \"ns:PATH\" with an absolute "
                           "path");
  } else if (flag(spec, "hostNetwork")) {
    report.error(path, forbidden("may not be set together with spec.hostNetwork: true"));
  }
}

void validate_words(const Field& field, const std::string& value, const std::string& path,
                    Report& report) {
  const std::vector<std::string> allowed = split_words(field.allowed);
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return;
  report.error(path, unsupported(show(Json(value)), allowed));
}

void validate_duration(const std::string& value, const std::string& path, Report& report) {
  const std::string wrong = check_duration(value);
  if (!wrong.empty()) report.error(path, invalid(show(Json(value)), wrong));
}

/// A pod that has to be Ready for longer than it may take to become so never comes.
void validate_rollout(const Json& pod, const std::string& value, const std::string& path,
                      Report& report) {
  const auto min_ready = parse_duration(value);
  const std::string given = annotation(pod, kProgressDeadline);
  const auto deadline = given.empty() ? RolloutPolicy{}.progress_deadline : parse_duration(given);
  if (min_ready && deadline && *min_ready >= *deadline)
    report.error(path, invalid(show(Json(value)),
                               "must be less than podvisor.io/progress-deadline (10m unless set)"));
}

void unknown_annotation(const std::string& key, const std::string& path, Validate validate,
                        Report& report) {
  if (validate == Validate::Ignore) return;
  std::vector<std::string> names;
  for (const Field& field : kAnnotationsType.fields) names.emplace_back(field.name);
  const std::string meant = nearest(key, names);
  std::string message = "unknown annotation of podvisor.io: " + show(Json(key));
  message += meant.empty() ? "" : "; did you mean " + meant + "?";
  if (validate == Validate::Warn) return report.warning(path, std::move(message));
  report.error(path, std::move(message));
}

void validate_annotation(const Json& pod, const Field& field, const std::string& value,
                         const std::string& path, Report& report) {
  const std::string_view name = field.name;
  if (field.support == Support::Refused) return report.error(path, forbidden(field.reason));
  if (field.allowed != nullptr) return validate_words(field, value, path, report);
  if (field.format == Format::Duration) validate_duration(value, path, report);
  if (name == kDefaultContainer) {
    validate_default_container(pod["spec"], value, path, report);
  } else if (name == kNoncritical) {
    validate_noncritical(pod, value, path, report);
  } else if (name == kNetwork) {
    validate_network(pod["spec"], value, path, report);
  } else if (name == kMinReady) {
    validate_rollout(pod, value, path, report);
  }
}

/// Those that mean something on a Service.
bool is_of_services(const std::string& key) {
  return key == kDoor || key == kHoldTimeout || key == kForwardedHeaders;
}

/// metadata.annotations, or nullptr.
const Json* annotations_of(const Json& object) {
  const Json* metadata = find(object, "metadata");
  return metadata ? find(*metadata, "annotations") : nullptr;
}

}  // namespace

void validate_service_annotations(const Json& service, Validate validate, Report& report) {
  const Json* annotations = annotations_of(service);
  if (annotations == nullptr) return;
  for (const auto& [key, value] : annotations->items()) {
    if (!key.starts_with("podvisor.io/")) continue;
    const std::string path = at(kAnnotations, key);
    if (!is_of_services(key)) {
      unknown_annotation(key, path, validate, report);
      continue;
    }
    const Field& field = *find_field(kAnnotationsType, key);
    if (field.allowed != nullptr)
      validate_words(field, value.get<std::string>(), path, report);
    else
      validate_duration(value.get<std::string>(), path, report);
  }
}

void validate_annotations(const Json& pod, Validate validate, Report& report) {
  const Json* annotations = annotations_of(pod);
  if (annotations == nullptr || find(pod, "spec") == nullptr) return;
  for (const auto& [key, value] : annotations->items()) {
    const std::string path = at(kAnnotations, key);
    const Field* field = find_field(kAnnotationsType, key);
    if (field != nullptr) {
      validate_annotation(pod, *field, value.get<std::string>(), path, report);
    } else if (key.starts_with("podvisor.io/")) {
      unknown_annotation(key, path, validate, report);
    }
  }
}

}  // namespace podvisor::manifest
