// The HookRunner: lifecycle hooks (kubernetes-semantics HOK) by exec and over HTTP. When one runs,
// and what its end means, is decided in core; sleeping is core's altogether.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "loop/curl_multi.h"
#include "loop/loop.h"
#include "loop/socket_poll.h"
#include "podvisor/ports/event_sink.h"
#include "podvisor/ports/hook_runner.h"
#include "podvisor/ports/runtime.h"
#include "probes/probe_attempt.h"

namespace podvisor {

/// A hook whose end is known at once is posted from within run_hook(), which EventSink::post
/// allows: it queues. Destroying this cancels what is under way. Loop thread only.
class LifecycleHooks final : public HookRunner {
 public:
  /// All borrowed.
  LifecycleHooks(Loop& loop, PodSockets& sockets, Executor& executor, EventSink& events);
  ~LifecycleHooks() override;

  void run_hook(const Pod& pod, const pod_action::RunHook& hook) override;
  void cancel_hook(const PodUid& pod, const pod_action::CancelHook& hook) override;

 private:
  using Key = std::tuple<PodUid, ContainerIndex, int, HookKind>;
  /// A hook under way. Destroying it cancels it.
  class Run {
   public:
    virtual ~Run() = default;
  };
  class ExecRun;
  class HttpRun;

  void start_exec(const Key& key, const ExecAction& action);
  void start_http(const Key& key, const Container& container, const HttpGetAction& action);
  void finish(const Key& key, bool succeeded, std::string message);

  Executor& executor_;
  EventSink& events_;
  SocketPoll poll_;
  ProbeIo io_;
  CurlMulti multi_;
  std::map<Key, std::unique_ptr<Run>> running_;
};

}  // namespace podvisor
