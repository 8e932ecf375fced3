#include "daemon/revisions.h"

#include <algorithm>
#include <utility>

namespace podvisor {
namespace {

std::string change_cause(const Pod& pod) {
  const auto found = pod.metadata.annotations.find("kubernetes.io/change-cause");
  return found == pod.metadata.annotations.end() ? "" : found->second;
}

}  // namespace

const Revision& Revisions::add(Pod pod, WallTime now) {
  if (!revisions_.empty() && revisions_.back().pod.document == pod.document)
    return revisions_.back();
  std::erase_if(revisions_, [&](const auto& old) { return old.pod.document == pod.document; });
  std::string cause = change_cause(pod);
  revisions_.push_back({++last_, std::move(pod), now, std::move(cause)});
  if (revisions_.size() > kKept) revisions_.pop_front();
  return revisions_.back();
}

const Revision* Revisions::latest() const {
  return revisions_.empty() ? nullptr : &revisions_.back();
}

const Revision* Revisions::before_latest() const {
  return revisions_.size() < 2 ? nullptr : &revisions_[revisions_.size() - 2];
}

const Revision* Revisions::find(int number) const {
  const auto found = std::ranges::find(revisions_, number, &Revision::number);
  return found == revisions_.end() ? nullptr : &*found;
}

}  // namespace podvisor
