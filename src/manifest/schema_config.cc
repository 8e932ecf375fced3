// Rows: ConfigMap, Secret and Namespace.
#include "manifest/schema.h"

namespace podvisor::manifest {
namespace {

constexpr Field kConfigMapFields[] = {
    {.name = "apiVersion", .required = true, .allowed = "v1", .meaning = "Version of the schema."},
    {.name = "kind",
     .required = true,
     .allowed = "ConfigMap",
     .meaning = "What the document describes."},
    {.name = "metadata",
     .type = ValueType::Object,
     .object = &kObjectMetaType,
     .required = true,
     .meaning = "Name, namespace, labels and annotations."},
    {.name = "data",
     .shape = Shape::Map,
     .meaning = "Texts by their keys; with binaryData at most 1 MiB."},
    {.name = "binaryData", .shape = Shape::Map, .meaning = "Bytes by their keys, in base64."},
    {.name = "immutable",
     .type = ValueType::Boolean,
     .meaning = "true: a changed document is refused until the object was removed."},
};

constexpr Field kSecretFields[] = {
    {.name = "apiVersion", .required = true, .allowed = "v1", .meaning = "Version of the schema."},
    {.name = "kind",
     .required = true,
     .allowed = "Secret",
     .meaning = "What the document describes."},
    {.name = "metadata",
     .type = ValueType::Object,
     .object = &kObjectMetaType,
     .required = true,
     .meaning = "Name, namespace, labels and annotations."},
    {.name = "type",
     .default_value = "\"Opaque\"",
     .meaning = "What it is for; a type of Kubernetes' own needs that type's keys."},
    {.name = "data",
     .shape = Shape::Map,
     .secret = true,
     .meaning = "Bytes by their keys, in base64; all at most 1 MiB."},
    {.name = "stringData",
     .shape = Shape::Map,
     .secret = true,
     .meaning = "Texts by their keys; they win over data."},
    {.name = "immutable",
     .type = ValueType::Boolean,
     .meaning = "true: a changed document is refused until the object was removed."},
};

constexpr Field kNamespaceFields[] = {
    {.name = "apiVersion", .required = true, .allowed = "v1", .meaning = "Version of the schema."},
    {.name = "kind",
     .required = true,
     .allowed = "Namespace",
     .meaning = "What the document describes."},
    {.name = "metadata",
     .type = ValueType::Object,
     .object = &kObjectMetaType,
     .required = true,
     .meaning = "Its name. A namespace need not be declared: the first object in it makes it."},
    {.name = "spec",
     .type = ValueType::Untyped,
     .support = Support::Dropped,
     .meaning = "Finalizers, written by an API server."},
    {.name = "status",
     .type = ValueType::Untyped,
     .support = Support::Dropped,
     .meaning = "Never read from a manifest."},
};

}  // namespace

const ObjectType kConfigMapType = {"ConfigMap", "", kConfigMapFields};
const ObjectType kSecretType = {"Secret", "", kSecretFields};
const ObjectType kNamespaceType = {"Namespace", "", kNamespaceFields};

}  // namespace podvisor::manifest
