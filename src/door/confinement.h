// What podvisor-door gives up: it talks to whoever comes, so it is to be worth nothing to them. It
// needs no privilege at all; its sockets are made and passed by podvisor. As one more unprivileged
// user it has 256 pipes of full size at a time (pipe-user-pages-soft); streams beyond that which
// wait for a slow reader go through smaller ones.
#pragma once

#include <sys/types.h>

#include "podvisor/result.h"

namespace podvisor::door {

/// Before there is a thread. Becomes this user and group, without further groups (0, or not root:
/// stays who it is); drops every capability, also from the bounding set; gains none by executing
/// anything; leaves no core and is not to be traced by another process of its user. The error: it
/// could not become the user, and has given up the rest.
[[nodiscard]] Status give_up_privileges(uid_t user);

/// When all threads are there. From now on the kernel answers only what serving takes. What nobody
/// but an intruder calls (to execute, trace, mount, join a namespace) ends the door; anything else
/// is ENOSYS, so that a newer libc finds another way. The kernel logs both. A build with a
/// sanitizer has no filter: sanitizers trace, and read files.
[[nodiscard]] Status limit_system_calls();

}  // namespace podvisor::door
