// podvisor's own process, by the names that every Prometheus client library uses.
#pragma once

#include <string>

#include "metrics/families.h"
#include "podvisor/time.h"

namespace podvisor {

/// One reading. What /proc does not tell stays 0.
struct ProcessUsage {
  double cpu_seconds = 0;
  double start_time = 0;  ///< unix seconds
  double virtual_memory = 0;
  double resident_memory = 0;
  double open_fds = 0;
  double max_fds = 0;
};

[[nodiscard]] ProcessUsage read_process_usage();

/// From the text of /proc/PID/stat and the boot time; ticks and pages in those of sysconf(). Pure.
[[nodiscard]] ProcessUsage parse_process_stat(const std::string& stat, double boot_time,
                                              double ticks_per_second, double page_size);

void add_process(Families& families, const ProcessUsage& usage);

}  // namespace podvisor
