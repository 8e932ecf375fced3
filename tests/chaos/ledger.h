// Who was killed, and what has to come of it: every exit is counted once, with its code, and no
// count ever goes back.
#pragma once

#include <sys/types.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "chaos/checker.h"

namespace podvisor {

class ExitLedger {
 public:
  /// A process of the container was alive, and got a signal which ends it with one of these codes.
  void killed(const std::string& uid, const std::string& container, pid_t pid,
              const std::set<int>& codes);
  /// This member's containers may be restarted for other reasons, too.
  void disturb(const std::string& member) { disturbed_.insert(member); }
  [[nodiscard]] bool is_disturbed(const std::string& member) const {
    return disturbed_.contains(member);
  }
  /// What its restart policy makes of a pod whose one container was killed.
  [[nodiscard]] Expected::End end_of(const std::string& uid, const std::string& policy) const;

  [[nodiscard]] std::vector<std::string> check(const nlohmann::json& pods) const;
  /// What is now is where the next round begins.
  void close(const nlohmann::json& pods);
  [[nodiscard]] std::uint64_t exits_checked() const { return exits_; }

 private:
  using Key = std::pair<std::string, std::string>;  ///< uid, container
  struct Death {
    pid_t pid = 0;
    std::set<int> codes;
  };
  void check_container(const nlohmann::json& pod, const nlohmann::json& status,
                       std::vector<std::string>& faults) const;

  std::map<Key, std::vector<Death>> deaths_;
  std::map<Key, int> counts_;
  std::map<std::string, std::vector<Death>> ended_;  ///< by uid, ever: of pods that may end
  std::set<std::string> disturbed_;
  std::uint64_t exits_ = 0;
};

}  // namespace podvisor
