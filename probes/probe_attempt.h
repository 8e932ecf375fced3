// What the handlers of all kinds have in common: one attempt in, one answer out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "loop/socket_poll.h"
#include "podvisor/pod.h"
#include "podvisor/pod_state.h"
#include "podvisor/ports/runtime.h"

namespace podvisor {

/// The most that is kept of what a probe answered (HTTP-11, EXE-2).
inline constexpr std::size_t kMaxProbeOutput = 10240;

struct ProbeAnswer {
  Verdict verdict = Verdict::Failure;
  std::string output;  ///< at most kMaxProbeOutput, for the event
};

/// Whose attempt it is.
struct AttemptId {
  PodUid pod;
  pod_action::StartAttempt attempt;
};

/// What a handler is told. References are good for the call only: keep copies.
struct AttemptSpec {
  const Pod& pod;
  const Container& container;
  const Probe& probe;
  AttemptId id;
};

class ProbeAttempt;

class AnswerSink {
 public:
  /// Called once for each attempt under way, never from within the call that started it. The
  /// attempt is destroyed in it: its last act.
  virtual void on_answer(ProbeAttempt& attempt, ProbeAnswer answer) = 0;

 protected:
  ~AnswerSink() = default;
};

/// An attempt under way. Destroying it before its answer cancels it.
class ProbeAttempt {
 public:
  ProbeAttempt(AttemptId id, AnswerSink& sink) : id_(std::move(id)), sink_(sink) {}
  virtual ~ProbeAttempt() = default;
  ProbeAttempt(const ProbeAttempt&) = delete;
  ProbeAttempt& operator=(const ProbeAttempt&) = delete;
  [[nodiscard]] const AttemptId& id() const { return id_; }
  [[nodiscard]] AttemptId take_id() { return std::move(id_); }  ///< from an attempt at its end

 protected:
  void answer(ProbeAnswer answer) { sink_.on_answer(*this, std::move(answer)); }

 private:
  AttemptId id_;
  AnswerSink& sink_;
};

/// Either answered at once, or under way.
using StartedAttempt = std::variant<ProbeAnswer, std::unique_ptr<ProbeAttempt>>;

/// What the network probes work with. All borrowed.
struct ProbeIo {
  Loop& loop;
  SocketPoll& poll;
  PodSockets& sockets;
};

}  // namespace podvisor
