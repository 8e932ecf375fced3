// A real registry (Debian's docker-registry) on loopback, on a port of its own.
#pragma once

#include <sys/types.h>

#include <string>

namespace podvisor {

class Registry {
 public:
  /// Keeps its files in `directory`. With a password: user "me" may come in with it.
  explicit Registry(const std::string& directory, const std::string& password = "");
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  [[nodiscard]] bool running() const { return port_ != 0; }
  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  /// Copies LAYOUT:TAG to NAME in it.
  [[nodiscard]] bool push(const std::string& image, const std::string& name) const;
  void stop();
  /// The file of a blob, to be tampered with.
  [[nodiscard]] std::string blob(const std::string& digest) const;

 private:
  std::string directory_;
  std::string password_;
  pid_t pid_ = 0;
  int port_ = 0;
};

/// Runs it and waits for its end; its exit code.
int run_program(const std::string& command_line);

}  // namespace podvisor
