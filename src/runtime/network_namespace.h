// Sockets in other network namespaces, without a thread for each: setns takes 1.5 µs.
#pragma once

#include <sys/types.h>

#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor {

/// The one that a process is in.
[[nodiscard]] Result<Fd> open_network_namespace(pid_t pid);
/// socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), in this thread's namespace.
[[nodiscard]] Result<Fd> make_socket(int domain, int type);
/// The same in another's. The calling thread is back in its own on return.
[[nodiscard]] Result<Fd> make_socket_in(int network_namespace, int domain, int type);

}  // namespace podvisor
