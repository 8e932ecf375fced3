// The revisions of one pod's name, as far as they are remembered. Pure.
#pragma once

#include <deque>
#include <string>

#include "podvisor/pod.h"
#include "podvisor/time.h"

namespace podvisor {

struct Revision {
  int number = 0;
  Pod pod;  ///< without uid
  WallTime since;
  std::string cause;
};

class Revisions {
 public:
  /// One that has been there before (the same document) comes back under the next number, as it
  /// does in Kubernetes. The latest itself stays what it is.
  const Revision& add(Pod pod, WallTime now);
  [[nodiscard]] const std::deque<Revision>& all() const { return revisions_; }
  [[nodiscard]] const Revision* latest() const;
  [[nodiscard]] const Revision* before_latest() const;
  [[nodiscard]] const Revision* find(int number) const;

  static constexpr std::size_t kKept = 10;

 private:
  std::deque<Revision> revisions_;  ///< by number
  int last_ = 0;
};

}  // namespace podvisor
