// A client that sends exactly what a test says and shares the test's thread with the server: the
// loop is turned until something has come true.
#pragma once

#include <string>
#include <string_view>

#include "loop/loop.h"
#include "podvisor/fd.h"

namespace podvisor {

/// Turns the loop until `done` is true. False: it did not become true in ten seconds.
[[nodiscard]] bool turn_until(Loop& loop, const std::function<bool()>& done);

class RawClient {
 public:
  RawClient(Loop& loop, const std::string& socket_path);
  RawClient(Loop& loop, std::uint16_t port);  ///< on 127.0.0.1

  /// Blocks the loop's turns only as far as the kernel has room; false when the server hung up.
  bool send(std::string_view data);
  void close() { socket_.reset(); }
  void close_for_writing();

  /// GET, answered completely: the status. 0: no answer.
  int get(const std::string& target) { return request("GET " + target + " HTTP/1.1"); }
  int request(const std::string& request_line, const std::string& body = {});

  [[nodiscard]] bool wait_for(std::string_view text);  ///< anywhere in what has been received
  [[nodiscard]] bool wait_for_answer();                ///< one whole answer
  [[nodiscard]] bool wait_for_close();

  [[nodiscard]] const std::string& received() const { return received_; }
  [[nodiscard]] int status() const;
  [[nodiscard]] std::string header(
      const std::string& name) const;      ///< name as the server writes it
  [[nodiscard]] std::string body() const;  ///< chunks put together
  [[nodiscard]] bool closed() const { return closed_; }

 private:
  void receive();
  [[nodiscard]] bool is_whole() const;

  Loop& loop_;
  Fd socket_;
  std::string received_;
  bool closed_ = false;
};

}  // namespace podvisor
