#include "chaos/stage.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using namespace std::chrono_literals;

constexpr auto kSlow = 10s;  // to come to rest; it is told
constexpr int kClients = 2;  // of each kind, on each port
constexpr const char* kProgram = "chaos_target";

json items_of(const json& list) { return list.is_object() ? list.value("items", json()) : json(); }

std::string variable(pid_t pid, const std::string& name) {
  const std::string all = '\0' + read_file("/proc/" + std::to_string(pid) + "/environ");
  const std::string before = '\0' + name + '=';
  const std::size_t at = all.find(before);
  return at == std::string::npos ? "" : all.c_str() + at + before.size();
}

}  // namespace

std::string clock_text(std::chrono::system_clock::time_point at) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 16> text{};
  std::strftime(text.data(), text.size(), "%H:%M:%S", &parts);
  const auto fraction = at.time_since_epoch() / 1ms % 1000;
  return std::string(text.data()) + "." + std::to_string(1000 + fraction).substr(1);
}

void ChaosStage::SetUp() {
  Host::SetUp();
  if (IsSkipped()) return;
  for (const char* each : {"/flags", "/in"}) fs::create_directory(dir() + each);
}

void ChaosStage::TearDown() {
  loads_.clear();
  for (const pid_t pid : stopped_) ::kill(pid, SIGCONT);
  Host::TearDown();
}

void ChaosStage::raise_curtain() {
  write_manifest("settings.yaml", settings_map(settings_).dump());
  for (const CastMember& member : cast_) {
    wishes_[member.name];
    write(member);
  }
  start_again();
}

void ChaosStage::begin_load() {
  for (const CastMember& member : cast_)
    if (member.host_port != 0)
      for (const bool keep_alive : {true, false})
        loads_.push_back(
            std::make_unique<Load>(LoadPlan{.port = static_cast<std::uint16_t>(member.host_port),
                                            .clients = kClients,
                                            .keep_alive = keep_alive,
                                            .path = "/",
                                            .pause = 10ms}));
}

void ChaosStage::write(const CastMember& member) {
  Wish& wish = wishes_.at(member.name);
  wish.broken = false;
  wish.wanted = true;
  wish.versions.insert(wish.version);
  write_manifest(member.name + ".yaml", manifest_of(member, wish.version, dir()).dump());
}

void ChaosStage::start_again() {
  static_cast<void>(serves());  // all that earlier ones have said
  start_serving({"--max-container-restart-period", "1s"});
  serving_ = servings_ + 1;
  up_ = true;
}

bool ChaosStage::serves() {
  const std::string log = podvisor_log(), said = "msg=\"serving\"";
  for (std::size_t at = log_read_; (at = log.find(said, at)) != std::string::npos;) {
    ++servings_;
    log_read_ = at += said.size();
  }
  return up_ && servings_ >= serving_;
}

/// What has become our child and has ended; podvisor itself is waited for elsewhere.
void ChaosStage::reap() const {
  const KernelView kernel = look_at_kernel(dir(), cgroup_parent());
  for (const SeenProcess* child : kernel.children_of(::getpid()))
    if (child->state == 'Z' && child->name != "podvisor") ::waitpid(child->pid, nullptr, WNOHANG);
}

void ChaosStage::mend() {
  for (const pid_t pid : stopped_) ::kill(pid, SIGCONT);
  stopped_.clear();
  if (!up_) start_again();
  heal();
  for (const CastMember& member : cast_)
    if (wishes_.at(member.name).broken && pick(2) == 0) write(member);
  answered_.clear();
  for (const auto& load : loads_) answered_.push_back(load->done_by_each());
}

std::vector<std::string> ChaosStage::come_to_rest() {
  std::vector<std::string> found;
  const auto begin = std::chrono::steady_clock::now();
  static_cast<void>(eventually(
      [&] {
        if ((found = faults()).empty()) return true;
        last_ = found;
        return false;
      },
      90s));
  const auto took = std::chrono::steady_clock::now() - begin;
  longest_rest_ = std::max(longest_rest_, took);
  if (took > kSlow && !last_.empty())
    std::cout << "slow: " << took / 1s << " s, at last because of: " << last_.front() << std::endl;
  return found;
}

std::vector<std::string> ChaosStage::faults() {
  reap();
  if (!podvisor().running()) return {"podvisor has ended by itself"};
  if (!serves()) return {"podvisor does not serve"};
  const json pods = items_of(ask_api(socket(), "/api/v1/pods"));
  if (!pods.is_array()) return {"podvisor does not answer"};
  std::vector<std::string> found = check_wanted(pods, expected(pods));
  if (!found.empty()) return found;
  const KernelView kernel = look_at_kernel(dir(), cgroup_parent());
  for (const auto& more :
       {check_kernel(pods, kernel, podvisor().pid()), check_ports(door_ports(), kernel),
        ledger_.check(pods), check_settings(), load_faults()})
    found.insert(found.end(), more.begin(), more.end());
  return found;
}

