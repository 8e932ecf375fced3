// SOCK_SEQPACKET Unix sockets in a directory of podvisor's own, as pause and the door are spoken
// to.
#pragma once

#include <string>

#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor {

/// Listens at directory/name, mode 0600; what was there of that name goes. The path may be longer
/// than a sun_path.
[[nodiscard]] Result<Fd> listen_seqpacket(const std::string& directory, const char* name);
/// A connection to whoever listens there; nobody: an error.
[[nodiscard]] Result<Fd> connect_seqpacket(const std::string& directory, const char* name);

}  // namespace podvisor
