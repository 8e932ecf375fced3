#include "runtime/process_tree.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "podvisor/fd.h"
#include "runtime/pidfd.h"

namespace podvisor {
namespace {

constexpr unsigned kExiting = 0x4;     // PF_EXITING
constexpr unsigned kSignaled = 0x400;  // PF_SIGNALED

struct Stat {
  ProcessEntry entry;
  char state = 'X';
  unsigned flags = 0;
};

std::string read_file(const std::string& path) {
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> block;
  for (ssize_t size = 1; file && size > 0 && text.size() < (1U << 20U);) {
    size = read(file.get(), block.data(), block.size());
    if (size > 0) text.append(block.data(), static_cast<std::size_t>(size));
  }
  return text;
}

/// The name in parentheses is whatever the process likes, so everything is counted from its end.
std::optional<Stat> read_stat(pid_t pid) {
  const std::string text = read_file("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t name_end = text.rfind(')');
  Stat stat;
  stat.entry.pid = pid;
  if (name_end == std::string::npos ||
      std::sscanf(text.c_str() + name_end + 1, " %c %d %*d %d %*d %*d %u", &stat.state,
                  &stat.entry.parent, &stat.entry.session, &stat.flags) != 4)
    return std::nullopt;
  return stat;
}

std::optional<ProcessEntry> read_live(pid_t pid) {
  const auto stat = read_stat(pid);
  if (!stat || stat->state == 'Z' || stat->state == 'X') return std::nullopt;
  return stat->entry;
}

std::vector<pid_t> parse_pids(const std::string& text) {
  std::vector<pid_t> pids;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at < end) {
    pid_t pid = 0;
    const auto [next, error] = std::from_chars(at, end, pid);
    if (error == std::errc()) pids.push_back(pid);
    at = std::max(next, at + 1);
  }
  return pids;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

/// The numeric names in a directory of /proc.
std::vector<pid_t> numbers_in(const std::string& path) {
  std::vector<pid_t> numbers;
  const std::unique_ptr<DIR, CloseDirectory> directory(opendir(path.c_str()));
  while (const dirent* entry = directory ? readdir(directory.get()) : nullptr) {
    pid_t number = 0;
    const char* end = entry->d_name + std::strlen(entry->d_name);
    const auto [stop, error] = std::from_chars(entry->d_name, end, number);
    if (error == std::errc() && stop == end) numbers.push_back(number);
  }
  return numbers;
}

/// Of the whole process: each thread has its own list.
std::vector<pid_t> children_of(pid_t pid) {
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  std::vector<pid_t> children;
  for (const pid_t thread : numbers_in(tasks)) {
    const auto some = parse_pids(read_file(tasks + "/" + std::to_string(thread) + "/children"));
    children.insert(children.end(), some.begin(), some.end());
  }
  return children;
}

template <typename Processes>
bool kill_tree_among(const Processes& processes, pid_t leader) {
  constexpr int kRounds = 16;  // a fork bomb must not hold the loop
  std::set<pid_t> killed;
  bool found_new = true;
  for (int round = 0; found_new && round < kRounds; ++round) {
    found_new = false;
    const std::vector<ProcessEntry> tree = tree_of(leader, processes());
    for (const ProcessEntry& process : tree)
      found_new = killed.insert(process.pid).second || found_new;
    kill_processes(tree);
  }
  return !killed.empty();
}

}  // namespace

std::vector<ProcessEntry> descendants(pid_t ancestor) {
  std::vector<ProcessEntry> found;
  std::vector<pid_t> next = children_of(ancestor);
  while (!next.empty()) {
    const pid_t pid = next.back();
    next.pop_back();
    const std::vector<pid_t> children = children_of(pid);
    next.insert(next.end(), children.begin(), children.end());
    if (const auto entry = read_live(pid)) found.push_back(*entry);
  }
  return found;
}

std::vector<ProcessEntry> all_processes() {
  std::vector<ProcessEntry> found;
  for (const pid_t pid : numbers_in("/proc"))
    if (const auto entry = read_live(pid)) found.push_back(*entry);
  return found;
}

std::vector<ProcessEntry> tree_of(pid_t leader, const std::vector<ProcessEntry>& processes) {
  std::set<pid_t> members{leader};
  for (const ProcessEntry& process : processes)
    if (process.session == leader) members.insert(process.pid);
  for (std::size_t before = 0; before != members.size();) {
    before = members.size();
    for (const ProcessEntry& process : processes)
      if (members.contains(process.parent)) members.insert(process.pid);
  }
  std::vector<ProcessEntry> tree;
  for (const ProcessEntry& process : processes)
    if (members.contains(process.pid)) tree.push_back(process);
  return tree;
}

void kill_processes(const std::vector<ProcessEntry>& processes) {
  for (const ProcessEntry& process : processes) {
    const Fd pidfd = open_pidfd(process.pid);
    if (!pidfd) continue;
    const auto now = read_live(process.pid);
    if (now && now->session == process.session) signal_pidfd(pidfd, SIGKILL);
  }
}

bool kill_tree(pid_t pause, pid_t leader) {
  return kill_tree_among([pause] { return descendants(pause); }, leader);
}

bool kill_tree(pid_t leader) { return kill_tree_among(all_processes, leader); }

bool is_exiting(pid_t pid) {
  const auto stat = read_stat(pid);
  return !stat || stat->state == 'Z' || stat->state == 'X' ||
         (stat->flags & (kExiting | kSignaled)) != 0;
}

}  // namespace podvisor
