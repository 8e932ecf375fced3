// What pods_bench.py runs in its pods. Writes when things happened to it, for others to compare:
// lines of "WHAT NANOSECONDS PID", CLOCK_MONOTONIC, one write each. Linked statically, so that its
// first line follows its exec at once.
//
//   bench_target stamp FILE [PORT]  "start", then answers HTTP with 200 on PORT until it is killed
//   bench_target sick FILE PORT     "start", "answer" before each 500, "term" on SIGTERM
//   bench_target hog FILE           "start", on SIGUSR1 takes memory until it is killed; FILE.last
//                                   holds when it last ran. With FILE there, only "start"
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>

namespace {

constexpr std::size_t kPage = 4096;
constexpr const char* kGood = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
constexpr const char* kBad =
    "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

int stamps = -1;

std::int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * std::int64_t{1000000000} + time.tv_nsec;
}

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

void stamp(const char* what) {
  const std::int64_t time = now();
  char line[64];
  const int size = std::snprintf(line, sizeof line, "%s %" PRId64 " %d\n", what, time, getpid());
  if (write(stamps, line, static_cast<std::size_t>(size)) != size) fail("write");
}

void on_terminate(int) {
  stamp("term");
  _exit(0);
}

int listen_on(const char* port) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fail("bind");
  if (listen(listener, 16) != 0) fail("listen");
  return listener;
}

void answer_all(int listener, const char* response, const char* what) {
  const std::string text = response;
  char request[4096];
  for (;;) {
    const int connection = accept(listener, nullptr, nullptr);
    if (connection < 0) continue;
    if (read(connection, request, sizeof request) > 0) {
      if (what != nullptr) stamp(what);
      if (write(connection, text.data(), text.size()) < 0) std::perror("write");
    }
    close(connection);
  }
}

std::atomic<std::int64_t>* map_time(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT, 0600);
  if (file < 0 || ftruncate(file, kPage) != 0) fail("open");
  void* shared = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (shared == MAP_FAILED) fail("mmap");
  return static_cast<std::atomic<std::int64_t>*>(shared);
}

/// Before it kills, the kernel tries for milliseconds to reclaim memory, within the thread that
/// wants a page. The other thread runs on until it is killed.
[[noreturn]] void hog(const std::string& path) {
  std::atomic<std::int64_t>* last = map_time(path + ".last");
  std::thread([last] {
    for (;;) last->store(now(), std::memory_order_relaxed);
  }).detach();
  while (last->load() == 0) std::this_thread::yield();
  for (;;) {
    void* page = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) fail("mmap");
    *static_cast<volatile char*>(page) = 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 2 ? argv[1] : "";
  if (mode.empty()) return 2;
  const bool first = access(argv[2], F_OK) != 0;
  stamps = open(argv[2], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (stamps < 0) fail("open");
  sigset_t go_signal;
  sigemptyset(&go_signal);
  sigaddset(&go_signal, SIGUSR1);
  sigprocmask(SIG_BLOCK, &go_signal, nullptr);
  stamp("start");
  if (mode == "stamp" && argc > 3) answer_all(listen_on(argv[3]), kGood, nullptr);
  if (mode == "sick" && argc > 3) {
    signal(SIGTERM, on_terminate);
    answer_all(listen_on(argv[3]), kBad, "answer");
  }
  if (mode == "hog" && first) {
    int go = 0;
    sigwait(&go_signal, &go);
    hog(argv[2]);
  }
  pause();
}
