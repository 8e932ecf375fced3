// Sockets to serve on, made before the server: what is wrong with them is said before it starts.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor {

/// The name of a Unix socket; removed with its owner unless somebody has put another in its place.
class SocketFile {
 public:
  SocketFile() = default;
  SocketFile(std::string path, dev_t device, ino_t inode);
  SocketFile(SocketFile&& other) noexcept;
  SocketFile& operator=(SocketFile&& other) noexcept;
  SocketFile(const SocketFile&) = delete;
  SocketFile& operator=(const SocketFile&) = delete;
  ~SocketFile() { remove(); }

 private:
  void remove();

  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

/// Clients that may wait to be accepted.
inline constexpr int kListenBacklog = 128;

/// The name goes before the socket is closed: nobody may take it for a dead one's meanwhile.
struct UnixListener {
  Fd socket;
  SocketFile file;
};

/// Listens on `path` with mode 0600. A socket there that nobody serves any more is replaced; one
/// that is served, or anything that is not a socket, is an error.
[[nodiscard]] Result<UnixListener> listen_unix(const std::string& path);

/// Listens on "ADDR:PORT", "[ADDR6]:PORT" or ":PORT" (every address). Names other than localhost
/// are not looked up. Port 0: the kernel chooses.
[[nodiscard]] Result<Fd> listen_tcp(const std::string& address_port);

/// The TCP port that a socket is bound to.
[[nodiscard]] Result<std::uint16_t> bound_port(int socket);

}  // namespace podvisor
