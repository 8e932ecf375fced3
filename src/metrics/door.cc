#include "metrics/door.h"

#include <limits>

namespace podvisor {
namespace {

using prometheus::MetricType;

const FamilyInfo kRequests{"podvisor_door_requests_total",
                           "Requests answered by the door, by the status that the client got.",
                           MetricType::Counter};
const FamilyInfo kConnections{"podvisor_door_connections_total",
                              "Connections that the door has accepted.", MetricType::Counter};
const FamilyInfo kFailed{"podvisor_door_failed_requests_total",
                         "Requests and connections that failed through no doing of the client.",
                         MetricType::Counter};
const FamilyInfo kRejected{"podvisor_door_rejected_requests_total",
                           "Requests that the door refused or gave up because of the client.",
                           MetricType::Counter};
const FamilyInfo kRetried{"podvisor_door_retried_requests_total",
                          "Requests and connections that were sent to an endpoint once more.",
                          MetricType::Counter};
const FamilyInfo kHeldSeconds{"podvisor_door_hold_seconds",
                              "How long requests and connections waited for a Ready pod.",
                              MetricType::Histogram};

struct NowFamily {
  FamilyInfo info;
  std::uint64_t DoorCounters::*value;
};

const NowFamily kNow[] = {
    {{"podvisor_door_in_flight_requests", "Requests and connections under way at pods."},
     &DoorCounters::in_flight},
    {{"podvisor_door_held_requests", "Requests and connections that wait for a Ready pod."},
     &DoorCounters::held},
    {{"podvisor_door_open_connections", "Clients' connections that are open."},
     &DoorCounters::open_connections},
    {{"podvisor_door_upgraded_connections", "Connections that have been upgraded."},
     &DoorCounters::upgraded},
};

void add_hold_seconds(Families& families, const Labels& door, const DoorCounters& counters) {
  prometheus::ClientMetric sample;
  sample.label = door;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < counters.held_seconds.size() && i <= kHoldBucketCount; ++i) {
    count += counters.held_seconds[i];
    const double bound =
        i < kHoldBucketCount ? kHoldBuckets[i] : std::numeric_limits<double>::infinity();
    sample.histogram.bucket.push_back({count, bound});
  }
  sample.histogram.sample_count = count;
  sample.histogram.sample_sum = counters.held_seconds_sum;
  families.get(kHeldSeconds).metric.push_back(std::move(sample));
}

void add_one(Families& families, const Labels& door, const DoorCounters& counters) {
  for (const auto& [status, count] : counters.requests)
    Sink(families.get(kRequests), door)
        .add(static_cast<double>(count), {{"code", std::to_string(status)}});
  for (const auto& [cause, count] : counters.failed)
    Sink(families.get(kFailed), door).add(static_cast<double>(count), {{"cause", cause}});
  for (const auto& [cause, count] : counters.rejected)
    Sink(families.get(kRejected), door).add(static_cast<double>(count), {{"cause", cause}});
  Sink(families.get(kConnections), door).add(static_cast<double>(counters.connections));
  Sink(families.get(kRetried), door).add(static_cast<double>(counters.retried));
  for (const NowFamily& family : kNow)
    Sink(families.get(family.info), door).add(static_cast<double>(counters.*family.value));
  add_hold_seconds(families, door, counters);
}

}  // namespace

void add_door(Families& families, const std::map<std::string, DoorCounters>& counters) {
  for (const auto& [listener, counted] : counters) add_one(families, {{"door", listener}}, counted);
}

}  // namespace podvisor
