#include "probes/exec_probe.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "podvisor/expansion.h"
#include "probes/probe_text.h"

namespace podvisor {
namespace {

std::string join(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

class ExecAttempt final : public ProbeAttempt {
 public:
  ExecAttempt(Executor& executor, const AttemptId& id, AnswerSink& sink)
      : ProbeAttempt(id, sink), executor_(executor) {}
  ~ExecAttempt() override {
    if (exec_) executor_.cancel(*exec_);
  }

  void start(std::vector<std::string> command, Seconds timeout) {
    command_ = std::move(command);
    timeout_ = timeout;
    exec_ = executor_.exec(id().pod, id().attempt.ref, command_, timeout,
                           [this](const ExecOutcome& outcome) { on_done(outcome); });
  }

 private:
  void on_done(const ExecOutcome& outcome) {
    exec_.reset();
    answer(judge_exec(outcome, command_, timeout_));
  }

  Executor& executor_;
  std::vector<std::string> command_;
  Seconds timeout_{0};
  std::optional<std::uint64_t> exec_;  ///< while it runs
};

}  // namespace

std::vector<std::string> expand_probe_command(const std::vector<std::string>& command,
                                              const std::vector<EnvVar>& env) {
  const auto lookup = [&env](std::string_view name) -> const std::string* {
    for (auto variable = env.rbegin(); variable != env.rend(); ++variable) {  // the last wins
      if (variable->name == name) return &variable->value;
    }
    return nullptr;
  };
  std::vector<std::string> expanded;
  expanded.reserve(command.size());
  for (const std::string& word : command) expanded.push_back(expand(word, lookup));
  return expanded;
}

ProbeAnswer judge_exec(const ExecOutcome& outcome, const std::vector<std::string>& command,
                       Seconds timeout) {
  if (outcome.error) return {Verdict::Error, outcome.error->message};
  if (outcome.timed_out) {
    return {Verdict::Failure, "command timed out: " + quote(join(command)) + " timed out after " +
                                  duration_text(timeout)};
  }
  return {outcome.exit_code == 0 ? Verdict::Success : Verdict::Failure,
          outcome.output.substr(0, kMaxProbeOutput)};
}

StartedAttempt start_exec_probe(Executor& executor, const AttemptSpec& spec,
                                const ExecAction& action, AnswerSink& sink) {
  auto attempt = std::make_unique<ExecAttempt>(executor, spec.id, sink);
  attempt->start(expand_probe_command(action.command, spec.container.env), spec.probe.timeout);
  return attempt;
}

}  // namespace podvisor
