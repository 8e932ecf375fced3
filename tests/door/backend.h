// A server that does what a test says, on threads of its own: blocking reads, no cleverness.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "podvisor/fd.h"

namespace podvisor::door {

/// One accepted connection. Reads give up after ten seconds.
class Connection {
 public:
  explicit Connection(int fd) : fd_(fd) {}
  /// A head and its body by Content-Length or chunks, as it came; empty: the peer has closed.
  [[nodiscard]] std::string read_request();
  /// Whatever comes next; empty: the peer has closed.
  [[nodiscard]] std::string read_some();
  [[nodiscard]] std::string read_exactly(std::size_t size);
  bool send(const std::string& bytes) const;
  void reset() const;  ///< lets the peer see a RST when the connection is closed
  void close_for_writing() const;
  [[nodiscard]] int fd() const { return fd_; }
  int requests = 0;  ///< read on this connection

 private:
  [[nodiscard]] bool fill();
  [[nodiscard]] std::string read_line();
  [[nodiscard]] std::string read_chunked();
  int fd_;
  std::string buffer_;
};

class Backend {
 public:
  using Serve = std::function<void(Connection&)>;
  /// `serve` runs on a thread of its own for each connection, which is closed when it returns.
  explicit Backend(Serve serve);
  ~Backend() { stop(); }
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  void stop();  ///< closes everything, as a process's end does
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int connections() const { return accepted_.load(); }

 private:
  void accept_all();

  Serve serve_;
  Fd listening_;
  int port_ = 0;
  std::atomic<int> accepted_{0};
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// "HTTP/1.1 200 OK" with a length and the body.
[[nodiscard]] std::string ok(const std::string& body, const std::string& lines = {});
/// Answers every request with its name.
[[nodiscard]] Backend::Serve named(const std::string& name);

}  // namespace podvisor::door
