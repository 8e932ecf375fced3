#include "probes/probe_runner.h"

#include <functional>
#include <utility>

#include "probes/exec_probe.h"
#include "probes/grpc_probe.h"
#include "probes/overloaded.h"
#include "probes/tcp_probe.h"

namespace podvisor {
namespace {

std::size_t hash_of(const PodUid& pod, std::uint64_t attempt_id) {
  return std::hash<std::string>{}(pod) ^ (attempt_id * 0x9e3779b97f4a7c15U);
}

}  // namespace

ProbeRunner::ProbeRunner(Loop& loop, PodSockets& sockets, Executor& executor, EventSink& events)
    : executor_(executor), events_(events), poll_(loop), io_{loop, poll_, sockets}, http_(io_) {}

void ProbeRunner::start_attempt(const Pod& pod, const pod_action::StartAttempt& attempt) {
  StartedAttempt started = start(pod, attempt);
  if (auto* answer = std::get_if<ProbeAnswer>(&started)) {
    post({pod.metadata.uid, attempt}, std::move(*answer));
    return;
  }
  in_flight_.emplace(hash_of(pod.metadata.uid, attempt.attempt_id),
                     std::move(std::get<std::unique_ptr<ProbeAttempt>>(started)));
}

StartedAttempt ProbeRunner::start(const Pod& pod, const pod_action::StartAttempt& attempt) {
  const Container& container = pod.spec.containers.at(attempt.ref.container);
  const std::optional<Probe>& probe = container.probe(attempt.kind);
  if (!probe) {
    return ProbeAnswer{Verdict::Error, "container " + container.name + " has no such probe"};
  }
  const AttemptSpec spec{pod, container, *probe, {pod.metadata.uid, attempt}};
  return std::visit(
      Overloaded{
          [&](const HttpGetAction& action) { return http_.start(spec, action, *this); },
          [&](const TcpSocketAction& action) { return start_tcp_probe(io_, spec, action, *this); },
          [&](const ExecAction& action) {
            return start_exec_probe(executor_, spec, action, *this);
          },
          [&](const GrpcAction& action) { return start_grpc_probe(io_, spec, action, *this); }},
      probe->handler);
}

ProbeRunner::InFlight::iterator ProbeRunner::find(const PodUid& pod, std::uint64_t attempt_id) {
  auto [it, end] = in_flight_.equal_range(hash_of(pod, attempt_id));
  for (; it != end; ++it) {
    const AttemptId& id = it->second->id();
    if (id.attempt.attempt_id == attempt_id && id.pod == pod) return it;
  }
  return in_flight_.end();
}

void ProbeRunner::cancel_attempt(const PodUid& pod, std::uint64_t attempt_id) {
  const auto found = find(pod, attempt_id);
  if (found != in_flight_.end()) in_flight_.erase(found);
}

void ProbeRunner::on_answer(ProbeAttempt& attempt, ProbeAnswer answer) {
  const auto found = find(attempt.id().pod, attempt.id().attempt.attempt_id);
  const AttemptId id = attempt.take_id();
  in_flight_.erase(found);  // first: the event may start the next one
  post(id, std::move(answer));
}

void ProbeRunner::post(const AttemptId& id, ProbeAnswer answer) {
  if (answer.output.size() > kMaxProbeOutput) answer.output.resize(kMaxProbeOutput);
  events_.post(id.pod,
               pod_event::AttemptCompleted{id.attempt.ref, id.attempt.kind, id.attempt.attempt_id,
                                           answer.verdict, std::move(answer.output)});
}

}  // namespace podvisor
