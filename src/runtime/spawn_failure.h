// Why a process could not be started, in words for the person who wrote the manifest. Pure.
#pragma once

#include <string>

#include "runtime/pause_client.h"
#include "runtime/process_spec.h"

namespace podvisor {

/// `item`: the path of the mount, or the name of the sysctl, that failed, if one did.
[[nodiscard]] std::string explain(const SpawnFailure& failure, const ProcessSpec& spec,
                                  const std::string& item = {});
/// `exec: "foo": executable file not found in $PATH`, and its like.
[[nodiscard]] std::string explain_exec(const std::string& program, int error_number);
/// EXE-4: 127 not found, 126 not executable, 0 not the program's fault.
[[nodiscard]] int shell_exit_code(const SpawnFailure& failure);

}  // namespace podvisor
