#include "state/stamp.h"

#include <fstream>

namespace podvisor::state {

std::string this_boot() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  file >> id;
  return id;
}

Duration shift_between(const Stamp& written, const Stamp& now) {
  if (written.boot == now.boot) return Duration{0};
  const Duration then =
      written.at.monotonic.time_since_epoch() - written.at.wall.time_since_epoch();
  return now.at.monotonic.time_since_epoch() - now.at.wall.time_since_epoch() - then;
}

}  // namespace podvisor::state
