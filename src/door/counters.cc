#include "door/counters.h"

#include <algorithm>

namespace podvisor::door {

const char* to_string(Rejection rejection) {
  switch (rejection) {
    case Rejection::Malformed:
      return "malformed";
    case Rejection::HeadTooLarge:
      return "head_too_large";
    case Rejection::UnknownTransferCoding:
      return "unknown_transfer_coding";
    case Rejection::Version:
      return "version";
    case Rejection::Method:
      return "method";
    case Rejection::Timeout:
      return "timeout";
    case Rejection::ClientGone:
      return "client_gone";
  }
  return "unknown";
}

void WorkerCounters::count_status(int status) {
  const int index = std::clamp(status - kFirstStatus, 0, static_cast<int>(kStatuses) - 1);
  requests[static_cast<std::size_t>(index)].add();
}

void WorkerCounters::observe_hold(Duration held) {
  const double seconds = std::chrono::duration<double>(held).count();
  const auto bucket = std::lower_bound(std::begin(kHoldBuckets), std::end(kHoldBuckets), seconds);
  held_seconds[static_cast<std::size_t>(bucket - std::begin(kHoldBuckets))].add();
  held_nanoseconds.add(static_cast<std::uint64_t>(held.count()));
}

void add_up(const WorkerCounters& from, DoorCounters& to) {
  for (std::size_t i = 0; i < from.requests.size(); ++i)
    if (const std::uint64_t n = from.requests[i].value(); n != 0)
      to.requests[static_cast<int>(i) + WorkerCounters::kFirstStatus] += n;
  for (std::size_t i = 0; i < kDoorFailures; ++i)
    to.failed[to_string(static_cast<DoorFailure>(i))] += from.failed[i].value();
  for (std::size_t i = 0; i < kRejections; ++i)
    to.rejected[to_string(static_cast<Rejection>(i))] += from.rejected[i].value();
  for (std::size_t i = 0; i < from.held_seconds.size(); ++i)
    to.held_seconds[i] += from.held_seconds[i].value();
  to.held_seconds_sum += static_cast<double>(from.held_nanoseconds.value()) / 1e9;
  to.connections += from.connections.value();
  to.retried += from.retried.value();
  to.open_connections += from.open_connections.value();
  to.in_flight += from.in_flight.value();
  to.upgraded += from.upgraded.value();
}

}  // namespace podvisor::door
