#include "testbed.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "network/netns.h"

namespace podvisor::network_test {
namespace {

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

Fd tcp_socket() {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  require(static_cast<bool>(socket), "socket");
  return socket;
}

void set_lo_up() {
  const Fd socket = tcp_socket();
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP;
  require(ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0, "lo up");
}

sockaddr_in socket_address(const std::string& address, std::uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  require(inet_pton(AF_INET, address.c_str(), &result.sin_addr) == 1, "address");
  return result;
}

}  // namespace

Fd make_netns() {
  Fd result;
  std::thread([&result] {
    require(unshare(CLONE_NEWNET) == 0, "unshare");
    set_lo_up();
    result = std::move(*open_current_netns());
  }).join();
  return result;
}

void in_netns(const Fd& netns, const std::function<void()>& work) {
  std::thread([&] {
    require(setns(netns.get(), CLONE_NEWNET) == 0, "setns");
    work();
  }).join();
}

Listener listen_in(const Fd& netns) {
  Listener listener;
  in_netns(netns, [&listener] {
    listener.socket = tcp_socket();
    auto address = socket_address("0.0.0.0", 0);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    require(bind(listener.socket.get(), raw, size) == 0, "bind");
    require(listen(listener.socket.get(), 8) == 0, "listen");
    require(getsockname(listener.socket.get(), raw, &size) == 0, "getsockname");
    listener.port = ntohs(address.sin_port);
  });
  return listener;
}

std::string connect_from(const Fd& netns, const std::string& address, const Listener& listener) {
  std::string seen;
  in_netns(netns, [&] {
    const Fd socket = tcp_socket();
    auto peer = socket_address(address, listener.port);
    socklen_t size = sizeof peer;
    auto* raw = reinterpret_cast<sockaddr*>(&peer);
    if (connect(socket.get(), raw, size) != 0) {
      seen = std::string("errno: ") + std::strerror(errno);
      return;
    }
    const Fd accepted(accept4(listener.socket.get(), raw, &size, SOCK_CLOEXEC));
    require(static_cast<bool>(accepted), "accept");
    char text[INET_ADDRSTRLEN] = {};
    inet_ntop(AF_INET, &peer.sin_addr, text, sizeof text);
    seen = text;
  });
  return seen;
}

void HostTest::SetUp() {
  if (geteuid() != 0) GTEST_SKIP() << "needs root to make network namespaces";
  outside_ = std::move(*open_current_netns());
  host_ = make_netns();
  require(setns(host_.get(), CLONE_NEWNET) == 0, "setns");
}

void HostTest::TearDown() {
  if (outside_) require(setns(outside_.get(), CLONE_NEWNET) == 0, "setns");
}

std::unique_ptr<BridgeNetwork> HostTest::open(const BridgeSettings& settings) {
  auto network = BridgeNetwork::open(settings, loop_);
  if (!network) throw std::runtime_error(network.error().message);
  return std::move(*network);
}

void HostTest::detach(BridgeNetwork& network, const PodUid& pod) {
  bool done = false;
  network.detach(pod, [&done] { done = true; });
  loop_.run();
  EXPECT_TRUE(done);
}

}  // namespace podvisor::network_test
