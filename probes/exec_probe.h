// exec (kubernetes-semantics EXE): success is exit code 0 of a command run inside the container.
#pragma once

#include <string>
#include <vector>

#include "podvisor/ports/runtime.h"
#include "probes/probe_attempt.h"

namespace podvisor {

/// ENV-12: with the literal, unexpanded values of the container's own env.
[[nodiscard]] std::vector<std::string> expand_probe_command(const std::vector<std::string>& command,
                                                            const std::vector<EnvVar>& env);

/// EXE-2, EXE-3, EXE-4. `command` is what was run.
[[nodiscard]] ProbeAnswer judge_exec(const ExecOutcome& outcome,
                                     const std::vector<std::string>& command, Seconds timeout);

[[nodiscard]] StartedAttempt start_exec_probe(Executor& executor, const AttemptSpec& spec,
                                              const ExecAction& action, AnswerSink& sink);

}  // namespace podvisor
