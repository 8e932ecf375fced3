// Serves one podvisor at a time over the pod's socket; the newest counts.
#pragma once

#include "pause/children.h"
#include "pause/protocol.h"

namespace podvisor::pause {

class Server {
 public:
  /// `init`: that of the children's pid namespace, 0 without one.
  Server(int signal_fd, pid_t init) : signal_fd_(signal_fd), children_(init) {}
  /// Until Shutdown, or until init has ended and with it everything else.
  void run();

 private:
  void accept_connection();
  void drop_connection();
  void receive();
  bool receive_one();
  void handle(std::span<char> message, std::span<int> descriptors);
  void welcome();
  void spawn(Request& request, std::span<int> descriptors);
  void fail(std::uint64_t id, const Failure& failure);
  void acknowledge(std::uint64_t id);
  void adopt(const Request& request, std::span<int> descriptors);
  void signal(const Request& request);
  void tell_all();
  void tell_start(Child& child);
  void tell_end(Child& child);
  bool send(const Reply& reply, std::span<const int> descriptors = {});

  int signal_fd_;
  int connection_ = -1;
  bool welcomed_ = false;  ///< nothing is said before Hello
  bool congested_ = false;
  bool shutdown_ = false;
  Children children_;
};

/// Tells whoever has connected already that nothing will come of this pod.
void refuse(const Failure& failure);

}  // namespace podvisor::pause
