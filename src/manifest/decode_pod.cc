#include "manifest/decode.h"
#include "manifest/json_access.h"
#include "manifest/policy.h"

namespace podvisor::manifest {
namespace {

std::map<std::string, std::string> decode_strings(const Json& object, const char* name) {
  const Json* strings = find(object, name);
  return strings ? strings->get<std::map<std::string, std::string>>()
                 : std::map<std::string, std::string>{};
}

void decode_containers(const Json& spec, std::vector<Container>& containers) {
  each(spec, "initContainers", "", [&](const Json& container, const std::string&) {
    containers.push_back(decode_container(container, spec, true));
  });
  each(spec, "containers", "", [&](const Json& container, const std::string&) {
    containers.push_back(decode_container(container, spec, false));
  });
}

void decode_namespaces(const Json& json, PodSpec& spec) {
  spec.host_pid = flag(json, "hostPID");
  spec.host_ipc = flag(json, "hostIPC");
  spec.share_process_namespace = flag(json, "shareProcessNamespace");
}

void decode_placement(const Json& json, PodSpec& spec) {
  spec.node_selector = decode_strings(json, "nodeSelector");
  spec.node_name = text(json, "nodeName");
  each(json, "readinessGates", "", [&](const Json& gate, const std::string&) {
    spec.readiness_gates.push_back(text(gate, "conditionType"));
  });
  each(json, "imagePullSecrets", "", [&](const Json& secret, const std::string&) {
    spec.image_pull_secrets.push_back(text(secret, "name"));
  });
  spec.service_account_name = text(json, "serviceAccountName");
  if (spec.service_account_name.empty()) {
    spec.service_account_name = text(json, "serviceAccount");
  }
}

PodSpec decode_spec(const Json& pod, const LoadOptions& options) {
  const Json& json = pod.at("spec");
  PodSpec spec;
  decode_containers(json, spec.containers);
  each(json, "volumes", "", [&](const Json& volume, const std::string&) {
    spec.volumes.push_back(decode_volume(volume));
  });
  spec.restart_policy = decode_restart_policy(text(json, "restartPolicy"));
  spec.termination_grace_period = Seconds(number(json, "terminationGracePeriodSeconds"));
  if (const Json* deadline = find(json, "activeDeadlineSeconds")) {
    spec.active_deadline = Seconds(deadline->get<std::int64_t>());
  }
  decode_network(pod, options.default_network, spec);
  decode_names(pod, spec);
  decode_namespaces(json, spec);
  decode_pod_security(json, spec);
  decode_placement(json, spec);
  spec.pids_limit = options.pids_limit;
  decode_policy(pod, spec);
  return spec;
}

std::optional<Owner> decode_owner(const Json& metadata) {
  std::optional<Owner> owner;
  each(metadata, "ownerReferences", "", [&](const Json& reference, const std::string&) {
    if (flag(reference, "controller"))
      owner = Owner{text(reference, "kind"), text(reference, "name"), text(reference, "uid")};
  });
  return owner;
}

}  // namespace

ObjectMeta decode_metadata(const Json& metadata) {
  ObjectMeta meta;
  meta.name = text(metadata, "name");
  meta.namespace_ = text(metadata, "namespace");
  meta.labels = decode_strings(metadata, "labels");
  meta.annotations = decode_strings(metadata, "annotations");
  meta.owner = decode_owner(metadata);
  return meta;
}

RestartPolicy decode_restart_policy(const std::string& word) {
  if (word == "Never") return RestartPolicy::Never;
  if (word == "OnFailure") return RestartPolicy::OnFailure;
  return RestartPolicy::Always;
}

Pod decode_pod(const Json& pod, const LoadOptions& options) {
  Pod decoded;
  decoded.metadata = decode_metadata(pod.at("metadata"));
  decoded.spec = decode_spec(pod, options);
  decoded.document = pod.dump();
  return decoded;
}

}  // namespace podvisor::manifest
