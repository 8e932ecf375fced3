// Starts a door for door_bench.py: door_stand DOOR DIRECTORY http|tcp PORT ENDPOINT WORKERS. Prints
// the door's pid once it serves, and ends it, and itself, when standard input ends.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "door/door_client.h"
#include "door/door_process.h"

namespace {

struct Ignored final : podvisor::DoorEvents {
  void on_drained(const std::string&, const std::string&, std::uint64_t) override {}
  void on_checked(std::uint64_t, int, const std::string&) override {}
  void on_sockets_wanted(const std::string&, const std::string&, unsigned) override {}
  void on_load(const podvisor::EndpointLoad&) override {}
};

int run(char** argv) {
  podvisor::Loop loop;
  Ignored events;
  std::unique_ptr<podvisor::DoorClient> door;
  auto socket =
      podvisor::listen_for_door("127.0.0.1", static_cast<std::uint16_t>(std::atoi(argv[4])));
  auto started = podvisor::DoorClient::start(
      loop, {argv[1], argv[2], static_cast<unsigned>(std::atoi(argv[6]))}, events, [&] {
        std::cout << door->pid() << std::endl;  // the first thing that the bench waits for
      });
  if (!socket || !started) {
    std::cerr << (socket ? started.error().message : socket.error().message) << "\n";
    return 1;
  }
  door = std::move(*started);
  podvisor::DoorListener listener;
  listener.id = listener.name = "bench";
  listener.mode =
      std::string(argv[3]) == "http" ? podvisor::DoorMode::Http : podvisor::DoorMode::Tcp;
  door->serve(listener, std::move(*socket));
  door->set_endpoints("bench", {{"backend", argv[5], podvisor::EndpointState::Ready, false}});
  podvisor::Poll input(loop, 0, [&](int, int) {
    door->retire(podvisor::Duration(0));
    loop.stop();
  });
  input.start(UV_READABLE | UV_DISCONNECT);
  loop.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 7) return run(argv);
  std::fputs("door_stand is started by door_bench.py\n", stderr);
  return 2;
}
