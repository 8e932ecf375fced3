#include "chaos/checker.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>

#include "podvisor/fd.h"

namespace podvisor {
namespace {

using nlohmann::json;
using Faults = std::vector<std::string>;

std::string uid_of(const json& pod) { return pod.at("metadata").at("uid"); }
std::string phase_of(const json& pod) { return pod.at("status").value("phase", ""); }
bool is_over(const json& pod) { return phase_of(pod) == "Succeeded" || phase_of(pod) == "Failed"; }
bool on_the_hosts_network(const json& pod) { return pod.at("spec").value("hostNetwork", false); }

bool condition(const json& pod, const std::string& type) {
  for (const json& each : pod.at("status").value("conditions", json::array()))
    if (each.value("type", "") == type) return each.value("status", "") == "True";
  return false;
}

int version_of(const json& pod) {
  return std::stoi(pod.at("/spec/containers/0/env/0/value"_json_pointer).get<std::string>());
}

std::string cast_of(const json& pod) {
  return pod.value("/metadata/labels/cast"_json_pointer, pod.at("metadata").value("name", "?"));
}

void check_one_wanted(const json& pod, const Expected& wanted, Faults& faults) {
  const std::string name = pod.at("metadata").at("name");
  if (!wanted.versions.contains(version_of(pod)))
    faults.push_back(name + " is of version " + std::to_string(version_of(pod)));
  if (pod.at("metadata").contains("deletionTimestamp")) faults.push_back(name + " is terminating");
  using End = Expected::End;
  const bool may_end = wanted.end != End::No, must_end = may_end && wanted.end != End::Maybe;
  if (is_over(pod) ? !may_end : must_end) faults.push_back(name + " is " + phase_of(pod));
  if (is_over(pod) && must_end && (phase_of(pod) == "Failed") != (wanted.end == End::Failed))
    faults.push_back(name + " has " + phase_of(pod));
  if (!is_over(pod) && !condition(pod, "Ready")) faults.push_back(name + " is not Ready");
}

/// The pause of each pod; more than one is a fault.
std::map<std::string, const SeenProcess*> pauses_in(const KernelView& kernel, Faults& faults) {
  std::map<std::string, const SeenProcess*> pauses;
  for (const auto& [pid, process] : kernel.processes) {
    if (process.pod_uid.empty()) continue;
    const auto parent = kernel.processes.find(process.parent);
    // The init of a pod's pid namespace, and what a container is before its exec.
    if (parent != kernel.processes.end() && parent->second.pod_uid == process.pod_uid) continue;
    if (!pauses.emplace(process.pod_uid, &process).second)
      faults.push_back("two pauses of " + process.pod_uid);
  }
  return pauses;
}

void check_container(const json& pod, const json& status, const SeenProcess& pause,
                     const KernelView& kernel, Faults& faults) {
  const std::string path = "pod" + uid_of(pod) + "/" + status.at("name").get<std::string>();
  const std::string name = cast_of(pod) + " " + path;
  std::vector<const SeenProcess*> inside;
  for (const SeenProcess* process : kernel.children_of(pause.pid))
    if (process->cgroups.contains(path)) inside.push_back(process);
  const bool runs = status.at("state").contains("running");
  if (inside.size() != (runs ? 1U : 0U))
    faults.push_back(name + (runs ? " runs, with " : " does not run, with ") +
                     std::to_string(inside.size()) + " processes");
  if (!runs && kernel.cgroups.contains(path)) faults.push_back(name + " has a cgroup left");
  for (const SeenProcess* process : inside) {
    if (process->cgroups.size() != 1) faults.push_back(name + " is in several cgroups");
    if (process->state == 'Z') faults.push_back(name + " is a zombie");
    if (process->state == 'T') faults.push_back(name + " is stopped");
    if (process->net != pause.net || process->ipc != pause.ipc || process->uts != pause.uts)
      faults.push_back(name + " is not in its pod's namespaces");
  }
}

void check_address(const json& pod, const SeenProcess& pause, const KernelView& kernel,
                   Faults& faults) {
  const std::string address = pod.at("status").value("podIP", ""), name = cast_of(pod);
  if (on_the_hosts_network(pod)) {
    if (pause.net != kernel.net) faults.push_back(name + " is not on the host's network");
    return;
  }
  if (pause.net == kernel.net) faults.push_back(name + " is on the host's network");
  const std::set<std::string> there = addresses_in(pause.pid);
  if (there != (address.empty() ? std::set<std::string>{} : std::set{address}))
    faults.push_back(name + " says that its address is \"" + address + "\"");
}

/// Children of pause are containers, an exec of a moment, and init.
void check_children(const json& pod, const SeenProcess& pause, const KernelView& kernel,
                    Faults& faults) {
  std::set<std::string> known;
  for (const json& status : statuses_of(pod))
    known.insert("pod" + uid_of(pod) + "/" + status.at("name").get<std::string>());
  for (const SeenProcess* child : kernel.children_of(pause.pid)) {
    const bool init = child->name == "podvisor-pause" && child->cgroups.empty();
    const bool ours = std::ranges::any_of(
        child->cgroups, [&](const std::string& path) { return known.contains(path); });
    if (!init && !ours)
      faults.push_back(cast_of(pod) + " has a process of no container: " + child->name + " " +
                       std::to_string(child->pid));
  }
}

void check_pod(const json& pod, const std::map<std::string, const SeenProcess*>& pauses,
               const KernelView& kernel, Faults& faults) {
  const std::string uid = uid_of(pod), name = cast_of(pod) + " " + uid;
  const auto found = pauses.find(uid);
  const auto in_cgroup = [&](const std::string& path) { return path.starts_with("pod" + uid); };
  if (is_over(pod)) {
    if (found != pauses.end()) faults.push_back(name + " is over, with a pause");
    if (std::ranges::any_of(kernel.cgroups, in_cgroup))
      faults.push_back(name + " is over, with a cgroup");
    return;
  }
  if (found == pauses.end()) return faults.push_back(name + " has no pause");
  if (found->second->state == 'T') faults.push_back(name + " has a pause that is stopped");
  for (const json& status : statuses_of(pod))
    check_container(pod, status, *found->second, kernel, faults);
  check_address(pod, *found->second, kernel, faults);
  check_children(pod, *found->second, kernel, faults);
}

/// Whatever is named after a pod is named after one that is there.
void check_names(const std::set<std::string>& uids, const KernelView& kernel, Faults& faults) {
  for (const std::string& path : kernel.cgroups)
    if (!uids.contains(path.substr(3, path.find('/') - 3))) faults.push_back("cgroup " + path);
  for (const auto* names : {&kernel.runtime_pods, &kernel.state_pods})
    for (const std::string& uid : *names)
      if (!uids.contains(uid)) faults.push_back("directory of pod " + uid);
  for (const std::string& mount : kernel.mounts)
    if (std::ranges::none_of(
            uids, [&](const std::string& uid) { return mount.find(uid) != std::string::npos; }))
      faults.push_back("mount " + mount);
  for (const auto& [pid, process] : kernel.processes)
    for (const std::string& path : process.cgroups)
      if (!uids.contains(path.substr(3, path.find('/') - 3)))
        faults.push_back("process " + process.name + " in " + path);
}

/// Whose parent nobody is any more, they have become ours. podvisor has children of its own, and
/// after an upgrade those of the one before.
void check_our_children(const KernelView& kernel, pid_t podvisor, Faults& faults) {
  for (const SeenProcess* child : kernel.children_of(::getpid())) {
    const bool known =
        child->pid == podvisor || child->name == "podvisor-door" || !child->pod_uid.empty();
    if (!known || child->state == 'Z')
      faults.push_back("an orphan: " + child->name + " " + std::to_string(child->pid) + " " +
                       child->state);
  }
  for (const SeenProcess* child : kernel.children_of(podvisor))
    if (child->state == 'Z') faults.push_back("podvisor does not reap " + child->name);
}

}  // namespace

std::vector<json> statuses_of(const json& pod) {
  std::vector<json> all;
  for (const char* list : {"initContainerStatuses", "containerStatuses"})
    for (const json& status : pod.at("status").value(list, json::array())) all.push_back(status);
  return all;
}

json ask_api(const std::string& socket_path, const std::string& path) {
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_path.copy(address.sun_path, sizeof address.sun_path - 1);
  const timeval patience{1, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return {};
  const std::string request = "GET " + path + " HTTP/1.0\r\nHost: podvisor\r\n\r\n";
  static_cast<void>(::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL));
  std::string answer;
  std::array<char, 65536> piece{};
  for (ssize_t got = 0; (got = ::recv(socket.get(), piece.data(), piece.size(), 0)) > 0;)
    answer.append(piece.data(), static_cast<std::size_t>(got));
  const std::size_t head = answer.find("\r\n\r\n");
  if (head == std::string::npos || answer.find(" 200 ") > 9) return {};
  json body = json::parse(answer.substr(head + 4), nullptr, false);
  return body.is_discarded() ? json() : body;
}

Faults check_wanted(const json& pods, const std::vector<Expected>& expected) {
  Faults faults;
  std::map<std::string, int> count;
  for (const json& pod : pods) ++count[cast_of(pod)];
  for (const Expected& wanted : expected) {
    if (count[wanted.name] != wanted.pods)
      faults.push_back(std::to_string(count[wanted.name]) + " pods of " + wanted.name);
    for (const json& pod : pods)
      if (cast_of(pod) == wanted.name) check_one_wanted(pod, wanted, faults);
    count.erase(wanted.name);
  }
  for (const auto& [name, pods_of_it] : count) faults.push_back("nobody wants " + name);
  return faults;
}

Faults check_kernel(const json& pods, const KernelView& kernel, pid_t podvisor) {
  Faults faults;
  const auto pauses = pauses_in(kernel, faults);
  std::set<std::string> uids;
  std::set<std::string> spaces;
  std::size_t veths = 0;
  for (const json& pod : pods) {
    uids.insert(uid_of(pod));
    check_pod(pod, pauses, kernel, faults);
    if (is_over(pod)) continue;
    if (!on_the_hosts_network(pod) && pod.at("status").contains("podIP")) ++veths;
    const auto pause = pauses.find(uid_of(pod));
    if (pause != pauses.end() && !on_the_hosts_network(pod) &&
        !spaces.insert(pause->second->net).second)
      faults.push_back(cast_of(pod) + " shares its network namespace");
  }
  for (const auto& [uid, pause] : pauses)
    if (!uids.contains(uid)) faults.push_back("pause of " + uid);
  if (kernel.links.size() != veths + (kernel.links.contains("podvisor0") ? 1 : 0))
    faults.push_back(std::to_string(kernel.links.size()) + " links for " + std::to_string(veths) +
                     " pods with an address");
  check_names(uids, kernel, faults);
  check_our_children(kernel, podvisor, faults);
  return faults;
}

Faults check_ports(const std::set<std::uint16_t>& ports, const KernelView& kernel) {
  Faults faults;
  std::vector<const SeenProcess*> doors;
  for (const auto& [pid, process] : kernel.processes)
    if (process.name == "podvisor-door") doors.push_back(&process);
  if (doors.size() != 1) return {std::to_string(doors.size()) + " doors"};
  if (doors[0]->state == 'T') faults.emplace_back("the door is stopped");
  const std::set<std::uint64_t> held = sockets_of(doors[0]->pid);
  for (const std::uint16_t port : ports)
    if (std::ranges::none_of(kernel.listeners, [&](const SeenListener& each) {
          return each.port == port && held.contains(each.inode);
        }))
      faults.push_back("the door does not listen on " + std::to_string(port));
  for (const SeenListener& each : kernel.listeners)
    if (held.contains(each.inode) && !ports.contains(each.port))
      faults.push_back("the door listens on " + std::to_string(each.port));
  return faults;
}

}  // namespace podvisor
