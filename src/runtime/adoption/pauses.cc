#include "runtime/adoption/pauses.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <thread>

#include "runtime/pidfd.h"
#include "runtime/process_tree.h"

namespace podvisor {
namespace {

constexpr const char* kMark = "PODVISOR_SANDBOX=";
constexpr const char* kProgram = "podvisor-pause";  // short enough for a comm
constexpr std::chrono::milliseconds kLookInterval(2);
constexpr int kMaxLooks = 2500;

std::string read_text(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 8192> text{};
  const ssize_t size = file ? ::read(file.get(), text.data(), text.size()) : -1;
  return {text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

/// The directory that it is of; empty: it is no pause.
std::string directory_of(pid_t pid) {
  const std::string proc = "/proc/" + std::to_string(pid);
  if (read_text(proc + "/comm") != std::string(kProgram) + "\n") return {};
  const std::string environment = read_text(proc + "/environ");
  const std::string mark = kMark;
  if (!environment.starts_with(mark)) return {};
  return environment.substr(mark.size(), environment.find('\0') - mark.size());
}

}  // namespace

std::string pause_mark(const std::string& directory) { return kMark + directory; }

/// An init of a pid namespace is a copy of its pause, and goes with it.
std::vector<MarkedPause> find_pauses(const std::string& pods_directory) {
  std::vector<MarkedPause> found;
  for (const ProcessEntry& entry : all_processes()) {
    const ProcessIdentity process = identify(entry.pid);
    const std::string directory = directory_of(entry.pid);
    const std::size_t slash = directory.rfind('/');
    if (slash == std::string::npos || directory.substr(0, slash) != pods_directory) continue;
    if (directory_of(entry.parent) == directory) continue;
    found.push_back({process, directory.substr(slash + 1)});
  }
  return found;
}

Status end_pause(const ProcessIdentity& pause) {
  const Fd process = open_process(pause);
  if (!process) return {};
  for (int look = 0; look < kMaxLooks; ++look) {
    const auto below = descendants(pause.pid);
    if (below.empty()) break;
    kill_processes(below);
    std::this_thread::sleep_for(kLookInterval);
  }
  signal_pidfd(process, SIGKILL);
  pollfd ended{process.get(), POLLIN, 0};
  constexpr int kPatience = 5000;  // ms
  if (::poll(&ended, 1, kPatience) == 1) {
    ::waitpid(pause.pid, nullptr, WNOHANG);  // our child, if this podvisor came by an upgrade
    return {};
  }
  return make_error("podvisor-pause (pid " + std::to_string(pause.pid) + ") does not die");
}

}  // namespace podvisor
