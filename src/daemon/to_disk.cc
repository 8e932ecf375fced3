#include "daemon/to_disk.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "log/logger.h"

namespace podvisor {
namespace {

/// Each holds a descriptor: with more than these, who writes waits for the disk.
constexpr std::size_t kMostWaiting = 256;

void sync_all(const std::vector<Fd>& written) {
  for (const Fd& fd : written)
    if (::fsync(fd.get()) != 0)
      log_warning(
          "what was written may not survive a power loss; look at the state directory's disk",
          {{"error", std::strerror(errno)}});
}

}  // namespace

ToDisk::~ToDisk() {
  while (under_way_) loop_.finish_blocking();
}

void ToDisk::add(Fd written) {
  waiting_.push_back(std::move(written));
  if (waiting_.size() > kMostWaiting) sync_all(std::exchange(waiting_, {}));
  if (!under_way_) next();
}

void ToDisk::next() {
  under_way_ = !waiting_.empty();
  if (!under_way_) return;
  auto batch = std::make_shared<const std::vector<Fd>>(std::exchange(waiting_, {}));
  run_blocking(
      loop_, [batch] { sync_all(*batch); }, [this] { next(); });
}

}  // namespace podvisor
