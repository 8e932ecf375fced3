// A pod's /dev/shm (NET-1): 64 MiB, shared by its containers and gone with the sandbox. Needs
// CAP_SYS_ADMIN. It is mounted in the pod's runtime directory, where a podvisor that was started
// again finds it.
#pragma once

#include <string>

#include "podvisor/result.h"

namespace podvisor {

[[nodiscard]] std::string shared_memory_path(const std::string& runtime_directory);
/// Anew, whatever an earlier sandbox left.
[[nodiscard]] Status make_shared_memory(const std::string& runtime_directory);
void remove_shared_memory(const std::string& runtime_directory);

}  // namespace podvisor
