// Bytes that pass from one socket to another inside the kernel, without being copied (splice(2)):
// for long bodies and streams. Of one thread.
#pragma once

#include <memory>
#include <vector>

#include "podvisor/fd.h"

namespace podvisor::door {

class Pipe {
 public:
  Pipe(Fd read_end, Fd write_end) : out(std::move(read_end)), in(std::move(write_end)) {}
  const Fd out;
  const Fd in;
  std::size_t held = 0;  ///< bytes in it
};
using PipePtr = std::unique_ptr<Pipe>;

class PipePool {
 public:
  static constexpr std::size_t kKept = 32;
  static constexpr int kSize = 256 * 1024;  ///< bytes asked for; the kernel may give less

  [[nodiscard]] PipePtr take();  ///< nullptr: out of descriptors
  /// One that holds bytes is closed.
  void give(PipePtr pipe);

 private:
  std::vector<PipePtr> free_;
};

}  // namespace podvisor::door
