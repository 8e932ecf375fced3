// A listener as all workers share it.
#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "door/counters.h"
#include "podvisor/fd.h"
#include "podvisor/ports/door.h"

namespace podvisor::door {

struct Listener {
  Listener(std::string name, Fd listening, std::size_t workers)
      : id(std::move(name)), socket(std::move(listening)), counters(workers) {}

  const std::string id;
  const Fd socket;
  std::vector<WorkerCounters> counters;          ///< one for each worker
  std::atomic<std::uint32_t> held{0};            ///< waiting now, in all workers
  std::atomic<Duration::rep> back_off_until{0};  ///< a TimePoint's count; past: none
  /// Asks control for sockets into an endpoint's pod. Any thread.
  std::function<void(const std::string& endpoint)> want_sockets;

  [[nodiscard]] TimePoint back_off() const { return TimePoint(Duration(back_off_until.load())); }
};

}  // namespace podvisor::door
