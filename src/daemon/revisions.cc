#include "daemon/revisions.h"

#include <algorithm>
#include <utility>

namespace podvisor {

std::string Revisions::change_cause(const ObjectMeta& meta) {
  const auto found = meta.annotations.find("kubernetes.io/change-cause");
  return found == meta.annotations.end() ? "" : found->second;
}

const Revision& Revisions::add(Pod pod, WallTime now, std::string cause) {
  if (!revisions_.empty() && revisions_.back().pod.document == pod.document)
    return revisions_.back();
  std::erase_if(revisions_, [&](const auto& old) { return old.pod.document == pod.document; });
  revisions_.push_back({++last_, std::move(pod), now, std::move(cause)});
  keep(kept_);
  return revisions_.back();
}

void Revisions::keep(std::size_t number) {
  kept_ = number;
  while (revisions_.size() > kept_) revisions_.pop_front();
}

void Revisions::restore(int number, Pod pod, WallTime since) {
  if (number <= last_) return;  // whoever wrote that knew no order
  std::string cause = change_cause(pod.metadata);
  revisions_.push_back({number, std::move(pod), since, std::move(cause)});
  last_ = number;
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
