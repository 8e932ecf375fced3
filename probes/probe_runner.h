// The Prober: hands each attempt to the handler of its kind and posts what it answered.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "loop/curl_multi.h"
#include "loop/loop.h"
#include "loop/socket_poll.h"
#include "podvisor/ports/event_sink.h"
#include "podvisor/ports/prober.h"
#include "podvisor/ports/runtime.h"
#include "probes/http_probe.h"
#include "probes/probe_attempt.h"

namespace podvisor {

/// An attempt whose answer is known at once is posted from within start_attempt(), which
/// EventSink::post allows: it queues. Destroying the runner cancels what is in flight.
/// Loop thread only; not to be destroyed from within one of its own callbacks.
class ProbeRunner final : public Prober, private AnswerSink {
 public:
  /// All borrowed.
  ProbeRunner(Loop& loop, PodSockets& sockets, Executor& executor, EventSink& events);

  void start_attempt(const Pod& pod, const pod_action::StartAttempt& attempt) override;
  void cancel_attempt(const PodUid& pod, std::uint64_t attempt_id) override;

 private:
  /// By a hash of pod and attempt id; the attempt itself says whose it is.
  using InFlight = std::unordered_multimap<std::size_t, std::unique_ptr<ProbeAttempt>>;

  [[nodiscard]] StartedAttempt start(const Pod& pod, const pod_action::StartAttempt& attempt);
  [[nodiscard]] InFlight::iterator find(const PodUid& pod, std::uint64_t attempt_id);
  void on_answer(ProbeAttempt& attempt, ProbeAnswer answer) override;
  void post(const AttemptId& id, ProbeAnswer answer);

  Executor& executor_;
  EventSink& events_;
  SocketPoll poll_;
  ProbeIo io_;
  HttpProbes http_;
  InFlight in_flight_;
};

}  // namespace podvisor
