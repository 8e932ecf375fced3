#include "daemon/intake.h"

#include "daemon/daemon.h"
#include "daemon/deployment_document.h"
#include "daemon/reconcile.h"
#include "podvisor/config_use.h"

namespace podvisor {
namespace {

using Change = ApplyOutcome::Change;

tl::unexpected<ApplyRefusal> refuse(std::string why) {
  return tl::unexpected(ApplyRefusal{std::move(why)});
}

/// Where in a file it would be is of no use to whoever sent one object.
std::string sentence(const Diagnostic& diagnostic) {
  return diagnostic.field.empty() ? diagnostic.message
                                  : diagnostic.field + ": " + diagnostic.message;
}

ApplyRefusal errors_of(const std::vector<Diagnostic>& diagnostics) {
  ApplyRefusal errors;
  for (const Diagnostic& each : diagnostics)
    if (each.severity == Diagnostic::Severity::Error) errors.push_back(sentence(each));
  return errors;
}

std::vector<std::string> warnings_of(const std::vector<Diagnostic>& diagnostics) {
  std::vector<std::string> warnings;
  for (const Diagnostic& each : diagnostics)
    if (each.severity == Diagnostic::Severity::Warning) warnings.push_back(sentence(each));
  return warnings;
}

/// Why this is not the object that the request's path names; empty: it is.
std::string mismatch(const ApplyRequest& request, const char* kind, const ObjectMeta& meta) {
  if (request.kind != kind)
    return std::string("kind: Invalid value: \"") + kind + "\": expected " + request.kind;
  if (!request.name.empty() && request.name != meta.name)
    return "the name of the object (" + meta.name + ") does not match the name on the URL (" +
           request.name + ")";
  if (request.namespace_ != meta.namespace_)
    return "the namespace of the provided object does not match the namespace sent on the "
           "request";
  return "";
}

std::string effect_on(const Pod& pod, const PodObject* listed) {
  if (listed == nullptr) return "";
  if (may_surge(pod.spec) && may_surge(listed->pod->spec) && !listed->deletion_timestamp)
    return "a new pod beside the old one, which serves until the new one is Ready (Surge)";
  return "the pod stops and starts anew (Recreate)";
}

std::string effect_on(const ObjectStore& store, const Deployment& old, const Deployment& fresh) {
  std::string effect;
  if (revision_of(old, store) != revision_of(fresh, store))
    effect = fresh.paused ? "a new revision, once it is resumed"
             : fresh.strategy.recreate
                 ? "every pod stops before new ones start (Recreate)"
                 : "new pods beside the old ones, which go as the new ones become available "
                   "(RollingUpdate)";
  if (old.replicas != fresh.replicas)
    effect += (effect.empty() ? "" : "; ") + std::to_string(fresh.replicas) + " pods instead of " +
              std::to_string(old.replicas);
  return effect.empty() ? "no pod restarts" : effect;
}

/// Which pods a changed ConfigMap or Secret is felt by, and how.
std::string effect_on(const ObjectStore& store, const ConfigObject& config) {
  std::string effect;
  const auto add = [&](const std::string& text) { effect += (effect.empty() ? "" : "; ") + text; };
  for (const auto& [key, entry] : store.deployments())
    if (key.first == config.metadata.namespace_ &&
        is_made_of(entry.object.pod, config.kind, config.metadata.name))
      add("the pods of deployment " + key.second + " are replaced by others");
  for (const auto& [key, object] : store.pods()) {
    const Pod& pod = *object.pod;
    if (key.first != config.metadata.namespace_ || deployment_of(pod)) continue;
    if (is_made_of(pod, config.kind, config.metadata.name))
      add("pod " + key.second + " is rolled out anew");
    else if (mounts_config(pod, config.kind, config.metadata.name))
      add("files of pod " + key.second + " are written anew, nothing restarts");
  }
  return effect;
}

}  // namespace

tl::expected<ApplyOutcome, ApplyRefusal> Intake::apply(const ApplyRequest& request) {
  LoadResult loaded = load_text(request.document, "request", daemon_.load_options());
  for (const LoadedPod& pod : loaded.pods)
    for (Diagnostic& each : daemon_.check(pod)) loaded.diagnostics.push_back(std::move(each));
  for (const auto& service : loaded.services)
    for (Diagnostic& each : daemon_.check(service)) loaded.diagnostics.push_back(std::move(each));
  for (const auto& deployment : loaded.deployments)
    for (Diagnostic& each : daemon_.check(deployment))
      loaded.diagnostics.push_back(std::move(each));
  if (ApplyRefusal errors = errors_of(loaded.diagnostics); !errors.empty())
    return tl::unexpected(std::move(errors));
  if (loaded.size() != 1) return refuse("the request must have exactly one object");
  Outcome outcome = !loaded.pods.empty()       ? take_pod(request, loaded.pods.front())
                    : !loaded.services.empty() ? take_service(request, loaded.services.front())
                    : !loaded.deployments.empty()
                        ? take_deployment(request, loaded.deployments.front())
                    : !loaded.configs.empty() ? take_config(request, loaded.configs.front())
                                              : refuse(
                                                    "podvisor does not make that kind of object "
                                                    "by its API");
  if (outcome) outcome->warnings = warnings_of(loaded.diagnostics);
  return outcome;
}

Intake::Outcome Intake::take_pod(const ApplyRequest& request, const LoadedPod& loaded) {
  const Pod& pod = *loaded.pod;
  const ObjectMeta& meta = pod.metadata;
  if (std::string why = mismatch(request, "Pod", meta); !why.empty()) return refuse(std::move(why));
  const PodObject* listed = daemon_.store().find_pod(meta.namespace_, meta.name);
  ApplyOutcome outcome{.name = meta.name, .document = pod.document, .effect = {}, .warnings = {}};
  if (listed == nullptr)
    outcome.change = Change::Created;
  else if (!daemon_.supervisor().rollouts().is_wanted(pod))
    outcome.change = Change::Configured;
  if (outcome.change == Change::Unchanged) return outcome;
  outcome.effect = effect_on(pod, listed);
  if (!request.dry_run) daemon_.apply(loaded);
  return outcome;
}

Intake::Outcome Intake::take_deployment(const ApplyRequest& request,
                                        const Loaded<Deployment>& loaded) {
  const ObjectMeta& meta = loaded.object->metadata;
  if (std::string why = mismatch(request, "Deployment", meta); !why.empty())
    return refuse(std::move(why));
  const DeploymentEntry* old = daemon_.store().find_deployment(meta.namespace_, meta.name);
  const Deployment accepted = daemon_.deployments().accepted(*loaded.object);
  ApplyOutcome outcome{
      .name = meta.name, .document = accepted.document, .effect = {}, .warnings = {}};
  if (old == nullptr) {
    outcome.change = Change::Created;
  } else if (old->object.document != accepted.document) {
    outcome.change = Change::Configured;
    if (std::string why = refusal_of_change(old->object, accepted); !why.empty())
      return refuse(std::move(why));
    outcome.effect = effect_on(daemon_.store(), old->object, accepted);
  }
  if (outcome.change != Change::Unchanged && !request.dry_run) daemon_.apply(loaded);
  return outcome;
}

Intake::Outcome Intake::take_service(const ApplyRequest& request, const Loaded<Service>& loaded) {
  const Service& service = *loaded.object;
  const ObjectMeta& meta = service.metadata;
  if (std::string why = mismatch(request, "Service", meta); !why.empty())
    return refuse(std::move(why));
  const ServiceEntry* old = daemon_.store().find_service(meta.namespace_, meta.name);
  ApplyOutcome outcome{
      .name = meta.name, .document = service.document, .effect = {}, .warnings = {}};
  if (old == nullptr)
    outcome.change = Change::Created;
  else if (old->object.document != service.document)
    outcome.change = Change::Configured;
  if (outcome.change != Change::Unchanged && !request.dry_run) daemon_.apply(loaded);
  return outcome;
}

Intake::Outcome Intake::take_config(const ApplyRequest& request,
                                    const Loaded<ConfigObject>& loaded) {
  const ConfigObject& config = *loaded.object;
  const ObjectMeta& meta = config.metadata;
  if (std::string why = mismatch(request, to_string(config.kind), meta); !why.empty())
    return refuse(std::move(why));
  const ConfigObject* old = daemon_.store().find_config(config.kind, meta.namespace_, meta.name);
  ApplyOutcome outcome{
      .name = meta.name, .document = config.document, .effect = {}, .warnings = {}};
  if (old == nullptr) {
    outcome.change = Change::Created;
  } else if (old->document != config.document) {
    outcome.change = Change::Configured;
    if (std::string why = refusal_of_change(*old, config); !why.empty())
      return refuse(std::move(why));
    outcome.effect = effect_on(daemon_.store(), config);
  }
  if (outcome.change != Change::Unchanged && !request.dry_run) daemon_.apply(loaded);
  return outcome;
}

}  // namespace podvisor
