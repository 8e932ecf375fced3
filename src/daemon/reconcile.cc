#include "daemon/reconcile.h"

#include <algorithm>
#include <set>

namespace podvisor {
namespace {

PodName name_of(const LoadedPod& loaded) {
  return {loaded.pod->metadata.namespace_, loaded.pod->metadata.name};
}
ConfigName name_of(const Loaded<ConfigObject>& loaded) {
  const ConfigObject& object = *loaded.object;
  return {object.kind, object.metadata.namespace_, object.metadata.name};
}
PodName name_of(const Loaded<Service>& loaded) {
  return {loaded.object->metadata.namespace_, loaded.object->metadata.name};
}
const std::string& document_of(const LoadedPod& loaded) { return loaded.pod->document; }
const std::string& document_of(const Loaded<ConfigObject>& loaded) {
  return loaded.object->document;
}
const std::string& document_of(const Loaded<Service>& loaded) { return loaded.object->document; }
PodName name_of(const Loaded<Deployment>& loaded) {
  return {loaded.object->metadata.namespace_, loaded.object->metadata.name};
}
const std::string& document_of(const Loaded<Deployment>& loaded) { return loaded.object->document; }

template <typename Name, typename Noun, typename ChangesOf>
void compare(const std::map<Name, std::string>& applied, const std::vector<Noun>& desired,
             ChangesOf& changes) {
  std::set<Name> wanted;
  for (const Noun& loaded : desired) {
    const Name name = name_of(loaded);
    wanted.insert(name);
    const auto before = applied.find(name);
    if (before == applied.end() || before->second != document_of(loaded))
      changes.apply.push_back(loaded);
  }
  for (const auto& [name, document] : applied)
    if (!wanted.contains(name)) changes.remove.push_back(name);
}

}  // namespace

Changes reconcile(const Applied& applied, const std::vector<LoadedPod>& desired) {
  Changes changes;
  compare(applied, desired, changes);
  return changes;
}

ConfigChanges reconcile(const AppliedConfigs& applied,
                        const std::vector<Loaded<ConfigObject>>& desired) {
  ConfigChanges changes;
  compare(applied, desired, changes);
  return changes;
}

ServiceChanges reconcile(const AppliedServices& applied,
                         const std::vector<Loaded<Service>>& desired) {
  ServiceChanges changes;
  compare(applied, desired, changes);
  return changes;
}

DeploymentChanges reconcile(const AppliedDeployments& applied,
                            const std::vector<Loaded<Deployment>>& desired) {
  DeploymentChanges changes;
  compare(applied, desired, changes);
  return changes;
}

Documents documents_of(const LoadResult& file) {
  Documents all;
  const auto add = [&all](const std::string& kind, const auto& object) {
    all[kind + '/' + object.metadata.namespace_ + '/' + object.metadata.name] = object.document;
  };
  for (const auto& loaded : file.pods) add("Pod", *loaded.pod);
  for (const auto& loaded : file.configs) add(to_string(loaded.object->kind), *loaded.object);
  for (const auto& loaded : file.services) add("Service", *loaded.object);
  for (const auto& loaded : file.deployments) add("Deployment", *loaded.object);
  return all;
}

std::string refusal_of_change(const ConfigObject& old, const ConfigObject& fresh) {
  if (old.type != fresh.type)
    return "type: Invalid value: \"" + fresh.type + "\": field is immutable";
  if (!old.immutable) return "";
  const char* changed = !fresh.immutable ? "immutable" : old.data != fresh.data ? "data" : nullptr;
  if (changed == nullptr) return "";
  return std::string(changed) + ": Forbidden: field is immutable when `immutable` is set";
}

std::string refusal_of_change(const Deployment& old, const Deployment& fresh) {
  return old.selector == fresh.selector ? "" : "spec.selector: Invalid value: field is immutable";
}

std::string refusal_of_neighbours(const Deployment& deployment) {
  const PodSpec& spec = deployment.pod.spec;
  const bool has_ports = std::ranges::any_of(
      spec.containers, [](const Container& container) { return !container.ports.empty(); });
  const int most = deployment.replicas + rolling_bounds(deployment).surge;
  if (!spec.host_network || !has_ports || most < 2) return "";
  return "pods on the host's network share its ports, so that there can be one at a time: it takes "
         "replicas: 1 with strategy.type: Recreate";
}

}  // namespace podvisor
