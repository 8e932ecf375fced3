#include "api/readiness.h"

#include <algorithm>

namespace podvisor {
namespace {

const PodCondition* ready_condition(const PodObject& pod) {
  return find_condition(pod.status, "Ready");
}

}  // namespace

std::string why_not_ready(const PodObject* pod) {
  if (!pod) return "there is no such pod";
  if (pod->deletion_timestamp) return "it is being deleted";
  if (gets_traffic(*pod)) return {};
  const PodCondition* ready = ready_condition(*pod);
  if (!ready) return std::string("it is ") + to_string(pod->status.phase);
  if (ready->status) return "it is about to be stopped or restarted";
  return ready->reason + (ready->message.empty() ? "" : ": " + ready->message);
}

std::string agent_answer(const PodObject* pod) {
  std::string why = why_not_ready(pod);
  if (why.empty()) return "ready up\n";
  const PodCondition* ready = pod == nullptr ? nullptr : ready_condition(*pod);
  if (ready != nullptr && ready->status) return "drain\n";
  std::ranges::replace_if(
      why, [](char c) { return c < ' ' || c == '#'; }, ' ');
  return "down #" + why + "\n";
}

}  // namespace podvisor
