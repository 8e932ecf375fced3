// The clients of the acceptance tests on the command line, for comparisons: GET and POST,
// kept-alive and one-shot, while a command does something to the server. Usage: traffic_load NAME
// PORT CLIENTS SECONDS COMMAND [ARGUMENT...]
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "traffic/load.h"

namespace {

int run(char** argv) {
  pid_t pid = 0;
  if (::posix_spawnp(&pid, argv[0], nullptr, nullptr, argv, environ) != 0) return 127;
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) {
    std::cerr << "usage: traffic_load NAME PORT CLIENTS SECONDS COMMAND [ARGUMENT...]\n";
    return 2;
  }
  const auto port = static_cast<std::uint16_t>(std::stoi(argv[2]));
  const int clients = std::stoi(argv[3]) / 4;
  const std::chrono::milliseconds half(std::stoi(argv[4]) * 500);
  std::vector<std::unique_ptr<podvisor::Load>> loads;
  for (const char* method : {"GET", "POST"})
    for (const bool keep_alive : {true, false})
      loads.push_back(std::make_unique<podvisor::Load>(podvisor::LoadPlan{
          .port = port, .clients = clients, .keep_alive = keep_alive, .method = method}));
  std::this_thread::sleep_for(half);
  const int status = run(argv + 5);
  std::this_thread::sleep_for(half);
  podvisor::LoadResult sum;
  for (const auto& load : loads) sum.add(load->stop());
  std::cout << "row: " << argv[1] << ": " << sum.text() << '\n';
  return status == 0 ? 0 : 1;
}
