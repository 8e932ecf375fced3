// HTTP clients that count what goes wrong: refused, reset, empty, truncated, not 200. Each on a
// thread of its own, one request after the other.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "podvisor/fd.h"

namespace podvisor {

struct LoadPlan {
  std::uint16_t port = 0;
  int clients = 20;
  bool keep_alive = true;  ///< else a connection for each request
  std::string method = "GET";
  std::string path = "/";
  std::size_t body = 0;                ///< bytes that are sent along
  std::chrono::milliseconds pause{2};  ///< between two requests of a client
};

struct LoadResult {
  std::uint64_t requests = 0;
  std::map<std::string, std::uint64_t> failed;  ///< by what it was
  std::chrono::milliseconds longest{0};         ///< of one request
  void add(const LoadResult& more);
  [[nodiscard]] std::string text() const;  ///< "0 failed of 1234, the longest took 12 ms"
};

/// One connection to a port of this host.
class Connection {
 public:
  explicit Connection(std::uint16_t port);
  void send(const std::string& text) const;
  /// Through the first `end`; at the other side's end, or after 40 s without anything, what there
  /// is.
  std::string read_until(const std::string& end);

 private:
  Fd socket_;
  std::string unread_;
};

class Load {
 public:
  explicit Load(LoadPlan plan);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  [[nodiscard]] std::uint64_t done() const { return done_; }
  [[nodiscard]] LoadResult so_far();
  /// Lets each client finish its request.
  LoadResult stop();

 private:
  void run();

  LoadPlan plan_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> done_{0};
  std::mutex mutex_;
  LoadResult result_;
  std::vector<std::thread> clients_;
};

}  // namespace podvisor
