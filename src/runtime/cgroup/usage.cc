#include "runtime/cgroup/usage.h"

#include <algorithm>

#include "runtime/cgroup/values.h"

namespace podvisor {
namespace {

constexpr double kMicro = 1e-6;
constexpr double kNano = 1e-9;
// v1 says "no limit" as the largest number of whole pages, which depends on the page size.
constexpr std::int64_t kUnlimited = std::int64_t{1} << 62;

std::string text_of(const CgroupDirectory& directory, const char* file) {
  return directory.read(file).value_or("");
}

std::optional<double> seconds(const std::optional<std::int64_t>& count, double unit) {
  if (!count) return std::nullopt;
  return static_cast<double>(*count) * unit;
}

/// MET-7.
std::optional<std::int64_t> working_set(const ContainerUsage& usage,
                                        const std::optional<std::int64_t>& inactive_file) {
  if (!usage.memory_usage || !inactive_file) return std::nullopt;
  return std::max<std::int64_t>(*usage.memory_usage - *inactive_file, 0);
}

/// With both limits equal the kernel runs into memory+swap's and counts there alone.
std::optional<std::int64_t> failures_v1(const CgroupDirectory& memory) {
  const auto failures = memory.read_number("memory.failcnt");
  if (!failures) return std::nullopt;
  return *failures + memory.read_number("memory.memsw.failcnt").value_or(0);
}

void read_memory_v1(const CgroupDirectory& memory, ContainerUsage& usage) {
  const std::string stat = text_of(memory, "memory.stat");
  usage.memory_usage = memory.read_number("memory.usage_in_bytes");
  usage.memory_working_set = working_set(usage, find_value(stat, "total_inactive_file"));
  usage.memory_rss = find_value(stat, "total_rss");
  usage.memory_cache = find_value(stat, "total_cache");
  usage.memory_swap = find_value(stat, "total_swap");
  usage.memory_failcnt = failures_v1(memory);
  usage.memory_limit = memory.read_number("memory.limit_in_bytes");
  if (usage.memory_limit.value_or(0) >= kUnlimited) usage.memory_limit = 0;
  usage.oom_kills = find_value(text_of(memory, "memory.oom_control"), "oom_kill");
  usage.processes = static_cast<std::int64_t>(memory.processes().size());
}

void read_cpu_v1(const CgroupDirectory& cpu, ContainerUsage& usage) {
  const std::string stat = text_of(cpu, "cpu.stat");
  usage.cfs_periods = find_value(stat, "nr_periods");
  usage.cfs_throttled_periods = find_value(stat, "nr_throttled");
  usage.cfs_throttled_seconds = seconds(find_value(stat, "throttled_time"), kNano);
}

void read_memory_v2(const CgroupDirectory& cgroup, ContainerUsage& usage) {
  const std::string stat = text_of(cgroup, "memory.stat");
  const std::string events = text_of(cgroup, "memory.events");
  usage.memory_usage = cgroup.read_number("memory.current");
  usage.memory_working_set = working_set(usage, find_value(stat, "inactive_file"));
  usage.memory_rss = find_value(stat, "anon");
  usage.memory_cache = find_value(stat, "file");
  usage.memory_swap = cgroup.read_number("memory.swap.current");
  usage.memory_failcnt = find_value(events, "max");
  usage.oom_kills = find_value(events, "oom_kill");
  const std::string limit = text_of(cgroup, "memory.max");
  usage.memory_limit = has_word(limit, "max") ? 0 : parse_number(limit);
}

void read_cpu_v2(const CgroupDirectory& cgroup, ContainerUsage& usage) {
  const std::string stat = text_of(cgroup, "cpu.stat");
  usage.cpu_seconds = seconds(find_value(stat, "usage_usec"), kMicro);
  usage.cfs_periods = find_value(stat, "nr_periods");
  usage.cfs_throttled_periods = find_value(stat, "nr_throttled");
  usage.cfs_throttled_seconds = seconds(find_value(stat, "throttled_usec"), kMicro);
}

void add(std::optional<std::int64_t>& sum, const std::optional<std::int64_t>& value) {
  if (value) sum = sum.value_or(0) + *value;
}

/// Lines of "MAJOR:MINOR rbytes=N wbytes=N rios=N wios=N …".
void read_io_v2(const CgroupDirectory& cgroup, ContainerUsage& usage) {
  const std::string stat = text_of(cgroup, "io.stat");
  for (const std::string_view word : words(stat)) {
    const std::size_t sign = word.find('=');
    if (sign == std::string_view::npos) continue;
    const std::string_view key = word.substr(0, sign);
    const auto value = parse_number(word.substr(sign + 1));
    if (key == "rbytes") add(usage.fs_read_bytes, value);
    if (key == "wbytes") add(usage.fs_written_bytes, value);
    if (key == "rios") add(usage.fs_reads, value);
    if (key == "wios") add(usage.fs_writes, value);
  }
}

}  // namespace

ContainerUsage usage_v1(const V1Directories& cgroup) {
  ContainerUsage usage;
  if (cgroup.memory != nullptr) read_memory_v1(*cgroup.memory, usage);
  if (cgroup.cpu != nullptr) read_cpu_v1(*cgroup.cpu, usage);
  if (cgroup.cpuacct != nullptr)
    usage.cpu_seconds = seconds(cgroup.cpuacct->read_number("cpuacct.usage"), kNano);
  if (cgroup.pids != nullptr) usage.threads = cgroup.pids->read_number("pids.current");
  return usage;
}

ContainerUsage usage_v2(const CgroupDirectory& cgroup) {
  ContainerUsage usage;
  read_memory_v2(cgroup, usage);
  read_cpu_v2(cgroup, usage);
  read_io_v2(cgroup, usage);
  usage.threads = cgroup.read_number("pids.current");
  usage.processes = static_cast<std::int64_t>(cgroup.processes().size());
  return usage;
}

}  // namespace podvisor
