// Brings what has been written to the disk on another thread, a batch after the other: a disk that
// is slow, or busy with others, delays no start and no probe. What a kill may not cost is in place
// before; what a power loss may cost is the last moment, and of that no container is left.
#pragma once

#include <vector>

#include "loop/loop.h"
#include "podvisor/fd.h"

namespace podvisor {

class ToDisk {
 public:
  explicit ToDisk(Loop& loop) : loop_(loop) {}
  ~ToDisk();  ///< runs the loop until all is there
  ToDisk(const ToDisk&) = delete;
  ToDisk& operator=(const ToDisk&) = delete;

  /// A file or a directory; they are synced in the order that they come in. Loop thread only.
  void add(Fd written);

 private:
  void next();

  Loop& loop_;
  std::vector<Fd> waiting_;
  bool under_way_ = false;
};

}  // namespace podvisor
