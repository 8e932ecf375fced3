#include "manifest/decode.h"
#include "manifest/json_access.h"
#include "manifest/quantity.h"

namespace podvisor::manifest {
namespace {

ContainerRole role(const Json& container, bool is_init) {
  if (!is_init) return ContainerRole::Regular;
  return is_sidecar(container) ? ContainerRole::Sidecar : ContainerRole::Init;
}

ContainerPort decode_port(const Json& json) {
  ContainerPort port;
  port.name = text(json, "name");
  port.container_port = static_cast<std::uint16_t>(number(json, "containerPort"));
  port.host_port = static_cast<std::uint16_t>(number(json, "hostPort"));
  port.host_ip = text(json, "hostIP");
  port.protocol = text(json, "protocol");
  return port;
}

std::optional<Quantity> quantity(const Json& resources, const char* kind, const char* name) {
  const Json* quantities = find(resources, kind);
  const Json* text = quantities ? find(*quantities, name) : nullptr;
  return text ? parse_quantity(text->get<std::string>()) : std::nullopt;
}

std::optional<std::int64_t> bytes(const Json& resources, const char* kind, const char* name) {
  const auto size = quantity(resources, kind, name);
  return size ? std::optional(value(*size)) : std::nullopt;
}

std::optional<std::int64_t> millis(const Json& resources, const char* kind) {
  const auto cpu = quantity(resources, kind, "cpu");
  return cpu ? std::optional(milli_value(*cpu)) : std::nullopt;
}

ResourceRequirements decode_resources(const Json& container) {
  const Json* resources = find(container, "resources");
  if (resources == nullptr) return {};
  return {bytes(*resources, "limits", "memory"),
          bytes(*resources, "requests", "memory"),
          millis(*resources, "limits"),
          millis(*resources, "requests"),
          bytes(*resources, "limits", "ephemeral-storage"),
          bytes(*resources, "requests", "ephemeral-storage")};
}

std::optional<Probe> probe(const Json& container, const char* kind) {
  const Json* json = find(container, kind);
  return json ? std::optional(decode_probe(*json)) : std::nullopt;
}

MountPropagation decode_propagation(const std::string& word) {
  if (word == "HostToContainer") return MountPropagation::HostToContainer;
  if (word == "Bidirectional") return MountPropagation::Bidirectional;
  return MountPropagation::None;
}

VolumeMount decode_mount(const Json& json) {
  VolumeMount mount;
  mount.name = text(json, "name");
  mount.mount_path = text(json, "mountPath");
  mount.read_only = flag(json, "readOnly");
  const std::string recursive = text(json, "recursiveReadOnly");
  mount.recursive_read_only = recursive == "Enabled" || recursive == "IfPossible";
  mount.sub_path = text(json, "subPath");
  mount.sub_path_expr = text(json, "subPathExpr");
  mount.mount_propagation = decode_propagation(text(json, "mountPropagation"));
  return mount;
}

PullPolicy decode_pull_policy(const std::string& word) {
  if (word == "Always") return PullPolicy::Always;
  return word == "Never" ? PullPolicy::Never : PullPolicy::IfNotPresent;
}

void decode_program(const Json& json, Container& container) {
  container.image = text(json, "image");
  container.image_pull_policy = decode_pull_policy(text(json, "imagePullPolicy"));
  container.command = strings(json, "command");
  container.args = strings(json, "args");
  container.working_dir = text(json, "workingDir");
  container.env_from = decode_env_from(json);
  container.env = decode_env(json);
  container.stdin = flag(json, "stdin");
  container.stdin_once = flag(json, "stdinOnce");
  container.tty = flag(json, "tty");
}

/// What ends it, what is done then and what is said about it.
void decode_ends(const Json& json, Container& container) {
  if (const Json* policy = find(json, "restartPolicy")) {
    container.restart_policy = decode_restart_policy(policy->get<std::string>());
  }
  container.restart_rules = decode_restart_rules(json);
  container.lifecycle = decode_lifecycle(json);
  container.termination_message_path = text(json, "terminationMessagePath");
  container.termination_message_from_logs =
      text(json, "terminationMessagePolicy") == "FallbackToLogsOnError";
}

}  // namespace

Container decode_container(const Json& json, const Json& spec, bool is_init) {
  Container container;
  container.name = text(json, "name");
  container.role = role(json, is_init);
  decode_program(json, container);
  each(json, "ports", "",
       [&](const Json& item, const std::string&) { container.ports.push_back(decode_port(item)); });
  each(json, "volumeMounts", "", [&](const Json& item, const std::string&) {
    container.volume_mounts.push_back(decode_mount(item));
  });
  container.resources = decode_resources(json);
  container.security_context = decode_security(json, spec);
  container.startup_probe = probe(json, "startupProbe");
  container.readiness_probe = probe(json, "readinessProbe");
  container.liveness_probe = probe(json, "livenessProbe");
  decode_ends(json, container);
  return container;
}

}  // namespace podvisor::manifest
