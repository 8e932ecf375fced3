// What a listener counts. Each worker has a set of its own, so that counting is no contention;
// whoever reads them adds them up.
#pragma once

#include <array>
#include <atomic>

#include "podvisor/ports/door.h"

namespace podvisor::door {

enum class Rejection : std::uint8_t {
  Malformed,
  HeadTooLarge,
  UnknownTransferCoding,
  Version,
  Method,
  Timeout,     ///< too slow with its request
  ClientGone,  ///< left before its answer was whole
};
inline constexpr std::size_t kRejections = 7;
[[nodiscard]] const char* to_string(Rejection rejection);

/// Written by one thread, read by any.
class Tally {
 public:
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t n = 1) { add(-n); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct alignas(64) WorkerCounters {
  static constexpr int kFirstStatus = 100;
  static constexpr std::size_t kStatuses = 500;

  std::array<Tally, kStatuses> requests;
  std::array<Tally, kDoorFailures> failed;
  std::array<Tally, kRejections> rejected;
  std::array<Tally, kHoldBucketCount + 1> held_seconds;
  Tally held_nanoseconds;
  Tally connections, retried;
  Tally open_connections, in_flight, upgraded;

  void count_status(int status);
  void count_failure(DoorFailure failure) { failed[static_cast<std::size_t>(failure)].add(); }
  void count_rejection(Rejection why) { rejected[static_cast<std::size_t>(why)].add(); }
  void observe_hold(Duration held);
};

/// Counts its owner among those that are there now.
class Counted {
 public:
  explicit Counted(Tally& tally) : tally_(tally) { tally_.add(); }
  ~Counted() { tally_.subtract(); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  Tally& tally_;
};

/// Adds `from` to `to`.
void add_up(const WorkerCounters& from, DoorCounters& to);

}  // namespace podvisor::door
