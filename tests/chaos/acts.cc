// What may happen to the cast, to podvisor and to its door.
#include <signal.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <thread>

#include "chaos/stage.h"

namespace podvisor {
namespace {

using namespace std::chrono_literals;

struct Blow {
  int signal;
  std::set<int> codes;
};

/// Who is told before its handlers are there ends by the signal itself.
const std::array<Blow, 4> kBlows = {{{SIGKILL, {128 + SIGKILL}},
                                     {SIGTERM, {0, 128 + SIGTERM}},
                                     {SIGUSR1, {7, 128 + SIGUSR1}},
                                     {SIGUSR2, {41, 128 + SIGUSR2}}}};

}  // namespace

void ChaosStage::act() {
  static const std::array<std::pair<Act, int>, 17> kActs = {{
      {&ChaosStage::kill_container, 30},
      {&ChaosStage::stop_container, 6},
      {&ChaosStage::kill_pause, 4},
      {&ChaosStage::stop_pause, 3},
      {&ChaosStage::kill_door, 2},
      {&ChaosStage::stop_door, 2},
      {&ChaosStage::end_podvisor, 4},
      {&ChaosStage::upgrade_podvisor, 1},
      {&ChaosStage::stop_podvisor, 2},
      {&ChaosStage::change_manifest, 8},
      {&ChaosStage::remove_manifest_of_guest, 3},
      {&ChaosStage::break_manifest, 3},
      {&ChaosStage::change_settings, 2},
      {&ChaosStage::fail_readiness, 4},
      {&ChaosStage::fail_liveness, 1},
      {&ChaosStage::eat, 1},
      {&ChaosStage::heal, 3},
  }};
  // Any moment: that is what is tried.
  std::this_thread::sleep_for(std::chrono::milliseconds(pick(8)));
  if (!up_ && pick(3) == 0) return say("start podvisor", ""), start_again();
  if (!over_.empty()) return revive();
  int drawn = pick(79);
  for (const auto& [act, weight] : kActs) {
    if ((drawn -= weight) >= 0) continue;
    return (this->*act)();
  }
}

void ChaosStage::say(const std::string& kind, const std::string& what) {
  ++done_[kind];
  script_.push_back(clock_text(std::chrono::system_clock::now()) + " " + kind + " " + what);
}

const CastMember& ChaosStage::any_member() {
  return cast_.at(static_cast<std::size_t>(pick(static_cast<int>(cast_.size()))));
}

const CastContainer& ChaosStage::any_container(const CastMember& member) {
  const auto& all = member.containers;
  return all.at(static_cast<std::size_t>(pick(static_cast<int>(all.size()))));
}

std::vector<pid_t> ChaosStage::named(const std::string& comm) const {
  std::vector<pid_t> pids;
  for (const SeenProcess& process : processes_named(comm, dir(), cgroup_parent()))
    pids.push_back(process.pid);
  return pids;
}

std::vector<pid_t> ChaosStage::pauses(const CastMember& member) const {
  std::set<std::string> uids;
  for (const CastContainer& container : member.containers)
    for (const Target& target : targets(member, container.name)) uids.insert(target.uid);
  std::vector<pid_t> pids;
  for (const SeenProcess& each : processes_named("podvisor-pause", dir(), cgroup_parent()))
    if (uids.contains(each.pod_uid)) pids.push_back(each.pid);
  return pids;
}

void ChaosStage::stop(pid_t pid) {
  ::kill(pid, SIGSTOP);
  stopped_.insert(pid);
}

void ChaosStage::kill_container() {
  const CastMember& member = any_member();
  const CastContainer& container = any_container(member);
  const Blow& blow = kBlows.at(static_cast<std::size_t>(pick(kBlows.size())));
  const auto found = targets(member, container.name);
  say("kill container", member.name + "." + container.name + " " + std::to_string(blow.signal));
  if (found.empty()) return;
  const Target& target = found.front();
  // A stopped process takes a signal when it goes on.
  if (::kill(target.pid, blow.signal) != 0) return;
  // Its probe may fail before anybody knows why.
  if (container.live) ledger_.disturb(member.name);
  ledger_.killed(target.uid, container.name, target.pid, blow.codes);
  script_.back() += " pid " + std::to_string(target.pid) + " of " + target.uid;
}

void ChaosStage::stop_container() {
  const CastMember& member = any_member();
  const CastContainer& container = any_container(member);
  say("stop container", member.name + "." + container.name);
  for (const Target& target : targets(member, container.name)) stop(target.pid);
  if (container.live) ledger_.disturb(member.name);
}

void ChaosStage::kill_pause() {
  const CastMember& member = any_member();
  say("kill pause", member.name);
  ledger_.disturb(member.name);
  for (const pid_t pid : pauses(member)) ::kill(pid, SIGKILL);
}

void ChaosStage::stop_pause() {
  const CastMember& member = any_member();
  say("stop pause", member.name);
  for (const pid_t pid : pauses(member)) stop(pid);
}

/// Whoever of the two is left has to have the sockets, or nobody listens for a moment; that is
/// tried, too, now and then.
void ChaosStage::kill_door() {
  const bool alone = !podvisor_could_go_on(), careless = pick(8) == 0;
  if (alone && !careless) return say("nothing", "");
  say("kill door", "");
  const std::vector<pid_t> doors = named("podvisor-door");
  for (const pid_t pid : doors) ::kill(pid, SIGKILL);
  // One that is dying has its descriptors still, and could go on with nothing.
  const std::set<std::uint16_t> ports = door_ports();
  EXPECT_TRUE(eventually([&] {
    return std::ranges::none_of(doors, [&](pid_t pid) { return holds_listeners(pid, ports); });
  }));
  ++doors_killed_;
  if (alone) nobody_listened_ = true;
}

/// The door has all of its sockets: it was told of them.
bool ChaosStage::door_could_go_on() const {
  return std::ranges::any_of(named("podvisor-door"),
                             [&](pid_t pid) { return holds_listeners(pid, door_ports()); });
}

/// It is not about to be another program, which gets them from the door.
bool ChaosStage::podvisor_could_go_on() {
  return serves() && holds_listeners(podvisor().pid(), door_ports());
}

void ChaosStage::stop_door() {
  say("stop door", "");
  for (const pid_t pid : named("podvisor-door")) stop(pid);
}

/// It is gone, and with it its copies of the door's sockets.
void ChaosStage::end_podvisor() {
  const int signal = pick(4) == 0 ? SIGTERM : SIGKILL;
  const bool careless = pick(8) == 0;
  if (!up_) return say("nothing", "");
  const bool alone = !door_could_go_on();
  if (alone && !careless) return say("nothing", "");
  say("end podvisor", std::to_string(signal));
  const pid_t pid = podvisor().pid();
  ::kill(pid, signal);
  ::kill(pid, SIGCONT);
  stopped_.erase(pid);
  if (podvisor().wait(20s) < 0) ADD_FAILURE() << "podvisor does not end by " << signal;
  if (alone) nobody_listened_ = true;
  up_ = false;
}

void ChaosStage::upgrade_podvisor() {
  if (!serves() || !door_could_go_on()) return say("nothing", "");
  say("upgrade podvisor", "");
  serving_ = servings_ + 1;
  podvisor().signal(SIGUSR2);
}

void ChaosStage::stop_podvisor() {
  if (!up_) return say("nothing", "");
  say("stop podvisor", "");
  stop(podvisor().pid());
}

void ChaosStage::change_manifest() {
  const CastMember& member = any_member();
  Wish& wish = wishes_.at(member.name);
  ++wish.version;
  say(wish.wanted ? "change manifest" : "add manifest",
      member.name + " " + std::to_string(wish.version));
  write(member);
}

void ChaosStage::revive() {
  const std::string name = *over_.begin();
  over_.erase(over_.begin());
  const auto member = std::ranges::find(cast_, name, &CastMember::name);
  if (!wishes_.at(name).wanted) return;
  ++wishes_.at(name).version;
  say("revive", name + " " + std::to_string(wishes_.at(name).version));
  write(*member);
}

void ChaosStage::remove_manifest_of_guest() {
  const CastMember& member = any_member();
  Wish& wish = wishes_.at(member.name);
  if (!member.comes_and_goes || !wish.wanted) return say("nothing", "");
  say("remove manifest", member.name);
  remove_manifest(member.name + ".yaml");
  wish = {.version = wish.version, .versions = {}, .wanted = false};
}

void ChaosStage::break_manifest() {
  const CastMember& member = any_member();
  Wish& wish = wishes_.at(member.name);
  if (!wish.rested || !wish.wanted) return say("nothing", "");
  say("break manifest", member.name);
  write_manifest(member.name + ".yaml", "kind: [");
  wish.broken = true;
}

void ChaosStage::change_settings() {
  say("change ConfigMap", std::to_string(++settings_));
  write_manifest("settings.yaml", settings_map(settings_).dump());
}

void ChaosStage::set_flag(const CastMember& member, const std::string& container,
                          const char* flag) {
  std::ofstream(dir() + "/flags/" + member.name + "." + container + flag) << "1";
}

void ChaosStage::fail_readiness() {
  const CastMember& member = any_member();
  const CastContainer& container = member.containers.front();
  if (container.port == 0) return say("nothing", "");
  say("fail readiness", member.name);
  set_flag(member, container.name, ".unready");
}

void ChaosStage::fail_liveness() {
  const CastMember& member = any_member();
  const CastContainer& container = member.containers.back();
  if (!container.live) return say("nothing", "");
  say("fail liveness", member.name);
  ledger_.disturb(member.name);
  set_flag(member, container.name, ".dead");
}

void ChaosStage::eat() {
  say("eat memory", "greedy");
  const auto member = std::ranges::find(cast_, std::string("greedy"), &CastMember::name);
  ledger_.disturb(member->name);
  set_flag(*member, "eater", ".greedy");
}

void ChaosStage::heal() {
  say("heal", "");
  for (const auto& flag : std::filesystem::directory_iterator(dir() + "/flags"))
    if (flag.path().extension() != ".dead") std::filesystem::remove(flag.path());
}

}  // namespace podvisor
