// The revisions of one pod's name, as far as they are remembered. Pure.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "podvisor/pod.h"
#include "podvisor/ports/journal.h"
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
  const Revision& add(const Pod& pod, WallTime now) {
    return add(pod, now, change_cause(pod.metadata));
  }
  const Revision& add(Pod pod, WallTime now, std::string cause);
  using LoadDocument = std::function<std::shared_ptr<const Pod>(const std::string&)>;
  /// What was written down; nothing of a document that is none any more.
  void restore(const std::vector<RevisionRecord>& records, int last_number,
               const LoadDocument& load);
  [[nodiscard]] std::vector<RevisionRecord> records() const;
  /// Of all that there have been: the next one is one more.
  [[nodiscard]] int last_number() const { return last_; }
  [[nodiscard]] const std::deque<Revision>& all() const { return revisions_; }
  [[nodiscard]] const Revision* latest() const;
  [[nodiscard]] const Revision* before_latest() const;
  [[nodiscard]] const Revision* find(int number) const;

  /// So many are remembered, the latest among them.
  void keep(std::size_t number);

  static constexpr std::size_t kKept = 10;
  /// Annotation kubernetes.io/change-cause.
  [[nodiscard]] static std::string change_cause(const ObjectMeta& meta);

 private:
  std::size_t kept_ = kKept;
  std::deque<Revision> revisions_;  ///< by number
  int last_ = 0;
};

}  // namespace podvisor
