// podvisor-door: started by podvisor with its control socket as descriptor 3. See
// include/podvisor/ports/door.h for what it does.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <optional>
#include <string_view>
#include <thread>

#include "door/control_server.h"
#include "door/door_process.h"
#include "log/logger.h"

namespace podvisor::door {
namespace {

constexpr std::size_t kMaxWorkers = 64;
constexpr Duration kTerminate = std::chrono::seconds(30);

std::optional<std::size_t> parse_workers(int argc, char** argv) {
  const std::size_t processors = std::max(1U, std::thread::hardware_concurrency());
  if (argc == 1) return std::min(processors, kMaxWorkers);
  constexpr std::string_view kOption = "--workers=";
  const std::string_view word = argv[1];
  std::size_t workers = 0;
  const char* end = word.data() + word.size();
  if (argc != 2 || !word.starts_with(kOption)) return std::nullopt;
  const auto [parsed, error] = std::from_chars(word.data() + kOption.size(), end, workers);
  const bool good = error == std::errc() && parsed == end && workers >= 1 && workers <= kMaxWorkers;
  return good ? std::optional(workers) : std::nullopt;
}

bool is_control_socket(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

/// Two for each connection that is relayed.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// SIGTERM is an orderly end; what a terminal sends is for podvisor.
Fd block_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGHUP, SIG_IGN);
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  return Fd(signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK));
}

struct Terminated final : Reactor::Watcher {
  explicit Terminated(ControlServer& to) : server(to) {}
  void on_events(std::uint32_t) override { server.retire(kTerminate); }
  ControlServer& server;
};

int run(std::size_t workers) {
  fcntl(kControlFd, F_SETFD, FD_CLOEXEC);
  fcntl(kControlFd, F_SETFL, O_NONBLOCK);
  raise_descriptor_limit();
  const Fd signals = block_signals();
  Reactor reactor;
  ControlServer server(reactor, Fd(kControlFd), workers);
  Terminated terminated(server);
  if (!server.start() || !reactor.add(signals.get(), EPOLLIN | EPOLLET, terminated)) {
    log_error("the door cannot watch its sockets");
    return 1;
  }
  reactor.run();
  return 0;
}

}  // namespace
}  // namespace podvisor::door

int main(int argc, char** argv) {
  using namespace podvisor::door;
  const auto workers = parse_workers(argc, argv);
  if (!workers || !is_control_socket(kControlFd)) {
    std::fputs("podvisor-door is started by podvisor, not by hand\n", stderr);
    return 2;
  }
  try {
    return run(*workers);
  } catch (const std::exception& problem) {
    podvisor::log_error(problem.what());
    return 1;
  }
}
