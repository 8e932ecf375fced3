#include "metrics/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

namespace podvisor {
namespace {

using prometheus::MetricType;

// Fields of /proc/PID/stat counted from the state, which follows the name's last parenthesis: names
// may contain spaces and parentheses themselves.
constexpr std::size_t kUserTicks = 11;
constexpr std::size_t kSystemTicks = 12;
constexpr std::size_t kStartTicks = 19;
constexpr std::size_t kVirtualBytes = 20;
constexpr std::size_t kResidentPages = 21;

double now_by(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

std::string read_stat() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  return line;
}

double count_open_fds() {
  std::error_code error;
  const std::filesystem::directory_iterator fds("/proc/self/fd", error);
  if (error) return 0;
  // The listing's own descriptor is among them.
  return static_cast<double>(std::distance(fds, std::filesystem::directory_iterator()) - 1);
}

struct ProcessFamily {
  FamilyInfo info;
  double ProcessUsage::*value;
};

const std::array<ProcessFamily, 6> kProcessFamilies{{
    {{"process_cpu_seconds_total", "User and system CPU time of podvisor.", MetricType::Counter},
     &ProcessUsage::cpu_seconds},
    {{"process_start_time_seconds", "Unix time at which podvisor was started."},
     &ProcessUsage::start_time},
    {{"process_virtual_memory_bytes", "Virtual memory of podvisor."},
     &ProcessUsage::virtual_memory},
    {{"process_resident_memory_bytes", "Resident memory of podvisor."},
     &ProcessUsage::resident_memory},
    {{"process_open_fds", "File descriptors that podvisor has open."}, &ProcessUsage::open_fds},
    {{"process_max_fds", "File descriptors that podvisor may have open."}, &ProcessUsage::max_fds},
}};

}  // namespace

ProcessUsage parse_process_stat(const std::string& stat, double boot_time, double ticks_per_second,
                                double page_size) {
  ProcessUsage usage;
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos) return usage;
  std::istringstream text(stat.substr(name_end + 1));
  std::string state;
  text >> state;
  std::array<double, kResidentPages + 1> fields{};
  for (std::size_t i = 1; i < fields.size(); ++i) text >> fields[i];
  usage.cpu_seconds = (fields[kUserTicks] + fields[kSystemTicks]) / ticks_per_second;
  usage.start_time = boot_time + fields[kStartTicks] / ticks_per_second;
  usage.virtual_memory = fields[kVirtualBytes];
  usage.resident_memory = fields[kResidentPages] * page_size;
  return usage;
}

ProcessUsage read_process_usage() {
  const double boot_time = now_by(CLOCK_REALTIME) - now_by(CLOCK_BOOTTIME);
  auto usage = parse_process_stat(read_stat(), boot_time, static_cast<double>(sysconf(_SC_CLK_TCK)),
                                  static_cast<double>(sysconf(_SC_PAGESIZE)));
  usage.open_fds = count_open_fds();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) usage.max_fds = static_cast<double>(limit.rlim_cur);
  return usage;
}

void add_process(Families& families, const ProcessUsage& usage) {
  for (const auto& family : kProcessFamilies) {
    add_sample(families.get(family.info), {}, usage.*family.value);
  }
}

}  // namespace podvisor
