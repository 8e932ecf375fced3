// The host with the whole cast on it, what is wanted of each member, and what may be done to them.
// Every act is drawn from one generator, in an order that follows from the seed alone.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "chaos/cast.h"
#include "chaos/checker.h"
#include "chaos/ledger.h"
#include "e2e/host.h"
#include "traffic/load.h"

namespace podvisor {

/// As podvisor's log has it: HH:MM:SS.mmm, UTC.
[[nodiscard]] std::string clock_text(std::chrono::system_clock::time_point at);

class ChaosStage : public Host {
 protected:
  void SetUp() override;
  void TearDown() override;

  void raise_curtain();  ///< podvisor and the whole cast
  void begin_load();
  void act();   ///< one random thing
  void mend();  ///< what was broken for a time is whole again
  /// Until nothing is found that is not so; what was found at last, otherwise.
  [[nodiscard]] std::vector<std::string> come_to_rest();
  void close_round();
  LoadResult end_load();
  /// What podvisor says of everything, and which requests have failed.
  [[nodiscard]] std::string picture();

  std::mt19937 random_;
  std::vector<std::string> script_;  ///< what was done, for whoever has to find out why
  std::map<std::string, int> done_;  ///< how often, by kind
  ExitLedger ledger_;
  std::chrono::steady_clock::duration longest_rest_{0};

 private:
  struct Wish {
    int version = 1;
    std::set<int> versions{1};  ///< any of them may be what runs
    bool wanted = true;
    bool broken = false;  ///< the file is
    bool rested = false;  ///< it was there when the last round ended
  };
  struct Target {
    pid_t pid = 0;
    std::string uid;
  };
  using Act = void (ChaosStage::*)();

  // acts.cc
  void kill_container();
  void stop_container();
  void kill_pause();
  void stop_pause();
  void kill_door();
  [[nodiscard]] bool door_could_go_on() const;
  [[nodiscard]] bool podvisor_could_go_on();
  void stop_door();
  void end_podvisor();
  void upgrade_podvisor();
  void stop_podvisor();
  void change_manifest();
  void remove_manifest_of_guest();
  void break_manifest();
  void change_settings();
  void fail_readiness();
  void fail_liveness();
  void eat();
  void heal();

  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  const CastMember& any_member();
  const CastContainer& any_container(const CastMember& member);
  void say(const std::string& kind, const std::string& what);
  /// Live processes of a container, by their command line.
  [[nodiscard]] std::vector<Target> targets(const CastMember& member,
                                            const std::string& container) const;
  [[nodiscard]] std::vector<pid_t> pauses(const CastMember& member) const;
  [[nodiscard]] std::vector<pid_t> named(const std::string& comm) const;
  void stop(pid_t pid);
  void set_flag(const CastMember& member, const std::string& container, const char* flag);
  void write(const CastMember& member);
  void revive();
  void start_again();
  /// The podvisor that was started last serves.
  [[nodiscard]] bool serves();
  void reap() const;
  [[nodiscard]] std::vector<std::string> faults();
  [[nodiscard]] std::vector<std::string> load_faults();
  [[nodiscard]] std::set<std::uint16_t> door_ports() const;
  [[nodiscard]] std::vector<Expected> expected(const nlohmann::json& pods) const;
  [[nodiscard]] std::vector<std::string> check_settings() const;

  std::vector<CastMember> cast_ = whole_cast();
  std::map<std::string, Wish> wishes_;
  int settings_ = 1;
  std::vector<std::string> last_;  ///< what was found before everything was well
  bool up_ = false;                ///< podvisor was started
  std::size_t log_read_ = 0;       ///< of podvisor's log
  int servings_ = 0;               ///< how often it says there that somebody serves
  int serving_ = 1;                ///< … the one that was started last
  std::set<pid_t> stopped_;
  std::set<std::string> over_;  ///< members that have ended
  std::vector<std::unique_ptr<Load>> loads_;
  std::uint64_t doors_killed_ = 0;
  bool nobody_listened_ = false;  ///< door and podvisor were both away: their sockets went
  std::uint64_t forgiven_ = 0;
  std::vector<std::vector<std::uint64_t>> answered_;  ///< each client when the round ended
};

}  // namespace podvisor
