// Rows: environment variables and where they come from.
#include "manifest/schema.h"

namespace podvisor::manifest {
namespace {

constexpr Field kEnvVarFields[] = {
    {.name = "name",
     .required = true,
     .format = Format::EnvName,
     .meaning = "Name of the variable."},
    {.name = "value", .meaning = "Its value; `$(VAR)` of earlier ones is expanded."},
    {.name = "valueFrom",
     .type = ValueType::Object,
     .object = &kEnvVarSourceType,
     .meaning = "Where to get the value, which is not expanded; not with `value`."},
};

constexpr Field kEnvVarSourceFields[] = {
    {.name = "fieldRef",
     .type = ValueType::Object,
     .object = &kObjectFieldSelectorType,
     .meaning = "A fact about the pod."},
    {.name = "resourceFieldRef",
     .type = ValueType::Object,
     .object = &kResourceFieldSelectorType,
     .meaning = "A container's limit or request."},
    {.name = "configMapKeyRef",
     .type = ValueType::Object,
     .object = &kConfigMapKeySelectorType,
     .meaning = "A key of a ConfigMap."},
    {.name = "secretKeyRef",
     .type = ValueType::Object,
     .object = &kSecretKeySelectorType,
     .meaning = "A key of a Secret."},
    {.name = "fileKeyRef",
     .type = ValueType::Untyped,
     .support = Support::Refused,
     .reason = "podvisor reads no variables from files in volumes; use a ConfigMap or a Secret",
     .meaning = "A key of a file in a volume."},
};

constexpr Field kObjectFieldSelectorFields[] = {
    {.name = "apiVersion",
     .default_value = "\"v1\"",
     .allowed = "v1",
     .meaning = "Version of the schema that the path is of."},
    {.name = "fieldPath",
     .required = true,
     .meaning = "`metadata.name`, `metadata.namespace`, `metadata.uid`, `metadata.labels['KEY']`, "
                "`metadata.annotations['KEY']`. In env also `spec.nodeName`, "
                "`spec.serviceAccountName`, `status.hostIP` (`--node-ip`), `status.hostIPs`, "
                "`status.podIP`, `status.podIPs`; in volumes also all `metadata.labels` or "
                "`metadata.annotations`."},
};

constexpr Field kResourceFieldSelectorFields[] = {
    {.name = "containerName", .meaning = "The container; in env unset: the container itself."},
    {.name = "resource",
     .required = true,
     .meaning = "`limits.` or `requests.` with `cpu`, `memory`, `ephemeral-storage` or "
                "`hugepages-SIZE`."},
    {.name = "divisor",
     .type = ValueType::Quantity,
     .default_value = "\"0\"",
     .meaning = "Unit of the number, rounded up: 1 or 1m for cpu, 1, 1k … 1E or 1Ki … 1Ei for the "
                "others; 0: 1."},
};

constexpr Field kConfigMapKeySelectorFields[] = {
    {.name = "name",
     .required = true,
     .format = Format::DnsSubdomain,
     .meaning = "Name of the ConfigMap, in the pod's namespace."},
    {.name = "key", .required = true, .format = Format::ConfigKey, .meaning = "The key."},
    {.name = "optional",
     .type = ValueType::Boolean,
     .meaning = "true: without the object or the key the variable is not set; else an error."},
};

constexpr Field kSecretKeySelectorFields[] = {
    {.name = "name",
     .required = true,
     .format = Format::DnsSubdomain,
     .meaning = "Name of the Secret, in the pod's namespace."},
    {.name = "key", .required = true, .format = Format::ConfigKey, .meaning = "The key."},
    {.name = "optional",
     .type = ValueType::Boolean,
     .meaning = "true: without the object or the key the variable is not set; else an error."},
};

constexpr Field kEnvFromSourceFields[] = {
    {.name = "prefix",
     .format = Format::EnvName,
     .meaning = "Put before each key to make the variable's name."},
    {.name = "configMapRef",
     .type = ValueType::Object,
     .object = &kConfigMapEnvSourceType,
     .meaning = "All keys of a ConfigMap."},
    {.name = "secretRef",
     .type = ValueType::Object,
     .object = &kSecretEnvSourceType,
     .meaning = "All keys of a Secret."},
};

constexpr Field kConfigMapEnvSourceFields[] = {
    {.name = "name",
     .required = true,
     .format = Format::DnsSubdomain,
     .meaning = "Name of the ConfigMap, in the pod's namespace."},
    {.name = "optional",
     .type = ValueType::Boolean,
     .meaning = "true: without the object no variable is set; else an error."},
};

constexpr Field kSecretEnvSourceFields[] = {
    {.name = "name",
     .required = true,
     .format = Format::DnsSubdomain,
     .meaning = "Name of the Secret, in the pod's namespace."},
    {.name = "optional",
     .type = ValueType::Boolean,
     .meaning = "true: without the object no variable is set; else an error."},
};

}  // namespace

const ObjectType kEnvVarType = {"EnvVar", "variable", kEnvVarFields};
const ObjectType kEnvVarSourceType = {"EnvVarSource", "", kEnvVarSourceFields};
const ObjectType kObjectFieldSelectorType = {"ObjectFieldSelector", "", kObjectFieldSelectorFields};
const ObjectType kResourceFieldSelectorType = {"ResourceFieldSelector", "",
                                               kResourceFieldSelectorFields};
const ObjectType kConfigMapKeySelectorType = {"ConfigMapKeySelector", "",
                                              kConfigMapKeySelectorFields};
const ObjectType kSecretKeySelectorType = {"SecretKeySelector", "", kSecretKeySelectorFields};
const ObjectType kEnvFromSourceType = {"EnvFromSource", "", kEnvFromSourceFields};
const ObjectType kConfigMapEnvSourceType = {"ConfigMapEnvSource", "", kConfigMapEnvSourceFields};
const ObjectType kSecretEnvSourceType = {"SecretEnvSource", "", kSecretEnvSourceFields};

}  // namespace podvisor::manifest
