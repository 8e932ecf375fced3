// What runs in the chaos driver's containers: answers HTTP, as well as its flags say.
//
//   chaos_target FLAGS [PORT]
//
// While there is a file FLAGS.unready, /ready is answered with 503; while there is FLAGS.dead,
// /live is, until another run begins, which takes it away. So is FLAGS.greedy, and then memory
// until the kernel kills. SIGTERM ends it with 0, SIGUSR1 with 7, SIGUSR2 with 41.
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace {

constexpr int kLookAtFlags = 100;  // ms
std::string flags;

bool flag(const char* name) { return ::access((flags + name).c_str(), F_OK) == 0; }

void eat_if_greedy() {
  if (::unlink((flags + ".greedy").c_str()) != 0) return;
  constexpr std::size_t kPiece = 1 << 20;
  for (;;)
    if (auto* piece = static_cast<volatile char*>(std::malloc(kPiece)))
      for (std::size_t at = 0; at < kPiece; at += 4096) piece[at] = 1;
}

int listen_on(const char* port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener, 512) != 0) {
    std::perror("listen");
    std::exit(1);
  }
  return listener;
}

/// Answers every request that is whole; GET only.
bool answer(int connection, std::string& unread) {
  char buffer[4096];
  const ssize_t got = ::recv(connection, buffer, sizeof buffer, 0);
  if (got <= 0) return false;
  unread.append(buffer, static_cast<std::size_t>(got));
  for (std::size_t end = 0; (end = unread.find("\r\n\r\n")) != std::string::npos;) {
    const bool bad = (unread.starts_with("GET /ready ") && flag(".unready")) ||
                     (unread.starts_with("GET /live ") && flag(".dead"));
    const std::string text = bad ? "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
                                 : "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n";
    if (::send(connection, text.data(), text.size(), MSG_NOSIGNAL) < 0) return false;
    unread.erase(0, end + 4);
  }
  return true;
}

[[noreturn]] void serve(int listener) {
  std::map<int, std::string> connections;
  for (;;) {
    std::vector<pollfd> fds{{listener, POLLIN, 0}};
    for (const auto& [fd, unread] : connections) fds.push_back({fd, POLLIN, 0});
    ::poll(fds.data(), fds.size(), kLookAtFlags);
    eat_if_greedy();
    if (fds[0].revents != 0)
      if (const int fd = ::accept(listener, nullptr, nullptr); fd >= 0) connections[fd];
    for (std::size_t i = 1; i < fds.size(); ++i) {
      if (fds[i].revents == 0 || answer(fds[i].fd, connections[fds[i].fd])) continue;
      connections.erase(fds[i].fd);
      ::close(fds[i].fd);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  flags = argv[1];
  ::unlink((flags + ".dead").c_str());
  ::signal(SIGTERM, [](int) { ::_exit(0); });
  ::signal(SIGUSR1, [](int) { ::_exit(7); });
  ::signal(SIGUSR2, [](int) { ::_exit(41); });
  if (argc > 2) serve(listen_on(argv[2]));
  for (;;) {
    eat_if_greedy();
    ::poll(nullptr, 0, kLookAtFlags);
  }
}
