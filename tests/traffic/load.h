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

/// A request that failed, for whoever has to find out why.
struct LoadFailure {
  std::chrono::system_clock::time_point at;  ///< when that was known
  std::chrono::milliseconds took{0};
  std::string what;
};

struct LoadResult {
  std::uint64_t requests = 0;
  std::map<std::string, std::uint64_t> failed;  ///< by what it was
  std::chrono::milliseconds longest{0};         ///< of one request
  std::vector<LoadFailure> last;                ///< of each load, no more than a hundred
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

  /// Requests that are over, one way or the other, and counted: of all, and of each client.
  [[nodiscard]] std::uint64_t done() { return so_far().requests; }
  [[nodiscard]] std::vector<std::uint64_t> done_by_each();
  [[nodiscard]] std::uint16_t port() const { return plan_.port; }
  [[nodiscard]] LoadResult so_far();
  /// Lets each client finish its request.
  LoadResult stop();

 private:
  void run(std::size_t client);
  void count(std::size_t client, const std::string& wrong, std::chrono::milliseconds took);

  LoadPlan plan_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  LoadResult result_;
  std::vector<std::uint64_t> done_by_each_;
  std::vector<std::thread> clients_;
};

}  // namespace podvisor
