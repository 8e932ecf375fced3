// HAProxy's agent checks: a line "NAMESPACE/POD" comes (its `agent-send`), a line with the pod's
// state goes, and the connection is closed. Loop thread only.
#pragma once

#include <cstdint>
#include <list>
#include <memory>

#include "loop/loop.h"
#include "podvisor/fd.h"
#include "podvisor/object_store.h"

namespace podvisor {

class AgentCheck {
 public:
  /// `listening` is non-blocking. The store must outlive it.
  AgentCheck(Loop& loop, const ObjectStore& store, Fd listening);
  ~AgentCheck();
  AgentCheck(const AgentCheck&) = delete;
  AgentCheck& operator=(const AgentCheck&) = delete;

 private:
  class Question;

  void accept();
  void end(const Question& question);
  void bury();

  Loop& loop_;
  const ObjectStore& store_;
  Fd listening_;
  Poll poll_;
  std::list<std::unique_ptr<Question>> questions_;
  std::list<std::unique_ptr<Question>> ended_;
  Timer burial_timer_;
};

}  // namespace podvisor
