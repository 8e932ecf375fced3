// A ProbeRunner on a real loop, and pods with one container and one probe for it.
#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <utility>

#include "fakes/fake_executor.h"
#include "fakes/fake_pod_sockets.h"
#include "fakes/recording_event_sink.h"
#include "loop/loop.h"
#include "probes/probe_runner.h"

namespace podvisor {

class ProbeFixture : public testing::Test {
 protected:
  ProbeFixture() {
    std::signal(SIGPIPE, SIG_IGN);
    events_.on_post = [this] { loop_.stop(); };
  }

  template <typename Handler>
  static Pod make_pod(Handler handler, ProbeKind kind = ProbeKind::Readiness,
                      Seconds timeout = Seconds(60)) {
    Pod pod;
    pod.metadata.name = "web";
    pod.metadata.uid = "0c7a6f0e-6b6a-4c55-9a0e-3b6e5a1f9d11";
    Container& container = pod.spec.containers.emplace_back();
    container.name = "nginx";
    Probe probe;
    probe.handler = std::move(handler);
    probe.timeout = timeout;
    (kind == ProbeKind::Readiness  ? container.readiness_probe
     : kind == ProbeKind::Liveness ? container.liveness_probe
                                   : container.startup_probe) = std::move(probe);
    return pod;
  }

  static HttpGetAction http_get(std::uint16_t port, std::string path = "/") {
    HttpGetAction action;
    action.path = std::move(path);
    action.port = port;
    return action;
  }

  void start(const Pod& pod, ProbeKind kind = ProbeKind::Readiness, std::uint64_t id = 1) {
    runner_.start_attempt(pod, {{0, 3}, kind, id});
  }

  /// Runs the loop until one more event was posted.
  pod_event::AttemptCompleted next_answer() {
    if (answered_ == events_.posted.size()) loop_.run();
    const auto answers = events_.of<pod_event::AttemptCompleted>();
    return answers.size() > answered_ ? answers[answered_++] : pod_event::AttemptCompleted{};
  }

  pod_event::AttemptCompleted probe(const Pod& pod, ProbeKind kind = ProbeKind::Readiness) {
    start(pod, kind);
    return next_answer();
  }

  Loop loop_;
  FakePodSockets sockets_;
  FakeExecutor executor_;
  RecordingEventSink events_;
  ProbeRunner runner_{loop_, sockets_, executor_, events_};
  std::size_t answered_ = 0;
};

}  // namespace podvisor
