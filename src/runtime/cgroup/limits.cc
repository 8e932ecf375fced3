#include <algorithm>
#include <cmath>

#include "runtime/cgroup/cgroup.h"

namespace podvisor {
namespace {

constexpr std::int64_t kMinShares = 2;
constexpr std::int64_t kMaxShares = 262144;
constexpr std::int64_t kMinQuota = 1000;
constexpr std::int64_t kQuotaPerMilliCpu = 100;  // µs of each 100 ms
// More thousandths of a CPU than any machine has; keeps the products below in range.
constexpr std::int64_t kMaxMilliCpu = 1'000'000'000;

/// Zero-valued quantities count as absent.
std::optional<std::int64_t> wanted(const std::optional<std::int64_t>& quantity) {
  return quantity.value_or(0) > 0 ? quantity : std::nullopt;
}

std::int64_t shares(std::int64_t milli_cpu) {
  return std::clamp(std::min(milli_cpu, kMaxMilliCpu) * 1024 / 1000, kMinShares, kMaxShares);
}

std::int64_t quota(std::int64_t milli_cpu) {
  return std::max(std::min(milli_cpu, kMaxMilliCpu) * kQuotaPerMilliCpu, kMinQuota);
}

}  // namespace

CgroupLimits cgroup_limits(const ResourceRequirements& resources, std::int64_t pids_limit) {
  CgroupLimits limits;
  limits.memory_max = wanted(resources.memory_limit);
  if (const auto limit = wanted(resources.cpu_limit)) limits.cpu_quota = quota(*limit);
  const auto& request = resources.cpu_request ? resources.cpu_request : resources.cpu_limit;
  limits.cpu_shares = shares(request.value_or(0));
  limits.pids_max = pids_limit;
  return limits;
}

std::int64_t cpu_weight(std::int64_t shares_value) {
  if (shares_value <= kMinShares) return 1;
  if (shares_value >= kMaxShares) return 10000;
  const double log = std::log2(static_cast<double>(shares_value));
  const double exponent = (log * log + 125 * log) / 612.0 - 7.0 / 34.0;
  return static_cast<std::int64_t>(std::ceil(std::pow(10, exponent)));
}

}  // namespace podvisor
