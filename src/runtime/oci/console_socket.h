// Where an OCI runtime leaves the master of a container's terminal (--console-socket).
#pragma once

#include <string>

#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor {

class ConsoleSocket {
 public:
  /// `path` is a socket's, which is short, in a private directory.
  [[nodiscard]] static Result<ConsoleSocket> listen(const std::string& path);
  ConsoleSocket(ConsoleSocket&& other) noexcept = default;
  ConsoleSocket& operator=(ConsoleSocket&& other) = delete;
  ConsoleSocket(const ConsoleSocket&) = delete;
  ConsoleSocket& operator=(const ConsoleSocket&) = delete;
  ~ConsoleSocket();

  [[nodiscard]] const std::string& path() const { return path_; }
  /// For when the runtime has ended: what it has left. Does not block.
  [[nodiscard]] Result<Fd> take() const;

 private:
  ConsoleSocket(Fd socket, std::string path) : socket_(std::move(socket)), path_(std::move(path)) {}

  Fd socket_;
  std::string path_;
};

}  // namespace podvisor
