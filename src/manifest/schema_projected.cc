// Rows: volumes whose files podvisor writes: from ConfigMaps, Secrets and facts about the pod.
#include "manifest/schema.h"

namespace podvisor::manifest {
namespace {

constexpr const char* kNoTokens =
    "there is no API server that would take the token; one host has no service accounts";
constexpr const char* kNoCertificates = "only a cluster's API server hands out its certificates";

constexpr Field kConfigMapVolumeFields[] = {
    {.name = "name", .required = true, .meaning = "Name of the ConfigMap, in the pod's namespace."},
    {.name = "items",
     .type = ValueType::Object,
     .shape = Shape::List,
     .object = &kKeyToPathType,
     .meaning = "Which keys, and where; unset: each under its own name."},
    {.name = "defaultMode",
     .type = ValueType::FileMode,
     .default_value = "420",
     .keeps_zero = true,
     .meaning = "Permissions of the files."},
    {.name = "optional",
     .type = ValueType::Boolean,
     .meaning = "true: the object, or a key of `items`, may be missing."},
};

constexpr Field kSecretVolumeFields[] = {
    {.name = "secretName",
     .required = true,
     .meaning = "Name of the Secret, in the pod's namespace."},
    {.name = "items",
     .type = ValueType::Object,
     .shape = Shape::List,
     .object = &kKeyToPathType,
     .meaning = "Which keys, and where; unset: each under its own name."},
    {.name = "defaultMode",
     .type = ValueType::FileMode,
     .default_value = "420",
     .keeps_zero = true,
     .meaning = "Permissions of the files."},
    {.name = "optional",
     .type = ValueType::Boolean,
     .meaning = "true: the object, or a key of `items`, may be missing."},
};

constexpr Field kDownwardApiVolumeFields[] = {
    {.name = "items",
     .type = ValueType::Object,
     .shape = Shape::List,
     .object = &kDownwardApiVolumeFileType,
     .meaning = "The files."},
    {.name = "defaultMode",
     .type = ValueType::FileMode,
     .default_value = "420",
     .keeps_zero = true,
     .meaning = "Permissions of the files."},
};

constexpr Field kProjectedVolumeFields[] = {
    {.name = "sources",
     .type = ValueType::Object,
     .shape = Shape::List,
     .object = &kVolumeProjectionType,
     .meaning = "The sources; for the same file the last wins."},
    {.name = "defaultMode",
     .type = ValueType::FileMode,
     .default_value = "420",
     .keeps_zero = true,
     .meaning = "Permissions of the files."},
};

constexpr Field kVolumeProjectionFields[] = {
    {.name = "configMap",
     .type = ValueType::Object,
     .object = &kConfigMapProjectionType,
     .meaning = "Files from a ConfigMap."},
    {.name = "secret",
     .type = ValueType::Object,
     .object = &kSecretProjectionType,
     .meaning = "Files from a Secret."},
    {.name = "downwardAPI",
     .type = ValueType::Object,
     .object = &kDownwardApiProjectionType,
     .meaning = "Files that tell about the pod."},
    {.name = "serviceAccountToken",
     .type = ValueType::Untyped,
     .support = Support::Refused,
     .reason = kNoTokens,
     .meaning = "A token for the API server."},
    {.name = "clusterTrustBundle",
     .type = ValueType::Untyped,
     .support = Support::Refused,
     .reason = kNoCertificates,
     .meaning = "Certificates of the cluster's authorities."},
    {.name = "podCertificate",
     .type = ValueType::Untyped,
     .support = Support::Refused,
     .reason = kNoCertificates,
     .meaning = "A key and certificate for the pod."},
};

constexpr Field kConfigMapProjectionFields[] = {
    {.name = "name", .required = true, .meaning = "Name of the ConfigMap, in the pod's namespace."},
    {.name = "items",
     .type = ValueType::Object,
     .shape = Shape::List,
     .object = &kKeyToPathType,
     .meaning = "Which keys, and where; unset: each under its own name."},
    {.name = "optional",
     .type = ValueType::Boolean,
     .meaning = "true: the object, or a key of `items`, may be missing."},
};

constexpr Field kSecretProjectionFields[] = {
    {.name = "name", .required = true, .meaning = "Name of the Secret, in the pod's namespace."},
    {.name = "items",
     .type = ValueType::Object,
     .shape = Shape::List,
     .object = &kKeyToPathType,
     .meaning = "Which keys, and where; unset: each under its own name."},
    {.name = "optional",
     .type = ValueType::Boolean,
     .meaning = "true: the object, or a key of `items`, may be missing."},
};

constexpr Field kDownwardApiProjectionFields[] = {
    {.name = "items",
     .type = ValueType::Object,
     .shape = Shape::List,
     .object = &kDownwardApiVolumeFileType,
     .meaning = "The files."},
};

constexpr Field kKeyToPathFields[] = {
    {.name = "key", .required = true, .meaning = "The key."},
    {.name = "path",
     .required = true,
     .format = Format::ItemPath,
     .meaning = "The file, relative to the volume."},
    {.name = "mode",
     .type = ValueType::FileMode,
     .meaning = "Its permissions; unset: `defaultMode`."},
};

constexpr Field kDownwardApiVolumeFileFields[] = {
    {.name = "path",
     .required = true,
     .format = Format::ItemPath,
     .meaning = "The file, relative to the volume."},
    {.name = "fieldRef",
     .type = ValueType::Object,
     .object = &kObjectFieldSelectorType,
     .meaning = "A fact about the pod."},
    {.name = "resourceFieldRef",
     .type = ValueType::Object,
     .object = &kResourceFieldSelectorType,
     .meaning = "A container's limit or request; `containerName` is required."},
    {.name = "mode",
     .type = ValueType::FileMode,
     .meaning = "Its permissions; unset: `defaultMode`."},
};

}  // namespace

const ObjectType kConfigMapVolumeType = {"ConfigMapVolumeSource", "", kConfigMapVolumeFields};
const ObjectType kSecretVolumeType = {"SecretVolumeSource", "", kSecretVolumeFields};
const ObjectType kDownwardApiVolumeType = {"DownwardAPIVolumeSource", "", kDownwardApiVolumeFields};
const ObjectType kProjectedVolumeType = {"ProjectedVolumeSource", "", kProjectedVolumeFields};
const ObjectType kVolumeProjectionType = {"VolumeProjection", "", kVolumeProjectionFields};
const ObjectType kConfigMapProjectionType = {"ConfigMapProjection", "", kConfigMapProjectionFields};
const ObjectType kSecretProjectionType = {"SecretProjection", "", kSecretProjectionFields};
const ObjectType kDownwardApiProjectionType = {"DownwardAPIProjection", "",
                                               kDownwardApiProjectionFields};
const ObjectType kKeyToPathType = {"KeyToPath", "", kKeyToPathFields};
const ObjectType kDownwardApiVolumeFileType = {"DownwardAPIVolumeFile", "",
                                               kDownwardApiVolumeFileFields};

}  // namespace podvisor::manifest
