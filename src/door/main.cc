// podvisor-door: started by podvisor with its control socket as descriptor 3. See
// include/podvisor/ports/door.h for what it does.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string_view>
#include <thread>

#include "door/confinement.h"
#include "door/control_server.h"
#include "door/door_process.h"
#include "log/logger.h"

namespace podvisor::door {
namespace {

constexpr std::size_t kMaxWorkers = 64;
constexpr Duration kTerminate = std::chrono::seconds(30);

struct Options {
  std::size_t workers = 0;
  uid_t user = 0;  ///< 0: podvisor's own
};

std::optional<std::uint32_t> number_after(std::string_view option, std::string_view word) {
  std::uint32_t number = 0;
  if (!word.starts_with(option)) return std::nullopt;
  const char* end = word.data() + word.size();
  const auto [parsed, error] = std::from_chars(word.data() + option.size(), end, number);
  return error == std::errc() && parsed == end ? std::optional(number) : std::nullopt;
}

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    if (const auto workers = number_after("--workers=", argv[i]))
      options.workers = *workers;
    else if (const auto user = number_after("--user=", argv[i]))
      options.user = *user;
    else
      return std::nullopt;
  }
  if (options.workers == 0) options.workers = std::max(1U, std::thread::hardware_concurrency());
  options.workers = std::min(options.workers, kMaxWorkers);
  return options;
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

int run(const Options& options) {
  fcntl(kControlFd, F_SETFD, FD_CLOEXEC);
  fcntl(kControlFd, F_SETFL, O_NONBLOCK);
  raise_descriptor_limit();
  tzset();  // the log's times: no file is to be opened later on
  if (const Status given_up = give_up_privileges(options.user); !given_up)
    log_warning("the door stays podvisor's own user", {{"reason", given_up.error().message}});
  const Fd signals = block_signals();
  Reactor reactor;
  ControlServer server(reactor, Fd(kControlFd), options.workers);
  Terminated terminated(server);
  if (!server.start() || !reactor.add(signals.get(), EPOLLIN | EPOLLET, terminated)) {
    log_error("the door cannot watch its sockets");
    return 1;
  }
  if (const Status limited = limit_system_calls(); !limited) log_warning(limited.error().message);
  reactor.run();
  return 0;
}

}  // namespace
}  // namespace podvisor::door

int main(int argc, char** argv) {
  using namespace podvisor::door;
  const auto options = parse(argc, argv);
  if (!options || !is_control_socket(kControlFd)) {
    std::fputs("podvisor-door is started by podvisor, not by hand\n", stderr);
    return 2;
  }
  try {
    return run(*options);
  } catch (const std::exception& problem) {
    podvisor::log_error(problem.what());
    return 1;
  }
}
