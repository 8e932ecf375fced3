// Rows: the Pod itself, its metadata and its annotations.
#include "manifest/schema.h"

namespace podvisor::manifest {
namespace {

constexpr Field kPodFields[] = {
    {.name = "apiVersion", .required = true, .allowed = "v1", .meaning = "Version of the schema."},
    {.name = "kind", .required = true, .allowed = "Pod", .meaning = "What the document describes."},
    {.name = "metadata",
     .type = ValueType::Object,
     .object = &kObjectMetaType,
     .required = true,
     .meaning = "Name, namespace, labels and annotations."},
    {.name = "spec",
     .type = ValueType::Object,
     .object = &kPodSpecType,
     .required = true,
     .meaning = "What shall run."},
    {.name = "status",
     .type = ValueType::Untyped,
     .support = Support::Dropped,
     .meaning = "Written by podvisor, never read from a manifest."},
};

constexpr Field kObjectMetaFields[] = {
    {.name = "name",
     .required = true,
     .format = Format::DnsSubdomain,
     .meaning = "Name, unique among the objects of its kind in its namespace; not needed with "
                "`generateName`."},
    {.name = "generateName",
     .meaning = "Where there is no `name`: what it begins with. Five letters and digits follow, "
                "always the same for the same file, so that reading it again makes no other pod."},
    {.name = "namespace",
     .default_value = "\"default\"",
     .format = Format::DnsLabel,
     .meaning = "Namespace of the object: a name space only, not a kernel namespace."},
    {.name = "labels", .shape = Shape::Map, .meaning = "Labels for selectors and metrics."},
    {.name = "annotations",
     .shape = Shape::Map,
     .meaning = "Notes for programs; those of podvisor.io are listed below."},
    {.name = "finalizers",
     .shape = Shape::List,
     .support = Support::Ignored,
     .reason = kClusterOnly,
     .meaning = "Whom a deletion has to wait for."},
    {.name = "ownerReferences",
     .type = ValueType::Object,
     .shape = Shape::List,
     .object = &kOwnerReferenceType,
     .meaning = "The objects that made this one. A pod whose `controller` is a Deployment is the "
                "Deployment's own."},
    {.name = "uid",
     .support = Support::Dropped,
     .meaning = "Given by podvisor when it takes the object in."},
    {.name = "resourceVersion",
     .support = Support::Dropped,
     .meaning = "Version of the stored object."},
    {.name = "generation",
     .type = ValueType::Integer,
     .support = Support::Dropped,
     .meaning = "Counts changes of the spec."},
    {.name = "creationTimestamp",
     .support = Support::Dropped,
     .meaning = "When the object was taken in."},
    {.name = "deletionTimestamp",
     .support = Support::Dropped,
     .meaning = "When its deletion was asked for."},
    {.name = "deletionGracePeriodSeconds",
     .type = ValueType::Integer,
     .support = Support::Dropped,
     .meaning = "Grace of the deletion under way."},
    {.name = "managedFields",
     .type = ValueType::Untyped,
     .shape = Shape::List,
     .support = Support::Dropped,
     .meaning = "Who last wrote which field."},
    {.name = "selfLink", .support = Support::Dropped, .meaning = "No longer used by Kubernetes."},
};

constexpr Field kOwnerReferenceFields[] = {
    {.name = "apiVersion", .required = true, .meaning = "Of the owner."},
    {.name = "kind", .required = true, .meaning = "Of the owner."},
    {.name = "name", .required = true, .meaning = "Of the owner."},
    {.name = "uid", .required = true, .meaning = "Of the owner."},
    {.name = "controller",
     .type = ValueType::Boolean,
     .meaning = "It is the owner that answers for the object; there is one at most."},
    {.name = "blockOwnerDeletion",
     .type = ValueType::Boolean,
     .meaning = "The owner's deletion waits for the object's; here it never does."},
};

constexpr Field kAnnotationsFields[] = {
    {.name = "kubectl.kubernetes.io/default-container",
     .meaning = "Name of the main container; unset: the first of `containers`."},
    {.name = "podvisor.io/restart-scope",
     .default_value = "\"sidecars\"",
     .allowed = "sidecars|all|container",
     .meaning = "Whose OOM kill, failed liveness or failed startup probe restarts the whole pod: "
                "the sidecars', every container's, or none's, as in Kubernetes."},
    {.name = "podvisor.io/noncritical",
     .meaning = "Comma list of sidecars that never restart the pod and do not count for Ready."},
    {.name = "podvisor.io/http-success",
     .default_value = "\"200\"",
     .allowed = "200|200-399",
     .meaning = "HTTP statuses with which a readiness probe succeeds."},
    {.name = "podvisor.io/replace",
     .default_value = "\"Surge\"",
     .allowed = "Surge|Recreate",
     .meaning = "How the pod is replaced, by a new revision or after a sidecar's failure: a new "
                "one first, or the old one away first. A pod on the host's network, in a namespace "
                "of somebody else's, or with a `restartPolicy` other than Always is recreated."},
    {.name = "podvisor.io/min-ready",
     .default_value = "\"0\"",
     .format = Format::Duration,
     .meaning = "How long a new pod must be Ready without a break before it takes the traffic."},
    {.name = "podvisor.io/progress-deadline",
     .default_value = "\"10m\"",
     .format = Format::Duration,
     .meaning =
         "How long a new pod may take until then; after that it goes and the old one stays."},
    {.name = "podvisor.io/bake",
     .default_value = "\"0\"",
     .format = Format::Duration,
     .meaning =
         "How long the old pod is kept, drained but alive: traffic goes back to it if the new "
         "one fails within that time."},
    {.name = "podvisor.io/rollout-on-config",
     .default_value = "\"used\"",
     .allowed = "used|all",
     .meaning = "Which changed ConfigMaps and Secrets are a new revision of the pod: those that it "
                "has as environment or by `subPath`, or mounted ones too, whose files are "
                "otherwise written anew in place."},
    {.name = "podvisor.io/network",
     .meaning = "`bridge`, `none`, or `ns:PATH` to join the network namespace at an absolute path; "
                "unset: as podvisor was told at its start."},
    {.name = "podvisor.io/door",
     .allowed = "http|tcp|off",
     .meaning = "How podvisor relays to the pod's host ports or the Service's ports: request by "
                "request, connection by connection, or not at all. Unset: `http` for a port whose "
                "name begins so (other than `https` and `http2`) or whose `appProtocol` is `http`, "
                "else `tcp`. Of a pod or a Service."},
    {.name = "podvisor.io/hold-timeout",
     .default_value = "\"30s\"",
     .format = Format::Duration,
     .meaning = "How long a request or connection waits for a Ready pod before it is refused. Of a "
                "pod or a Service."},
    {.name = "podvisor.io/forwarded-headers",
     .default_value = "\"false\"",
     .allowed = "true|false",
     .meaning = "`true`: each request that is relayed in http mode gets the lines X-Forwarded-For, "
                "with the client's address, and X-Forwarded-Proto. Of a pod or a Service."},
    {.name = "podvisor.io/drain-timeout",
     .format = Format::Duration,
     .meaning = "How long requests and connections under way may hold up a stop; what is left then "
                "is cut. It is no part of the grace period. Unset: 30 s, or the grace period if "
                "that is longer."},
    {.name = "podvisor.io/readyz-delay",
     .default_value = "\"0\"",
     .format = Format::Duration,
     .meaning =
         "How long /readyz has said 503 before the pod is drained and stopped: the time that "
         "another balancer needs to notice."},
    {.name = "podvisor.io/fast-ready",
     .default_value = "\"false\"",
     .allowed = "true|false",
     .meaning =
         "`true`: until its first success a startup or readiness probe is tried after 20 ms, "
         "then after twice that, and so on up to its period."},
};

}  // namespace

const ObjectType kPodType = {"Pod", "pod", kPodFields};
const ObjectType kObjectMetaType = {"ObjectMeta", "", kObjectMetaFields};
const ObjectType kOwnerReferenceType = {"OwnerReference", "", kOwnerReferenceFields};
const ObjectType kAnnotationsType = {"Annotations that podvisor reads", "", kAnnotationsFields};

}  // namespace podvisor::manifest
