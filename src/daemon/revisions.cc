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

void Revisions::restore(const std::vector<RevisionRecord>& records, int last_number,
                        const LoadDocument& load) {
  for (const RevisionRecord& record : records) {
    if (record.number <= last_) continue;  // whoever wrote that knew no order
    const auto pod = load(record.document);
    if (!pod) continue;
    const std::string cause = record.cause.empty() ? change_cause(pod->metadata) : record.cause;
    revisions_.push_back({record.number, *pod, record.since, cause});
    last_ = record.number;
  }
  last_ = std::max(last_, last_number);
}

std::vector<RevisionRecord> Revisions::records() const {
  std::vector<RevisionRecord> records;
  for (const Revision& each : revisions_)
    records.push_back({each.number, each.pod.document, each.since, each.cause});
  return records;
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
