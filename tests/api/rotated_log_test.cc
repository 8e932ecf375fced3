// Following a log while it is rotated under the follower's eyes.
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <atomic>
#include <thread>

#include "api/log_fixture.h"
#include "runtime/logs/log_file.h"

namespace podvisor {
namespace {

/// Reads a followed log on a thread of its own, and counts its numbered lines.
class Counter {
 public:
  explicit Counter(const std::string& socket) : thread_([this, socket] { read(socket); }) {}
  ~Counter() { thread_.join(); }

  std::atomic<std::int64_t> counted = 0;  ///< lines
  std::atomic<bool> failed = false;       ///< one was not the number after the one before
  std::atomic<bool> done = false;
  std::string wrong;  ///< the first line that was not, once done

 private:
  void read(const std::string& socket) {
    const Fd connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.copy(address.sun_path, sizeof(address.sun_path) - 1);
    static_cast<void>(
        ::connect(connection.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)));
    // In HTTP/1.0 the answer is not cut into chunks.
    const std::string request =
        "GET /api/v1/namespaces/default/pods/web/log?follow=true HTTP/1.0\r\n\r\n";
    static_cast<void>(::send(connection.get(), request.data(), request.size(), MSG_NOSIGNAL));
    std::string text;
    std::vector<char> block(256 * 1024);
    bool in_body = false;
    for (ssize_t got = 0; (got = ::recv(connection.get(), block.data(), block.size(), 0)) > 0;) {
      text.append(block.data(), static_cast<std::size_t>(got));
      const std::size_t end = in_body ? std::string::npos : text.find("\r\n\r\n");
      if (end != std::string::npos) text.erase(0, end + 4);
      in_body = in_body || end != std::string::npos;
      if (in_body) count(text);
    }
    done = true;
  }

  void count(std::string& text) {
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos;
         end = text.find('\n', begin)) {
      const std::string line = text.substr(begin, end - begin);
      if (line != std::to_string(counted.load()) && !failed.exchange(true))
        wrong = "line " + std::to_string(counted.load()) + " is \"" + line + "\"";
      ++counted;
      begin = end + 1;
    }
    text.erase(0, begin);
  }

  std::thread thread_;
};

class RotatedLog : public LogFixture {
 protected:
  [[nodiscard]] std::string path() const { return layout.log_file(pod->metadata, "main", 0); }
  [[nodiscard]] static std::string entries(std::int64_t first, std::int64_t count) {
    std::string all;
    for (std::int64_t i = first; i < first + count; ++i)
      all += "2026-11-22T12:00:00.000000000Z stdout F " + std::to_string(i) + "\n";
    return all;
  }
};

TEST_F(RotatedLog, LOG6_AFollowerLosesAndDoublesNoLine) {
  constexpr std::int64_t kLines = 2'000'000, kBatch = 10'000, kAhead = 100'000;
  constexpr std::size_t kFiles = 4;
  auto log = LogFile::open(loop, path(), {.max_size = 1 << 20, .max_files = 3});
  ASSERT_TRUE(log);
  Counter counter(socket());
  std::int64_t written = 0;
  std::size_t files = 0;
  ino_t current = 0;
  bool ended = false;
  Timer step(loop, [&] {
    struct stat facts {};
    if (::stat(path().c_str(), &facts) == 0 && std::exchange(current, facts.st_ino) != facts.st_ino)
      ++files;
    const bool enough = counter.failed || (written >= kLines && files >= kFiles);
    const bool follows = counter.counted > 0 || written == 0;  // from the first file on
    if (!enough && follows && written - counter.counted < kAhead) {
      (*log)->write(entries(written, kBatch));
      (*log)->rotate_if_due();
      written += kBatch;
    }
    if (enough && !std::exchange(ended, true)) end_instance();
    if (counter.done) return loop.stop();
    step.start(std::chrono::milliseconds(1));  // a span of nothing would leave no turn to others
  });
  step.start(std::chrono::milliseconds(1));
  loop.run();
  EXPECT_EQ(counter.wrong, "");
  EXPECT_EQ(counter.counted, written);
  EXPECT_GE(files, kFiles);
}

TEST_F(RotatedLog, LOG5_WhoDoesNotFollowReadsTheCurrentFileAlone) {
  write("old");
  std::filesystem::rename(path(), path() + ".20261126-100000");
  write("new");
  EXPECT_EQ(log(), "new\n");
  EXPECT_EQ(log("?tailLines=5"), "new\n");
}

}  // namespace
}  // namespace podvisor
