// tcpSocket (kubernetes-semantics TCP): success is a handshake within the timeout, nothing more.
#pragma once

#include "probes/probe_attempt.h"

namespace podvisor {

[[nodiscard]] StartedAttempt start_tcp_probe(const ProbeIo& io, const AttemptSpec& spec,
                                             const TcpSocketAction& action, AnswerSink& sink);

}  // namespace podvisor
