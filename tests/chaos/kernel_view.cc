#include "chaos/kernel_view.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <thread>

#include "e2e/host.h"
#include "podvisor/fd.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;

std::string slurp(const std::string& path, std::size_t enough = std::string::npos) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> piece{};
  for (ssize_t got = 0;
       file && text.size() < enough && (got = ::read(file.get(), piece.data(), piece.size())) > 0;)
    text.append(piece.data(), static_cast<std::size_t>(got));
  return text;
}

std::string link_of(const std::string& path) {
  std::array<char, 256> text{};
  const ssize_t size = ::readlink(path.c_str(), text.data(), text.size());
  return {text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

std::set<std::string> names_in(const std::string& path) {
  std::set<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path, error))
    names.insert(entry.path().filename());
  return names;
}

/// pid, state, parent and name; nothing for what has gone meanwhile.
std::optional<SeenProcess> stat_of(pid_t pid) {
  const std::string text = slurp("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t open = text.find('('), close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos) return std::nullopt;
  SeenProcess process;
  process.pid = pid;
  process.name = text.substr(open + 1, close - open - 1);
  std::istringstream(text.substr(close + 1)) >> process.state >> process.parent;
  return process;
}

/// "podUID/CONTAINER" of each line that goes through the parent.
std::set<std::string> cgroups_of(pid_t pid, const std::string& parent) {
  std::set<std::string> found;
  std::istringstream lines(slurp("/proc/" + std::to_string(pid) + "/cgroup"));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find("/" + parent + "/pod");
    if (at != std::string::npos) found.insert(line.substr(at + parent.size() + 2));
  }
  return found;
}

void look_closer(SeenProcess& process, const std::string& pods_dir, const std::string& cgroup) {
  const std::string proc = "/proc/" + std::to_string(process.pid);
  process.cgroups = cgroups_of(process.pid, cgroup);
  std::istringstream words(slurp(proc + "/cmdline"));
  for (std::string word; std::getline(words, word, '\0');) process.command.push_back(word);
  process.net = link_of(proc + "/ns/net");
  process.ipc = link_of(proc + "/ns/ipc");
  process.uts = link_of(proc + "/ns/uts");
  process.pid_ns = link_of(proc + "/ns/pid");
  const std::string environment = slurp(proc + "/environ"), mark = "PODVISOR_SANDBOX=" + pods_dir;
  if (process.name == "podvisor-pause" && environment.starts_with(mark))
    process.pod_uid = environment.c_str() + mark.size();
}

std::map<pid_t, SeenProcess> all_processes_now() {
  std::map<pid_t, SeenProcess> all;
  for (const std::string& name : names_in("/proc")) {
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc{}) continue;
    if (const auto process = stat_of(pid)) all[pid] = *process;
  }
  return all;
}

bool descends(const std::map<pid_t, SeenProcess>& all, pid_t pid, pid_t from) {
  for (auto at = all.find(pid); at != all.end(); at = all.find(at->second.parent))
    if (at->second.parent == from) return true;
  return false;
}

std::set<std::string> cgroups_below(const std::string& name) {
  std::set<std::string> found;
  for (const fs::path parent : cgroups_named(name)) {
    std::error_code error;
    for (fs::recursive_directory_iterator at(parent, error), end; at != end; at.increment(error)) {
      const std::string path = at->path().lexically_relative(parent);
      if (at->is_directory(error) && path.starts_with("pod")) found.insert(path);
    }
  }
  return found;
}

std::set<std::string> links_here() {
  std::set<std::string> names;
  const std::unique_ptr<struct if_nameindex, void (*)(struct if_nameindex*)> all(
      ::if_nameindex(), ::if_freenameindex);
  for (const struct if_nameindex* each = all.get(); each != nullptr && each->if_index != 0; ++each)
    if (std::string(each->if_name) != "lo") names.emplace(each->if_name);
  return names;
}

std::vector<std::string> mounts_below(const std::string& dir) {
  std::vector<std::string> found;
  std::istringstream lines(slurp("/proc/self/mountinfo"));
  for (std::string line, word; std::getline(lines, line);) {
    std::istringstream fields(line);
    for (int i = 0; i < 5; ++i) fields >> word;
    if (word.starts_with(dir + "/")) found.push_back(word);
  }
  return found;
}

