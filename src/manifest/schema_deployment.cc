// Rows: Deployment and what only it has.
#include "manifest/schema.h"

namespace podvisor::manifest {
namespace {

constexpr Field kDeploymentFields[] = {
    {.name = "apiVersion",
     .required = true,
     .allowed = "apps/v1",
     .meaning = "Version of the schema."},
    {.name = "kind",
     .required = true,
     .allowed = "Deployment",
     .meaning = "What the document describes."},
    {.name = "metadata",
     .type = ValueType::Object,
     .object = &kObjectMetaType,
     .required = true,
     .meaning = "Name, namespace, labels and annotations."},
    {.name = "spec",
     .type = ValueType::Object,
     .object = &kDeploymentSpecType,
     .required = true,
     .meaning = "How many of which pod."},
    {.name = "status",
     .type = ValueType::Untyped,
     .support = Support::Dropped,
     .meaning = "Never read from a manifest."},
};

constexpr Field kDeploymentSpecFields[] = {
    {.name = "replicas",
     .type = ValueType::Integer,
     .default_value = "1",
     .keeps_zero = true,
     .min = 0,
     .max = kMaxInt32,
     .meaning = "How many pods."},
    {.name = "selector",
     .type = ValueType::Object,
     .object = &kLabelSelectorType,
     .required = true,
     .meaning = "Which pods are its own; it matches the template's labels."},
    {.name = "template",
     .type = ValueType::Object,
     .object = &kPodTemplateSpecType,
     .required = true,
     .meaning = "What each pod is like."},
    {.name = "strategy",
     .type = ValueType::Object,
     .object = &kDeploymentStrategyType,
     .default_value = "{}",
     .meaning = "How old pods give way to new ones."},
    {.name = "minReadySeconds",
     .type = ValueType::Integer,
     .default_value = "0",
     .min = 0,
     .max = kMaxInt32,
     .meaning = "Seconds for which a pod has to be Ready to count as available."},
    {.name = "revisionHistoryLimit",
     .type = ValueType::Integer,
     .default_value = "10",
     .keeps_zero = true,
     .min = 0,
     .max = kMaxInt32,
     .meaning = "How many former templates are kept to go back to."},
    {.name = "paused", .type = ValueType::Boolean, .meaning = "Do not act on a changed template."},
    {.name = "progressDeadlineSeconds",
     .type = ValueType::Integer,
     .default_value = "600",
     .keeps_zero = true,
     .min = 0,
     .max = kMaxInt32,
     .meaning = "Seconds without progress after which a rollout has failed."},
};

constexpr Field kDeploymentStrategyFields[] = {
    {.name = "type",
     .default_value = "\"RollingUpdate\"",
     .allowed = "RollingUpdate|Recreate",
     .meaning = "New pods beside the old ones, or the old ones away first."},
    {.name = "rollingUpdate",
     .type = ValueType::Object,
     .object = &kRollingUpdateType,
     .meaning = "How far a rolling update may go at a time."},
};

constexpr Field kRollingUpdateFields[] = {
    {.name = "maxUnavailable",
     .type = ValueType::IntOrPercent,
     .default_value = "\"25%\"",
     .keeps_zero = true,
     .min = 0,
     .max = kMaxInt32,
     .meaning = "How many pods may be missing, a percentage rounded down."},
    {.name = "maxSurge",
     .type = ValueType::IntOrPercent,
     .default_value = "\"25%\"",
     .keeps_zero = true,
     .min = 0,
     .max = kMaxInt32,
     .meaning = "How many pods there may be too many, a percentage rounded up."},
};

constexpr Field kPodTemplateSpecFields[] = {
    {.name = "metadata",
     .type = ValueType::Object,
     .object = &kTemplateMetaType,
     .default_value = "{}",
     .meaning = "Labels and annotations of each pod."},
    {.name = "spec",
     .type = ValueType::Object,
     .object = &kPodSpecType,
     .required = true,
     .meaning = "What shall run."},
};

constexpr Field kTemplateMetaFields[] = {
    {.name = "labels", .shape = Shape::Map, .meaning = "Labels of each pod."},
    {.name = "annotations",
     .shape = Shape::Map,
     .meaning = "Annotations of each pod, those that podvisor reads among them."},
    {.name = "name",
     .support = Support::Ignored,
     .reason = "the pods are named after what makes them",
     .meaning = "Of no effect in Kubernetes either."},
    {.name = "namespace",
     .support = Support::Ignored,
     .reason = "the pods are of the namespace of what makes them",
     .meaning = "Of no effect in Kubernetes either."},
    {.name = "generateName",
     .support = Support::Ignored,
     .reason = "the pods are named after what makes them",
     .meaning = "Of no effect in Kubernetes either."},
    {.name = "finalizers",
     .shape = Shape::List,
     .support = Support::Ignored,
     .reason = kClusterOnly,
     .meaning = "Whom a deletion has to wait for."},
    {.name = "creationTimestamp",
     .support = Support::Dropped,
     .meaning = "Written as null by an API server."},
};

constexpr Field kLabelSelectorFields[] = {
    {.name = "matchLabels", .shape = Shape::Map, .meaning = "Labels that a pod has to have."},
    {.name = "matchExpressions",
     .type = ValueType::Object,
     .shape = Shape::List,
     .object = &kLabelRequirementType,
     .meaning = "Further conditions; all of them have to hold."},
};

constexpr Field kLabelRequirementFields[] = {
    {.name = "key", .required = true, .meaning = "Key of the label."},
    {.name = "operator",
     .required = true,
     .allowed = "In|NotIn|Exists|DoesNotExist",
     .meaning = "What has to hold for its value."},
    {.name = "values", .shape = Shape::List, .meaning = "The values of In and NotIn."},
};

}  // namespace

const ObjectType kDeploymentType = {"Deployment", "", kDeploymentFields};
const ObjectType kDeploymentSpecType = {"DeploymentSpec", "", kDeploymentSpecFields};
const ObjectType kDeploymentStrategyType = {"DeploymentStrategy", "", kDeploymentStrategyFields};
const ObjectType kRollingUpdateType = {"RollingUpdateDeployment", "", kRollingUpdateFields};
const ObjectType kPodTemplateSpecType = {"PodTemplateSpec", "", kPodTemplateSpecFields};
const ObjectType kTemplateMetaType = {"ObjectMeta of a template", "", kTemplateMetaFields};
const ObjectType kLabelSelectorType = {"LabelSelector", "", kLabelSelectorFields};
const ObjectType kLabelRequirementType = {"LabelSelectorRequirement", "", kLabelRequirementFields};

}  // namespace podvisor::manifest
