// grpc (kubernetes-semantics GRP): success is SERVING. Whatever else happens is a failure; as long
// as there is no connection it is tried again, until the deadline.
#pragma once

#include "probes/probe_attempt.h"

namespace podvisor {

[[nodiscard]] StartedAttempt start_grpc_probe(const ProbeIo& io, const AttemptSpec& spec,
                                              const GrpcAction& action, AnswerSink& sink);

}  // namespace podvisor
