// A client that sends exactly what a test says. Blocking; reads give up after ten seconds.
#pragma once

#include <cstdint>
#include <string>

#include "podvisor/fd.h"

namespace podvisor::door {

inline const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

struct Answer {
  int status = 0;  ///< 0: none came
  std::string head;
  std::string body;     ///< as it came, chunks and all
  bool closed = false;  ///< the connection was at its end behind it, or within it
  bool reset = false;   ///< by a RST
};

class TestClient {
 public:
  explicit TestClient(std::uint16_t port);              ///< on 127.0.0.1
  explicit TestClient(const std::string& socket_path);  ///< a Unix socket

  bool send(const std::string& bytes);
  /// The next answer, whole. `to_head`: it answers a HEAD.
  [[nodiscard]] Answer read_answer(bool to_head = false);
  [[nodiscard]] Answer get(const std::string& path = "/");
  /// Until there are as many bytes, or the end.
  [[nodiscard]] std::string read_exactly(std::size_t size);
  [[nodiscard]] std::string read_to_end();
  /// Nothing comes within so many milliseconds.
  [[nodiscard]] bool nothing_comes(int milliseconds);
  void close_for_writing();
  void close() { socket_.reset(); }
  void reset();
  [[nodiscard]] bool was_reset() const { return reset_; }

 private:
  [[nodiscard]] bool fill();
  Fd socket_;
  std::string buffer_;
  bool reset_ = false;
};

}  // namespace podvisor::door
