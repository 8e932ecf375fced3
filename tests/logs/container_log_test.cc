#include "runtime/logs/container_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "log/log_reader.h"
#include "logs/pipe_ends.h"
#include "logs/temporary_directory.h"

namespace podvisor {
namespace {

using testing::HasSubstr;

void write_to(const Fd& pipe, const std::string& text) {
  ASSERT_EQ(::write(pipe.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

constexpr LogRotation kWhole{.max_size = -1, .max_files = 5};

class ContainerLogTest : public testing::Test {
 protected:
  ContainerLogTest() {
    auto opened = ContainerLog::open(loop_, share_, path_, std::move(stdout_.read),
                                     std::move(stderr_.read), kWhole);
    EXPECT_TRUE(opened) << opened.error().message;
    log_ = std::move(*opened);
  }
  void close_pipes() {
    stdout_.write.reset();
    stderr_.write.reset();
  }
  std::string content() {
    auto reader = LogReader::open(path_, {});
    EXPECT_TRUE(reader);
    std::string all;
    for (std::string some = "."; !some.empty(); all += some)
      some = reader->read_some(1 << 20).value();
    return all;
  }

  TemporaryDirectory directory_;
  std::string path_ = directory_ / "default_web_1/php/0.log";
  Loop loop_;
  LogShare share_{loop_};
  Ends stdout_ = make_pipe();
  Ends stderr_ = make_pipe();
  std::unique_ptr<ContainerLog> log_;
};

TEST_F(ContainerLogTest, LOG4_MakesDirectoriesAndAFileForItsGroup) {
  struct stat facts {};
  ASSERT_EQ(::stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777, 0640U);
}

TEST_F(ContainerLogTest, LOG1_WritesBothStreamsUntilTheyEnd) {
  write_to(stdout_.write, "to stdout\n");
  write_to(stderr_.write, "to stderr\n");
  close_pipes();
  loop_.run();  // ends when neither pipe is watched any more
  EXPECT_TRUE(log_->ended());
  const std::string text = read_whole_file(path_);
  EXPECT_THAT(text, testing::ContainsRegex("T[0-9:]+\\.[0-9]{9}Z stdout F to stdout\n"));
  EXPECT_THAT(text, testing::ContainsRegex("T[0-9:]+\\.[0-9]{9}Z stderr F to stderr\n"));
}

TEST_F(ContainerLogTest, LOG2_AnUnfinishedLastLineIsKept) {
  write_to(stdout_.write, "done\nunfin");
  close_pipes();
  loop_.run();
  EXPECT_THAT(read_whole_file(path_), HasSubstr(" stdout P unfin\n"));
}

TEST_F(ContainerLogTest, LOG2_AnUnfinishedLineIsKeptWhenWeStopFirst) {
  write_to(stdout_.write, "unfin");
  log_->drain();
  EXPECT_EQ(content(), "");
  log_.reset();
  EXPECT_EQ(content(), "unfin");
}

TEST_F(ContainerLogTest, DrainTakesWhatIsThereThoughAPipeIsStillOpen) {
  write_to(stdout_.write, std::string(50'000, 'x') + "\n");
  write_to(stderr_.write, "err\n");
  log_->drain();
  EXPECT_EQ(content(), std::string(50'000, 'x') + "\nerr\n");
  EXPECT_FALSE(log_->ended());
  log_->drain();
  EXPECT_EQ(content().size(), 50'005U);
}

TEST_F(ContainerLogTest, AnotherOneGoesOnInTheSameFile) {
  write_to(stdout_.write, "first\n");
  log_->drain();
  log_.reset();
  Ends again = make_pipe();
  auto second =
      ContainerLog::open(loop_, share_, path_, std::move(again.read), std::move(make_pipe().read));
  ASSERT_TRUE(second);
  write_to(again.write, "second\n");
  (*second)->drain();
  EXPECT_EQ(content(), "first\nsecond\n");
}

TEST_F(ContainerLogTest, LosesNothingOfWhatAContainerPours) {
  constexpr int kLines = 200'000;
  std::thread container([&] {
    std::string batch;
    for (int i = 0; i < kLines; ++i) {
      batch += "line " + std::to_string(i) + (i % 1000 == 0 ? std::string(40'000, 'x') : "") + "\n";
      if (batch.size() < 100'000) continue;
      for (std::size_t done = 0; done < batch.size();)
        done += static_cast<std::size_t>(
            ::write(stdout_.write.get(), batch.data() + done, batch.size() - done));
      batch.clear();
    }
    write_to(stdout_.write, batch);
    close_pipes();
  });
  loop_.run();
  container.join();
  const std::string text = content();
  EXPECT_EQ(std::ranges::count(text, '\n'), kLines);
  EXPECT_TRUE(text.ends_with("line 199999\n"));
}

// The loop must come round to everybody else while a container writes without end.
TEST_F(ContainerLogTest, AContainerThatNeverStopsDoesNotStarveTheLoop) {
  std::thread container([&] {
    const std::string lines(65'536, '\n');
    while (::write(stdout_.write.get(), lines.data(), lines.size()) > 0) {
    }
  });
  int rounds = 0;
  Timer timer(loop_, [&] {
    if (++rounds < 50) {
      timer.start(std::chrono::milliseconds(1));
    } else {
      log_.reset();  // closes the read end, and so ends the container
    }
  });
  timer.start(std::chrono::milliseconds(1));
  const auto old = std::signal(SIGPIPE, SIG_IGN);
  loop_.run();
  container.join();
  std::signal(SIGPIPE, old);
  EXPECT_EQ(rounds, 50);
}

// Clocks that a test moves; reading costs `cost` on them.
class ContainerLogShare : public ContainerLogTest {
 protected:
  void turn_the_loop(int times) {
    for (int i = 0; i < times; ++i) uv_run(loop_.raw(), UV_RUN_NOWAIT);
  }
  TimePoint now_{std::chrono::seconds(1000)};
};

TEST_F(ContainerLogShare, WhoHasSpentItsShareIsReadAgainOnceTimeHasPassed) {
  constexpr std::size_t kRead = 16 * 1024;
  Duration cost = std::chrono::milliseconds(20);  // of each look at the clock
  LogShare share(loop_, [&] { return now_ += cost; });
  Ends pipe = make_pipe();
  Ends none = make_pipe();
  log_ = std::move(
      *ContainerLog::open(loop_, share, path_, std::move(pipe.read), std::move(none.read), kWhole));
  const std::string line = std::string(1023, 'x') + "\n";
  for (std::size_t i = 0; i < 3 * kRead / line.size(); ++i) write_to(pipe.write, line);
  const auto taken = [&] { return content().size(); };
  loop_.run_until([&] { return taken() > 0; }, std::chrono::seconds(10));
  EXPECT_EQ(taken(), kRead);
  cost = Duration{0};  // the clock stands still
  turn_the_loop(50);
  EXPECT_EQ(taken(), kRead);
  now_ += std::chrono::seconds(1);
  loop_.run_until([&] { return taken() == 3 * kRead; }, std::chrono::seconds(10));
  EXPECT_EQ(taken(), 3 * kRead);
  log_.reset();  // before its share
}

TEST_F(ContainerLogShare, WhoWaitsForItsShareMayGo) {
  LogShare share(loop_, [&] { return now_; });
  Ends pipe = make_pipe();
  Ends none = make_pipe();
  log_ = std::move(
      *ContainerLog::open(loop_, share, path_, std::move(pipe.read), std::move(none.read), kWhole));
  share.spend([&] { now_ += std::chrono::seconds(1); });
  write_to(pipe.write, "late\n");
  turn_the_loop(3);
  EXPECT_EQ(content(), "");
  log_->drain();  // the container's end does not wait
  EXPECT_EQ(content(), "late\n");
  log_.reset();
  now_ += std::chrono::seconds(10);
  turn_the_loop(3);
}

TEST(LogShare, IsAQuarterOfTheTimeInTheLongRun) {
  Loop loop;
  TimePoint now{};
  LogShare share(loop, [&] { return now; });
  Duration spent{0};
  for (int i = 0; i < 10'000; ++i) {
    if (share.spent()) {
      now += std::chrono::milliseconds(1);
    } else {
      const Duration work = std::chrono::microseconds(i % 100 == 0 ? 50'000 : 300);
      share.spend([&] { now += work; });
      spent += work;
    }
  }
  const Duration quarter = now.time_since_epoch() / 4;
  EXPECT_GT(spent, quarter - quarter / 10);
  EXPECT_LT(spent, quarter + std::chrono::milliseconds(50));
}

/// Files of this process can grow to so many bytes.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t size) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limited{size, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

TEST_F(ContainerLogTest, AFullDiskCostsEntriesButNeitherBlocksNorTearsThem) {
  constexpr rlim_t kRoom = 5'000;  // not the end of an entry; and captured messages need some
  testing::internal::CaptureStderr();
  std::string sent;
  {
    const FileSizeLimit disk(kRoom);
    for (int i = 0; i < 500; ++i) sent += "line " + std::to_string(i) + "\n";
    write_to(stdout_.write, sent);
    log_->drain();
    write_to(stdout_.write, "lost\n");
    log_->drain();
    ASSERT_EQ(std::filesystem::file_size(path_), kRoom);
    ASSERT_NE(read_whole_file(path_).back(), '\n');
  }
  write_to(stdout_.write, "room again\n");
  log_->drain();
  const std::string text = content();
  const std::size_t kept = text.find("room again\n");
  ASSERT_NE(kept, std::string::npos);
  EXPECT_EQ(text.substr(0, kept), sent.substr(0, kept));
  EXPECT_EQ(text.substr(kept), "room again\n");
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, HasSubstr("level=error msg=\"a container's log cannot be written"));
  EXPECT_THAT(said, HasSubstr("msg=\"a container's log can be written again"));
  EXPECT_EQ(std::ranges::count(said, '\n'), 2) << said;
}

TEST(ContainerLog, RefusesWhatIsNoPlainFile) {
  const TemporaryDirectory directory;
  Loop loop;
  LogShare share(loop);
  std::filesystem::create_symlink("/etc/passwd", directory / "link.log");
  std::filesystem::create_directory(directory / "directory.log");
  ASSERT_EQ(::mkfifo((directory / "fifo.log").c_str(), 0600), 0);
  for (const char* name : {"link.log", "directory.log", "fifo.log", "link.log/0.log"}) {
    const auto log = ContainerLog::open(loop, share, directory / name, std::move(make_pipe().read),
                                        std::move(make_pipe().read));
    ASSERT_FALSE(log) << name;
    EXPECT_THAT(log.error().message, HasSubstr(name));
  }
}

TEST(ContainerLog, SaysWhenAPipeCannotBeWatched) {
  const TemporaryDirectory directory;
  Loop loop;
  LogShare share(loop);
  Fd regular(::open((directory / "regular").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  EXPECT_FALSE(ContainerLog::open(loop, share, directory / "0.log", std::move(regular),
                                  std::move(make_pipe().read)));
}

}  // namespace
}  // namespace podvisor
