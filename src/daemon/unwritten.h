// What could not be written down is tried again until it could be: a disk that was full for a while
// costs nothing, if podvisor lives on. Loop thread only.
#pragma once

#include <string>

#include "loop/loop.h"
#include "podvisor/object_store.h"
#include "state/state_directory.h"

namespace podvisor {

class Unwritten {
 public:
  /// All of them must outlive it. Events are about the node of this name.
  Unwritten(Loop& loop, ObjectStore& store, StateDirectory& journal, std::string node);
  ~Unwritten() { journal_.on_failure({}); }
  Unwritten(const Unwritten&) = delete;
  Unwritten& operator=(const Unwritten&) = delete;

 private:
  void failed(const Error& error);
  void try_again();
  void say(bool warning, const std::string& reason, const std::string& message);

  Loop& loop_;
  ObjectStore& store_;
  StateDirectory& journal_;
  std::string node_;
  bool failing_ = false;
  Duration pause_;
  Timer timer_;
};

}  // namespace podvisor