std::set<std::uint16_t> ChaosStage::door_ports() const {
  std::set<std::uint16_t> ports;
  for (const CastMember& member : cast_)
    if (member.host_port != 0) ports.insert(static_cast<std::uint16_t>(member.host_port));
  return ports;
}

std::vector<Expected> ChaosStage::expected(const json& pods) const {
  std::vector<Expected> all;
  for (const CastMember& member : cast_) {
    const Wish& wish = wishes_.at(member.name);
    Expected one{.name = member.name, .pods = std::max(1, member.replicas)};
    if (!wish.wanted) one.pods = 0;
    one.versions = wish.broken ? wish.versions : std::set{wish.version};
    for (const json& pod : pods)
      if (pod.at("metadata").at("labels").at("cast") == member.name)
        one.end = ledger_.end_of(pod.at("metadata").at("uid"), member.restart_policy());
    const bool may_end = member.restart_policy() != "Always";
    if (may_end && (over_.contains(member.name) || ledger_.is_disturbed(member.name)))
      one.end = Expected::End::Maybe;
    all.push_back(one);
  }
  return all;
}

/// A ConfigMap is in its pods' files (VOL-8) and, by a rollout, in their variables.
std::vector<std::string> ChaosStage::check_settings() const {
  std::vector<std::string> found;
  const std::string now = std::to_string(settings_);
  for (const CastMember& member : cast_) {
    if (!member.config) continue;
    for (const Target& target : targets(member, member.containers.front().name)) {
      const std::string root = "/proc/" + std::to_string(target.pid) + "/root";
      const std::string file = read_file(root + dir() + "/in/version");
      if (file != now) found.push_back(member.name + " reads \"" + file + "\" for " + now);
      if (variable(target.pid, "SETTING") != now)
        found.push_back(member.name + " has not got the variable of " + now);
    }
  }
  return found;
}

/// A door that is killed takes along what each client had under way with it, and no more. A client
/// that kept its connection meanwhile hears of it with its next request: so each has to have had
/// two answers since, or its failure would be counted to the next round.
std::vector<std::string> ChaosStage::load_faults() {
  std::vector<std::string> found;
  LoadResult sum;
  for (std::size_t i = 0; i < loads_.size(); ++i) {
    sum.add(loads_[i]->so_far());
    const std::vector<std::uint64_t> now = loads_[i]->done_by_each();
    for (std::size_t client = 0; client < now.size(); ++client)
      if (now[client] < answered_.at(i).at(client) + 2)
        found.emplace_back("a client is still waiting");
  }
  std::uint64_t failed = 0;
  for (const auto& [cause, count] : sum.failed) failed += count;
  const std::uint64_t held = doors_killed_ * loads_.size() * kClients;
  if (!nobody_listened_ && failed > forgiven_ + held) found.push_back(sum.text());
  return found;
}

void ChaosStage::close_round() {
  const json pods = items_of(ask_api(socket(), "/api/v1/pods"));
  ledger_.close(pods);
  over_.clear();
  for (auto& [name, wish] : wishes_) {
    wish.rested = wish.wanted;
    if (!wish.broken) wish.versions = {wish.version};
  }
  for (const json& pod : pods) {
    const std::string name = pod.at("metadata").at("labels").at("cast");
    const std::string phase = pod.at("status").at("phase");
    if (phase == "Succeeded" || phase == "Failed") over_.insert(name);
    if (wishes_.at(name).broken) wishes_.at(name).versions = {version_in(pod)};
  }
  forgiven_ = 0;
  for (const auto& load : loads_)
    for (const auto& [cause, count] : load->so_far().failed) forgiven_ += count;
  doors_killed_ = 0;
  nobody_listened_ = false;
  script_.clear();
}

std::string ChaosStage::picture() {
  std::ostringstream text;
  for (const char* path : {"pods", "events"})
    for (const json& item : items_of(ask_api(socket(), std::string("/api/v1/") + path)))
      text << "  " << item.dump() << '\n';
  for (const auto& load : loads_)
    for (const LoadFailure& failure : load->so_far().last)
      text << "  " << clock_text(failure.at) << " port " << load->port() << ": " << failure.what
           << " after " << failure.took.count() << " ms\n";
  return text.str();
}

LoadResult ChaosStage::end_load() {
  LoadResult sum;
  for (const auto& load : loads_) sum.add(load->stop());
  loads_.clear();
  return sum;
}

std::vector<ChaosStage::Target> ChaosStage::targets(const CastMember& member,
                                                    const std::string& container) const {
  std::vector<Target> found;
  const std::string flags = dir() + "/flags/" + member.name + "." + container;
  for (const SeenProcess& process : processes_named(kProgram, dir(), cgroup_parent())) {
    if (process.command.size() < 2 || process.command[1] != flags || process.cgroups.empty())
      continue;
    const std::string& path = *process.cgroups.begin();  // "podUID/CONTAINER"
    found.push_back({process.pid, path.substr(3, path.find('/') - 3)});
  }
  return found;
}

}  // namespace podvisor
