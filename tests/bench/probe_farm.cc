#include "bench/probe_farm.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace podvisor {
namespace {

constexpr char kAnswer[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
    "ok";

Fd open_netns() {
  Fd netns(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  require_kernel(static_cast<bool>(netns), "open /proc/self/ns/net");
  return netns;
}

void bring_loopback_up() {
  const Fd control(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  require_kernel(ioctl(control.get(), SIOCSIFFLAGS, &request) == 0, "bring lo up");
}

Fd listen_on(std::uint16_t port) {
  Fd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int one = 1;
  setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  require_kernel(bind(listener.get(), name, sizeof(address)) == 0, "bind");
  require_kernel(listen(listener.get(), 1024) == 0, "listen");
  return listener;
}

void watch(int epoll, int fd, bool listener) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = static_cast<std::uint64_t>(fd) << 1 | (listener ? 1 : 0);
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

void accept_all(int epoll, int listener) {
  int connection = 0;
  while ((connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
    watch(epoll, connection, false);
  }
}

void answer(int connection) {
  std::array<char, 4096> request;
  if (recv(connection, request.data(), request.size(), 0) > 0) {
    send(connection, kAnswer, sizeof(kAnswer) - 1, MSG_NOSIGNAL);
  }
  close(connection);
}

}  // namespace

void require_kernel(bool ok, const std::string& what) {
  if (ok) return;
  std::fprintf(stderr, "%s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

ProbeFarm::ProbeFarm(int namespaces, int ports) : home_(open_netns()), ports_(ports) {
  for (int i = 0; i < namespaces; ++i) make_namespace();
  leave();
  server_ = fork();
  require_kernel(server_ >= 0, "fork");
  if (server_ == 0) serve(std::move(listeners_));
  listeners_.clear();
}

ProbeFarm::~ProbeFarm() {
  kill(server_, SIGKILL);
  waitpid(server_, nullptr, 0);
}

void ProbeFarm::enter(int index) const {
  const int netns = netns_[static_cast<std::size_t>(index)].get();
  require_kernel(setns(netns, CLONE_NEWNET) == 0, "enter a namespace");
}

void ProbeFarm::leave() const {
  require_kernel(setns(home_.get(), CLONE_NEWNET) == 0, "return to the own namespace");
}

PodUid ProbeFarm::uid(int index) {
  std::string number = std::to_string(index);
  number.insert(0, 12 - number.size(), '0');
  return kUidPrefix + number;
}

void ProbeFarm::make_namespace() {
  require_kernel(unshare(CLONE_NEWNET) == 0, "make a network namespace (needs root)");
  bring_loopback_up();
  netns_.push_back(open_netns());
  for (int i = 0; i < ports_; ++i) {
    listeners_.push_back(listen_on(static_cast<std::uint16_t>(kFirstPort + i)));
  }
}

void ProbeFarm::serve(std::vector<Fd> listeners) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const Fd epoll(epoll_create1(EPOLL_CLOEXEC));
  for (const Fd& listener : listeners) watch(epoll.get(), listener.get(), true);
  std::array<epoll_event, 64> events;
  while (true) {
    const int count = epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const std::uint64_t key = events[static_cast<std::size_t>(i)].data.u64;
      const int fd = static_cast<int>(key >> 1);
      if ((key & 1) != 0) {
        accept_all(epoll.get(), fd);
      } else {
        answer(fd);
      }
    }
  }
}

Result<Fd> ProbeFarm::open_socket(const PodUid& pod, int domain, int type) {
  const int index = std::atoi(pod.c_str() + sizeof(kUidPrefix) - 1);
  enter(index);
  Fd opened(socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int socket_errno = errno;
  leave();
  if (!opened) return errno_error("socket", socket_errno);
  return opened;
}

std::string ProbeFarm::address(const PodUid&) const { return "127.0.0.1"; }

}  // namespace podvisor
