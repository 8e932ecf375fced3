#include "manifest/decode.h"
#include "manifest/json_access.h"
#include "manifest/quantity.h"

namespace podvisor::manifest {
namespace {

std::vector<std::string> strings(const Json& object, const char* name) {
  const Json* list = find(object, name);
  return list ? list->get<std::vector<std::string>>() : std::vector<std::string>{};
}

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

/// SEC-1: the container's own value, else the pod's.
template <typename T>
std::optional<T> merged(const Json* own, const Json* of_pod, const char* name) {
  for (const Json* context : {own, of_pod}) {
    const Json* value = context ? find(*context, name) : nullptr;
    if (value != nullptr) return value->get<T>();
  }
  return std::nullopt;
}

SecurityContext decode_security(const Json& container, const Json& spec) {
  const Json* own = find(container, "securityContext");
  const Json* of_pod = find(spec, "securityContext");
  SecurityContext security;
  security.run_as_user = merged<std::uint32_t>(own, of_pod, "runAsUser");
  security.run_as_group = merged<std::uint32_t>(own, of_pod, "runAsGroup");
  security.run_as_non_root = merged<bool>(own, of_pod, "runAsNonRoot");
  security.allow_privilege_escalation = merged<bool>(own, nullptr, "allowPrivilegeEscalation");
  const Json* groups = of_pod ? find(*of_pod, "supplementalGroups") : nullptr;
  if (groups) security.supplemental_groups = groups->get<std::vector<std::uint32_t>>();
  return security;
}

std::optional<Probe> probe(const Json& container, const char* kind) {
  const Json* json = find(container, kind);
  return json ? std::optional(decode_probe(*json)) : std::nullopt;
}

void decode_lists(const Json& json, Container& container) {
  each(json, "env", "", [&](const Json& item, const std::string&) {
    container.env.push_back({text(item, "name"), text(item, "value")});
  });
  each(json, "ports", "",
       [&](const Json& item, const std::string&) { container.ports.push_back(decode_port(item)); });
  each(json, "volumeMounts", "", [&](const Json& item, const std::string&) {
    container.volume_mounts.push_back(
        {text(item, "name"), text(item, "mountPath"), flag(item, "readOnly")});
  });
}

}  // namespace

Container decode_container(const Json& json, const Json& spec, bool is_init) {
  Container container;
  container.name = text(json, "name");
  container.role = role(json, is_init);
  container.image = text(json, "image");
  container.command = strings(json, "command");
  container.args = strings(json, "args");
  container.working_dir = text(json, "workingDir");
  decode_lists(json, container);
  container.resources = decode_resources(json);
  container.security_context = decode_security(json, spec);
  container.startup_probe = probe(json, "startupProbe");
  container.readiness_probe = probe(json, "readinessProbe");
  container.liveness_probe = probe(json, "livenessProbe");
  if (const Json* policy = find(json, "restartPolicy")) {
    container.restart_policy = decode_restart_policy(policy->get<std::string>());
  }
  return container;
}

}  // namespace podvisor::manifest
