#include "probes/hook_runner.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "probes/http_round_trip.h"
#include "probes/overloaded.h"
#include "probes/probe_port.h"

namespace podvisor {
namespace {

ContainerRef ref_of(const std::tuple<PodUid, ContainerIndex, int, HookKind>& key) {
  return {std::get<ContainerIndex>(key), std::get<int>(key)};
}

/// Why it failed, for podvisor's own log; empty when it succeeded.
std::string exec_failure(const ExecOutcome& outcome) {
  if (outcome.error) return outcome.error->message;
  if (outcome.exit_code == 0) return {};
  std::string message = "the command ended with exit code " + std::to_string(outcome.exit_code);
  if (!outcome.output.empty()) message += ": " + outcome.output;
  return message;
}

}  // namespace

/// The command as it stands: hooks' are not expanded (ENV-12).
class LifecycleHooks::ExecRun final : public Run {
 public:
  ExecRun(LifecycleHooks& hooks, Key key) : hooks_(hooks), key_(std::move(key)) {}
  ~ExecRun() override {
    if (exec_) hooks_.executor_.cancel(*exec_);
  }

  void start(const std::vector<std::string>& command) {
    exec_ = hooks_.executor_.exec(std::get<PodUid>(key_), ref_of(key_), command, kNoTimeout,
                                  [this](const ExecOutcome& outcome) { on_done(outcome); });
  }

 private:
  void on_done(const ExecOutcome& outcome) {
    exec_.reset();
    std::string failure = exec_failure(outcome);
    const bool succeeded = failure.empty();
    hooks_.finish(key_, succeeded, std::move(failure));
  }

  LifecycleHooks& hooks_;
  const Key key_;
  std::optional<std::uint64_t> exec_;  ///< while it runs
};

/// Any response is a success, whatever its status and however its body ends (HOK-5).
class LifecycleHooks::HttpRun final : public Run {
 public:
  HttpRun(LifecycleHooks& hooks, Key key, HttpCall call)
      : hooks_(hooks),
        key_(std::move(key)),
        call_(std::move(call)),
        exchange_(hooks.io_, hooks.multi_) {}
  ~HttpRun() override { exchange_.reset(); }

  /// Destroys itself where the end is known at once.
  void start() {
    auto outcome = exchange_.start(call_, [this](const HttpOutcome& ended) { on_end(ended); });
    if (outcome) on_end(*outcome);
  }

 private:
  void on_end(const HttpOutcome& outcome) {
    if (outcome.kind == HttpOutcome::Kind::Answered) {
      if (fell_back_) report_fallback();
      return hooks_.finish(key_, true, {});
    }
    if (outcome.spoke_no_tls && call_.url.scheme == "https") return fall_back(outcome.error);
    // What went wrong first is what the manifest's author asked for.
    hooks_.finish(key_, false, fell_back_ ? *fell_back_ : outcome.error);
  }

  /// Without the password that was meant to go over TLS.
  void fall_back(const std::string& error) {
    fell_back_ = error;
    call_.url.scheme = "http";
    call_.url.user.clear();
    call_.url.password.clear();
    std::erase_if(call_.headers, [](const HttpHeader& header) {
      return canonical_header_name(header.name) == "Authorization";
    });
    start();
  }

  void report_fallback() {
    std::string message = "request to HTTPS lifecycle hook " + call_.url.authority +
                          " got HTTP response, retry with HTTP succeeded";
    hooks_.events_.post(std::get<PodUid>(key_), pod_event::Noted{true, "LifecycleHTTPFallback",
                                                                 std::move(message), std::nullopt});
  }

  LifecycleHooks& hooks_;
  const Key key_;
  HttpCall call_;
  std::optional<std::string> fell_back_;  ///< from HTTPS, which failed so
  HttpRoundTrip exchange_;
};

LifecycleHooks::LifecycleHooks(Loop& loop, PodSockets& sockets, Executor& executor,
                               EventSink& events)
    : executor_(executor),
      events_(events),
      poll_(loop),
      io_{loop, poll_, sockets},
      multi_(loop, poll_) {}

LifecycleHooks::~LifecycleHooks() = default;

void LifecycleHooks::run_hook(const Pod& pod, const pod_action::RunHook& hook) {
  const Key key{pod.metadata.uid, hook.ref.container, hook.ref.instance, hook.hook};
  const Container& container = pod.spec.containers.at(hook.ref.container);
  const Lifecycle& lifecycle = container.lifecycle;
  const auto& action = hook.hook == HookKind::PostStart ? lifecycle.post_start : lifecycle.pre_stop;
  if (!action) return finish(key, false, "container " + container.name + " has no such hook");
  std::visit(Overloaded{[&](const ExecAction& exec) { start_exec(key, exec); },
                        [&](const HttpGetAction& http) { start_http(key, container, http); },
                        [&](const TcpSocketAction&) {
                          finish(key, false,
                                 "tcpSocket is no lifecycle hook; use exec, httpGet or sleep");
                        },
                        [&](const SleepAction&) {
                          finish(key, false, "a sleep is not for the hook runner to run");
                        }},
             *action);
}

void LifecycleHooks::cancel_hook(const PodUid& pod, const pod_action::CancelHook& hook) {
  running_.erase({pod, hook.ref.container, hook.ref.instance, hook.hook});
}

void LifecycleHooks::start_exec(const Key& key, const ExecAction& action) {
  auto run = std::make_unique<ExecRun>(*this, key);
  ExecRun& started = *run;
  running_[key] = std::move(run);
  started.start(action.command);
}

void LifecycleHooks::start_http(const Key& key, const Container& container,
                                const HttpGetAction& action) {
  const auto port = resolve_port(action.port, container);
  if (!port) return finish(key, false, port.error().message);
  const PodUid& pod = std::get<PodUid>(key);
  const std::string host = action.host.empty() ? io_.sockets.address(pod) : action.host;
  auto run =
      std::make_unique<HttpRun>(*this, key,
                                HttpCall{.pod = pod,
                                         .url = probe_url(action.scheme, host, *port, action.path),
                                         .headers = action.http_headers,
                                         .user_agent = kHookUserAgent,
                                         .timeout = std::nullopt});
  HttpRun& started = *run;
  running_[key] = std::move(run);
  started.start();
}

void LifecycleHooks::finish(const Key& key, bool succeeded, std::string message) {
  const Key ended = key;                      // `key` may be the run's own
  const auto node = running_.extract(ended);  // until the end: this is called from within it
  if (message.size() > kMaxProbeOutput) message.resize(kMaxProbeOutput);
  events_.post(std::get<PodUid>(ended),
               pod_event::HookCompleted{ref_of(ended), std::get<HookKind>(ended), succeeded,
                                        std::move(message)});
}

}  // namespace podvisor