/// They come first in the tables, before what may be thousands of connections.
std::vector<SeenListener> listeners_here() {
  constexpr std::size_t kEnough = 32 * 1024;
  std::vector<SeenListener> found;
  for (const char* table : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    std::istringstream lines(slurp(table, kEnough));
    std::string line, skip, local, state;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
      std::uint64_t inode = 0;
      std::istringstream fields(line);
      fields >> skip >> local >> skip >> state >> skip >> skip >> skip >> skip >> skip >> inode;
      if (state != "0A") break;
      const auto port = std::stoul(local.substr(local.rfind(':') + 1), nullptr, 16);
      if (inode != 0) found.push_back({static_cast<std::uint16_t>(port), inode});
    }
  }
  return found;
}

}  // namespace

std::vector<const SeenProcess*> KernelView::children_of(pid_t parent) const {
  std::vector<const SeenProcess*> found;
  for (const auto& [pid, process] : processes)
    if (process.parent == parent) found.push_back(&process);
  return found;
}

KernelView look_at_kernel(const std::string& dir, const std::string& cgroup) {
  KernelView view;
  const pid_t self = ::getpid();
  const auto all = all_processes_now();
  for (const auto& [pid, process] : all)
    if (descends(all, pid, self)) view.processes[pid] = process;
  for (auto& [pid, process] : view.processes) look_closer(process, dir + "/run/pods/", cgroup);
  view.cgroups = cgroups_below(cgroup);
  view.links = links_here();
  view.mounts = mounts_below(dir);
  view.runtime_pods = names_in(dir + "/run/pods");
  view.state_pods = names_in(dir + "/state/pods");
  view.listeners = listeners_here();
  view.net = link_of("/proc/self/ns/net");
  return view;
}

std::vector<SeenProcess> processes_named(const std::string& name, const std::string& dir,
                                         const std::string& cgroup) {
  std::vector<SeenProcess> found;
  const auto all = all_processes_now();
  for (const auto& [pid, process] : all) {
    if (process.name != name || process.state == 'Z' || process.state == 'X') continue;
    if (!descends(all, pid, ::getpid())) continue;
    found.push_back(process);
    look_closer(found.back(), dir + "/run/pods/", cgroup);
  }
  return found;
}

std::set<std::string> addresses_in(pid_t pid) {
  std::set<std::string> found;
  // A thread of its own: its network namespace ends with it.
  std::thread([&found, pid] {
    const Fd space(
        ::open(("/proc/" + std::to_string(pid) + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC));
    ifaddrs* list = nullptr;
    if (!space || ::setns(space.get(), CLONE_NEWNET) != 0 || ::getifaddrs(&list) != 0) return;
    for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
      if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET) continue;
      std::array<char, INET_ADDRSTRLEN> text{};
      const auto* address = reinterpret_cast<const sockaddr_in*>(each->ifa_addr);
      ::inet_ntop(AF_INET, &address->sin_addr, text.data(), text.size());
      if ((each->ifa_flags & IFF_LOOPBACK) == 0) found.emplace(text.data());
    }
    ::freeifaddrs(list);
  }).join();
  return found;
}

std::set<std::uint64_t> sockets_of(pid_t pid) {
  std::set<std::uint64_t> inodes;
  const std::string folder = "/proc/" + std::to_string(pid) + "/fd";
  for (const std::string& name : names_in(folder)) {
    const std::string link = link_of(folder + "/" + name);
    if (link.starts_with("socket:[")) inodes.insert(std::stoull(link.substr(8)));
  }
  return inodes;
}

bool holds_listeners(pid_t pid, const std::set<std::uint16_t>& ports) {
  const std::set<std::uint64_t> held = sockets_of(pid);
  std::set<std::uint16_t> found;
  for (const SeenListener& each : listeners_here())
    if (held.contains(each.inode) && ports.contains(each.port)) found.insert(each.port);
  return found == ports;
}

}  // namespace podvisor
