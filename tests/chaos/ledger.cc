#include "chaos/ledger.h"

#include <algorithm>

namespace podvisor {
namespace {

using nlohmann::json;

int last_code(const json& status) {
  return status.value("/lastState/terminated/exitCode"_json_pointer, -1);
}

std::string text_of(const std::set<int>& codes) {
  std::string text;
  for (const int code : codes) text += (text.empty() ? "" : " or ") + std::to_string(code);
  return text;
}

}  // namespace

void ExitLedger::killed(const std::string& uid, const std::string& container, pid_t pid,
                        const std::set<int>& codes) {
  for (auto* deaths : {&deaths_[{uid, container}], &ended_[uid]}) {
    const auto known = std::ranges::find(*deaths, pid, &Death::pid);
    if (known == deaths->end())
      deaths->push_back({pid, codes});
    else
      known->codes.insert(codes.begin(), codes.end());
  }
}

Expected::End ExitLedger::end_of(const std::string& uid, const std::string& policy) const {
  using End = Expected::End;
  const auto found = ended_.find(uid);
  if (policy == "Always" || found == ended_.end()) return End::No;
  const std::set<int>& codes = found->second.back().codes;
  if (codes == std::set{0}) return End::Succeeded;
  if (policy == "OnFailure") return codes.contains(0) ? End::Maybe : End::No;
  return codes.contains(0) ? End::Maybe : End::Failed;
}

void ExitLedger::check_container(const json& pod, const json& status,
                                 std::vector<std::string>& faults) const {
  const std::string uid = pod.at("metadata").at("uid"), container = status.at("name");
  const std::string member = pod.at("metadata").at("labels").at("cast");
  const std::string name = member + " " + uid + " " + container;
  const Key key{uid, container};
  const auto before = counts_.find(key);
  const int from = before == counts_.end() ? 0 : before->second;
  const int count = status.at("restartCount");
  if (count < from)
    faults.push_back(name + " has fewer restarts than before: " + std::to_string(count) +
                     " after " + std::to_string(from));
  if (!status.at("state").contains("running")) return;  // the last exit was not followed by a run
  const auto found = deaths_.find(key);
  const std::size_t died = found == deaths_.end() ? 0 : found->second.size();
  const int least = from + static_cast<int>(died);
  const std::string told = name + " was killed " + std::to_string(died) + " times and has " +
                           std::to_string(count - from) + " restarts more; the last state is " +
                           status.value("lastState", json()).dump();
  if (count < least) faults.push_back(told);
  if (disturbed_.contains(member)) return;
  if (count > least) faults.push_back(told);
  if (died > 0 && !found->second.back().codes.contains(last_code(status)))
    faults.push_back(name + " ended with " + text_of(found->second.back().codes) + " and says " +
                     std::to_string(last_code(status)));
}

std::vector<std::string> ExitLedger::check(const json& pods) const {
  std::vector<std::string> faults;
  for (const json& pod : pods)
    for (const json& status : statuses_of(pod)) check_container(pod, status, faults);
  return faults;
}

void ExitLedger::close(const json& pods) {
  for (const auto& [key, deaths] : deaths_) exits_ += deaths.size();
  deaths_.clear();
  disturbed_.clear();
  counts_.clear();
  std::map<std::string, std::vector<Death>> kept;
  for (const json& pod : pods) {
    const std::string uid = pod.at("metadata").at("uid");
    for (const json& status : statuses_of(pod))
      counts_[{uid, status.at("name")}] = status.at("restartCount");
    if (ended_.contains(uid)) kept[uid] = ended_[uid];
  }
  ended_ = std::move(kept);
}

}  // namespace podvisor
