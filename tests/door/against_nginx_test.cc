// What is one message and what is two: the door and nginx must not differ where both accept. A
// stream is a good request, then one that is bent, then a good one; counted are the answers.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>

#include "door/door_fixture.h"

namespace podvisor::door {
namespace {

constexpr const char* kNginx = "/usr/sbin/nginx";
const std::string kGood = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
/// Whoever finds this one where it begins says so, too.
const std::string kLast = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// nginx on a Unix socket, which answers everything.
class Nginx {
 public:
  Nginx() {
    std::string pattern = std::filesystem::temp_directory_path() / "door-nginx-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    std::ofstream(directory_ + "/nginx.conf")
        << "daemon off; master_process off; worker_processes 1; error_log /dev/null crit; pid "
        << directory_ << "/pid; events {} http { access_log off; keepalive_requests 100000;"
        << " client_body_temp_path " << directory_ << "/b; proxy_temp_path " << directory_
        << "/p; fastcgi_temp_path " << directory_ << "/f; uwsgi_temp_path " << directory_
        << "/u; scgi_temp_path " << directory_ << "/s; server { listen unix:" << socket_path()
        << "; location / { return 200 x; } } }\n";
    std::vector<std::string> words{kNginx, "-p", directory_, "-c", directory_ + "/nginx.conf"};
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    EXPECT_EQ(posix_spawn(&pid_, kNginx, nullptr, nullptr, argv.data(), environ), 0);
  }
  ~Nginx() {
    ::kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
    std::filesystem::remove_all(directory_);
  }
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;
  [[nodiscard]] std::string socket_path() const { return directory_ + "/socket"; }
  [[nodiscard]] bool wait_until_there() const {
    for (int i = 0; i < 1000; ++i) {
      if (access(socket_path().c_str(), F_OK) == 0) return true;
      usleep(5000);
    }
    return false;
  }

 private:
  std::string directory_;
  pid_t pid_ = 0;
};

struct Reading {
  int accepted = 0;
  bool refused = false;  ///< one was answered with something else than 200
  bool whole = false;    ///< the last one was found
};

Reading read_all(TestClient& client, const std::string& stream) {
  (void)client.send(stream);
  client.close_for_writing();
  const std::string answers = client.read_to_end();
  Reading reading;
  for (std::size_t at = 0; (at = answers.find("HTTP/1.1 ", at)) != std::string::npos; at += 9)
    if (answers.compare(at + 9, 3, "200") == 0)
      ++reading.accepted;
    else
      reading.refused = true;
  reading.whole = answers.find("Connection: close") != std::string::npos;
  return reading;
}

const std::vector<std::string> kSeeds = {
    kGood,
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 29\r\n\r\nGET /in HTTP/1.1\r\nHost: b\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1d;x=y\r\n"
    "GET /in HTTP/1.1\r\nHost: b\r\n\r\n\r\n0\r\nT: u\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
    "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
};

/// One or two bytes are changed, taken out or put in, where it matters.
std::string bend(std::string seed, std::mt19937& random) {
  static constexpr std::string_view kBytes = "\r\n\t :;,=0159afxT-+\"\x0b";
  const auto any = [&](std::size_t size) { return random() % size; };
  for (std::size_t changes = 1 + any(2); changes > 0; --changes) {
    const std::size_t at = any(seed.size());
    const char byte = kBytes[any(kBytes.size())];
    switch (any(4)) {
      case 0:
        seed[at] = byte;
        break;
      case 1:
        seed.insert(at, 1, byte);
        break;
      case 2:
        seed.erase(at, 1);
        break;
      default:  // a line, once more
        if (const std::size_t line = seed.find("\r\n", at); line != std::string::npos)
          seed.insert(at, seed.substr(at, line + 2 - at));
    }
  }
  return seed;
}

struct AgainstNginx : DoorFixture {
  void SetUp() override {
    if (access(kNginx, X_OK) != 0) GTEST_SKIP() << "there is no " << kNginx;
    listener_.head_timeout = std::chrono::seconds(2);
    serve();
    endpoints({at("a", backend)});
  }
  Backend backend{named("x")};
};

TEST_F(AgainstNginx, GoodRequestsAreCountedAlike) {
  const Nginx nginx;
  ASSERT_TRUE(nginx.wait_until_there());
  for (const std::string& seed : kSeeds) {
    TestClient to_nginx(nginx.socket_path());
    TestClient to_door(port_);
    EXPECT_EQ(read_all(to_nginx, kGood + seed + kLast).accepted, 3) << seed;
    EXPECT_EQ(read_all(to_door, kGood + seed + kLast).accepted, 3) << seed;
  }
}

TEST_F(AgainstNginx, BentRequestsAreCountedAlikeOrRefused) {
  const Nginx nginx;
  ASSERT_TRUE(nginx.wait_until_there());
  std::mt19937 random(20231);  // the same streams in every run
  int compared = 0;
  int refused = 0;
  for (int i = 0; i < 600; ++i) {
    const std::string stream =
        kGood + bend(kSeeds[static_cast<std::size_t>(i) % kSeeds.size()], random) + kLast;
    TestClient to_nginx(nginx.socket_path());
    TestClient to_door(port_);
    const Reading theirs = read_all(to_nginx, stream);
    const Reading ours = read_all(to_door, stream);
    if (ours.refused) ++refused;
    if (ours.refused || theirs.refused) continue;
    ++compared;
    EXPECT_EQ(ours.whole, theirs.whole) << stream;
    // Half a body that nobody sends the rest of: nginx may have answered already.
    if (ours.whole) {
      EXPECT_EQ(ours.accepted, theirs.accepted) << stream;
    }
  }
  EXPECT_GT(compared, 100);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace podvisor::door
