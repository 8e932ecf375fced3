// Rows: probes and their handlers.
#include "manifest/schema.h"

namespace podvisor::manifest {
namespace {

constexpr Field kProbeFields[] = {
    {.name = "httpGet",
     .type = ValueType::Object,
     .object = &kHttpGetActionType,
     .meaning = "Succeeds when the answer to a GET has status 200 to 399; for readiness 200."},
    {.name = "tcpSocket",
     .type = ValueType::Object,
     .object = &kTcpSocketActionType,
     .meaning = "Succeeds when a connection can be made."},
    {.name = "exec",
     .type = ValueType::Object,
     .object = &kExecActionType,
     .meaning = "Succeeds when the command exits 0."},
    {.name = "grpc",
     .type = ValueType::Object,
     .object = &kGrpcActionType,
     .meaning = "Succeeds when the gRPC health service says SERVING."},
    {.name = "initialDelaySeconds",
     .type = ValueType::Integer,
     .default_value = "0",
     .min = 0,
     .max = kMaxInt32,
     .meaning = "Seconds from the container's start to the first attempt."},
    {.name = "periodSeconds",
     .type = ValueType::Integer,
     .default_value = "10",
     .min = 0,
     .max = kMaxInt32,
     .meaning = "Seconds from one attempt to the next."},
    {.name = "timeoutSeconds",
     .type = ValueType::Integer,
     .default_value = "1",
     .min = 0,
     .max = kMaxInt32,
     .meaning = "Seconds that one attempt may take."},
    {.name = "successThreshold",
     .type = ValueType::Integer,
     .default_value = "1",
     .min = 0,
     .max = kMaxInt32,
     .meaning = "Successes in a row that count as success; 1 for liveness and startup."},
    {.name = "failureThreshold",
     .type = ValueType::Integer,
     .default_value = "3",
     .min = 0,
     .max = kMaxInt32,
     .meaning = "Failures in a row that count as failure."},
    {.name = "terminationGracePeriodSeconds",
     .type = ValueType::Integer,
     .min = 1,
     .meaning = "Grace of a kill by this probe; unset: the pod's. Not for readiness."},
};

constexpr Field kHttpGetActionFields[] = {
    {.name = "port",
     .type = ValueType::PortRef,
     .required = true,
     .min = 1,
     .max = 65535,
     .meaning = "Port number, or name of one of the container's ports."},
    {.name = "path", .default_value = "\"/\"", .meaning = "Path and query of the request."},
    {.name = "scheme",
     .default_value = "\"HTTP\"",
     .allowed = "HTTP|HTTPS",
     .meaning = "HTTPS takes any certificate."},
    {.name = "host", .meaning = "Where to connect to; unset: the pod."},
    {.name = "httpHeaders",
     .type = ValueType::Object,
     .shape = Shape::List,
     .object = &kHttpHeaderType,
     .meaning = "Headers of the request; repeats are sent as such."},
    {.name = "protocol", .allowed = "HTTP/1.1", .meaning = "HTTP version."},
};

constexpr Field kHttpHeaderFields[] = {
    {.name = "name",
     .required = true,
     .format = Format::HeaderName,
     .meaning = "Name of the header."},
    {.name = "value", .default_value = "\"\"", .meaning = "Its value."},
};

constexpr Field kTcpSocketActionFields[] = {
    {.name = "port",
     .type = ValueType::PortRef,
     .required = true,
     .min = 1,
     .max = 65535,
     .meaning = "Port number, or name of one of the container's ports."},
    {.name = "host", .meaning = "Where to connect to; unset: the pod."},
};

constexpr Field kExecActionFields[] = {
    {.name = "command",
     .shape = Shape::List,
     .required = true,
     .meaning = "Program and arguments; no shell is involved."},
};

constexpr Field kGrpcActionFields[] = {
    {.name = "port",
     .type = ValueType::Integer,
     .required = true,
     .min = 1,
     .max = 65535,
     .meaning = "Port number."},
    {.name = "service",
     .default_value = "\"\"",
     .meaning = "The service that is asked about; empty: the server as a whole."},
};

}  // namespace

const ObjectType kProbeType = {"Probe", "", kProbeFields};
const ObjectType kHttpGetActionType = {"HTTPGetAction", "", kHttpGetActionFields};
const ObjectType kHttpHeaderType = {"HTTPHeader", "header", kHttpHeaderFields};
const ObjectType kTcpSocketActionType = {"TCPSocketAction", "", kTcpSocketActionFields};
const ObjectType kExecActionType = {"ExecAction", "", kExecActionFields};
const ObjectType kGrpcActionType = {"GRPCAction", "", kGrpcActionFields};

}  // namespace podvisor::manifest
