#include "door/pipe.h"

#include <fcntl.h>
#include <unistd.h>

namespace podvisor::door {

PipePtr PipePool::take() {
  if (!free_.empty()) {
    PipePtr pipe = std::move(free_.back());
    free_.pop_back();
    return pipe;
  }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return nullptr;
  fcntl(ends[1], F_SETPIPE_SZ, kSize);
  return std::make_unique<Pipe>(Fd(ends[0]), Fd(ends[1]));
}

void PipePool::give(PipePtr pipe) {
  if (pipe && pipe->held == 0 && free_.size() < kKept) free_.push_back(std::move(pipe));
}

}  // namespace podvisor::door
