// Rules of Deployments, in Kubernetes' words; those of the template are a pod's.
#include <optional>

#include "manifest/decode.h"
#include "manifest/json_access.h"
#include "manifest/names.h"
#include "manifest/scalar.h"
#include "manifest/validate.h"
#include "podvisor/deployment.h"

namespace podvisor::manifest {
namespace {

void validate_requirement(const Json& requirement, const std::string& path, Report& report) {
  const std::string key = text(requirement, "key");
  const std::string wrong = key.empty() ? "" : check_qualified_name(key);
  if (!wrong.empty()) report.error(path + ".key", invalid(show(Json(key)), wrong));
  const std::string op = text(requirement, "operator");
  const Json* values = find(requirement, "values");
  const bool any = values != nullptr && !values->empty();
  if ((op == "In" || op == "NotIn") && !any) {
    report.error(path + ".values",
                 "Required value: must be specified when `operator` is 'In' or "
                 "'NotIn'");
  }
  if ((op == "Exists" || op == "DoesNotExist") && any) {
    report.error(path + ".values", forbidden("may not be specified when `operator` is 'Exists' or "
                                             "'DoesNotExist'"));
  }
}

void validate_selector(const Json& selector, const std::string& path, Report& report) {
  if (const Json* labels = find(selector, "matchLabels")) {
    validate_labels(*labels, path + ".matchLabels", report);
  }
  each(selector, "matchExpressions", path, [&](const Json& requirement, const std::string& at) {
    validate_requirement(requirement, at, report);
  });
}

bool is_empty_selector(const Json& selector) {
  const Json* labels = find(selector, "matchLabels");
  const Json* expressions = find(selector, "matchExpressions");
  return (labels == nullptr || labels->empty()) && (expressions == nullptr || expressions->empty());
}

std::map<std::string, std::string> template_labels(const Json& spec) {
  const Json* pod = find(spec, "template");
  const Json* metadata = pod ? find(*pod, "metadata") : nullptr;
  const Json* labels = metadata ? find(*metadata, "labels") : nullptr;
  return labels ? labels->get<std::map<std::string, std::string>>()
                : std::map<std::string, std::string>{};
}

void validate_match(const Json& spec, Report& report) {
  const Json* selector = find(spec, "selector");
  if (selector == nullptr) return;
  validate_selector(*selector, "spec.selector", report);
  if (is_empty_selector(*selector)) {
    return report.error("spec.selector", invalid("{}", "empty selector is invalid for deployment"));
  }
  if (report.has_errors() || find(spec, "template") == nullptr) return;
  const auto labels = template_labels(spec);
  if (matches(decode_label_selector(*selector), labels)) return;
  report.error("spec.template.metadata.labels",
               invalid(show(Json(labels)), "`selector` does not match template `labels`"));
}

std::optional<IntOrPercent> number_of(const Json& rolling, const char* name) {
  const Json* value = find(rolling, name);
  return value ? std::optional(decode_int_or_percent(*value)) : std::nullopt;
}

void validate_strategy(const Json& strategy, Report& report) {
  const std::string path = "spec.strategy.rollingUpdate";
  const Json* rolling = find(strategy, "rollingUpdate");
  if (rolling == nullptr) return;
  if (text(strategy, "type") == "Recreate") {
    return report.error(path, forbidden("may not be specified when strategy `type` is 'Recreate'"));
  }
  const auto surge = number_of(*rolling, "maxSurge");
  const auto unavailable = number_of(*rolling, "maxUnavailable");
  if (unavailable && unavailable->percent && unavailable->value > 100) {
    report.error(path + ".maxUnavailable",
                 invalid(show((*rolling)["maxUnavailable"]), "must not be greater than 100%"));
  }
  if (surge && unavailable && surge->value == 0 && unavailable->value == 0) {
    report.error(path + ".maxUnavailable",
                 invalid(show((*rolling)["maxUnavailable"]), "may not be 0 when `maxSurge` is 0"));
  }
}

void validate_template(const Json& spec, Validate validate, Report& report) {
  const Json* pod = find(spec, "template");
  const Json* pod_spec = pod ? find(*pod, "spec") : nullptr;
  if (pod_spec == nullptr) return;
  const Report::Below below(report, "spec.template");
  validate_pod(*pod, report);
  validate_annotations(*pod, validate, report);
  const std::string policy = text(*pod_spec, "restartPolicy");
  if (!policy.empty() && policy != "Always") {
    report.error("spec.restartPolicy", unsupported(show(Json(policy)), {"Always"}));
  }
  if (find(*pod_spec, "activeDeadlineSeconds") != nullptr) {
    report.error("spec.activeDeadlineSeconds",
                 forbidden("activeDeadlineSeconds in a Deployment is not supported"));
  }
}

}  // namespace

void validate_deployment(const Json& deployment, Validate validate, Report& report) {
  if (const Json* metadata = find(deployment, "metadata")) validate_metadata(*metadata, report);
  const Json* spec = find(deployment, "spec");
  if (spec == nullptr) return;
  validate_template(*spec, validate, report);
  validate_match(*spec, report);
  if (const Json* strategy = find(*spec, "strategy")) validate_strategy(*strategy, report);
  const Json* deadline = find(*spec, "progressDeadlineSeconds");
  if (deadline != nullptr && *deadline <= number(*spec, "minReadySeconds")) {
    report.error("spec.progressDeadlineSeconds",
                 invalid(show(*deadline), "must be greater than minReadySeconds"));
  }
}

}  // namespace podvisor::manifest
