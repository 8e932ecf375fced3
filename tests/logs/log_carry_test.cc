// A podvisor that is killed while it writes a container's log, again and again.
#include "runtime/logs/log_carry.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <random>
#include <sstream>

#include "log/cri_line.h"
#include "logs/pipe_ends.h"
#include "logs/temporary_directory.h"
#include "runtime/logs/container_log.h"

namespace podvisor {
namespace {

Fd copy(const Fd& fd) { return Fd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)); }

/// Lines of any length, one far longer than an entry, none alike.
std::string text(std::mt19937& random, int lines) {
  std::string all;
  for (int i = 0; i < lines; ++i) {
    const std::size_t length = random() % 50 == 0 ? random() % 40000 : random() % 200;
    all += std::to_string(i) + std::string(length, static_cast<char>('a' + i % 26)) + "\n";
  }
  return all;
}

/// What the entries say, as one text.
std::string content(const std::string& path) {
  std::ifstream file(path);
  std::string all;
  for (std::string line; std::getline(file, line);) {
    const auto header = parse_cri_header(line);
    EXPECT_TRUE(header.has_value()) << line.substr(0, 80);
    if (!header) continue;
    all += line.substr(header->size);
    if (header->full) all += "\n";
  }
  return all;
}

off_t size_of(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 ? facts.st_size : 0;
}

/// As much as the pipe takes, but no more than `most`.
void feed(const Fd& pipe, std::string_view& text, std::size_t most) {
  while (most > 0 && !text.empty()) {
    const ssize_t size = ::write(pipe.get(), text.data(), std::min({text.size(), most, 4096UL}));
    if (size < 0) return;
    text.remove_prefix(static_cast<std::size_t>(size));
    most -= static_cast<std::size_t>(size);
  }
}

/// A podvisor that does nothing but write the log; ends with the pipes.
pid_t start_writer(const std::string& path, const Fd& out, const Fd& memory) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  Loop loop;
  LogShare share(loop);
  auto log = ContainerLog::open(loop, share, path, copy(out), Fd(), {.max_size = -1},
                                std::move(*LogCarry::find(copy(memory))));
  while (!(*log)->ended()) {
    Timer turn(loop, [&] { loop.stop(); });
    turn.start(std::chrono::milliseconds(1));
    loop.run();
  }
  ::_exit(0);
}

TEST(LogCarry, NoLineIsLostOrDoubledByAKill) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string all = text(random, 10000);
  const TemporaryDirectory directory;
  const std::string path = directory / "0.log";
  Ends out = make_pipe();
  ::fcntl(out.write.get(), F_SETFL, O_NONBLOCK);
  const Fd memory = (*LogCarry::make())->memory();
  int kills = 0;
  int status = 0;
  for (std::string_view rest = all; !rest.empty(); ++kills) {
    feed(out.write, rest, 60000);
    if (rest.empty()) break;
    const off_t until = size_of(path) + static_cast<off_t>(random() % 30000);
    const pid_t pid = start_writer(path, out.read, memory);
    while (size_of(path) < until) {
    }
    ::kill(pid, SIGKILL);
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  }
  out.write.reset();
  ASSERT_GT(::waitpid(start_writer(path, out.read, memory), &status, 0), 0);
  EXPECT_EQ(status, 0);
  EXPECT_GT(kills, 20);
  const std::string got = content(path);
  const auto [here, there] = std::ranges::mismatch(got, all);
  EXPECT_TRUE(got == all) << got.size() << " of " << all.size() << " bytes, another from "
                          << here - got.begin()
                          << " on: " << std::string(here, got.end()).substr(0, 50) << " instead of "
                          << std::string(there, all.end()).substr(0, 50);
}

TEST(LogCarry, AnUnfinishedLineGoesOn) {
  const TemporaryDirectory directory;
  const Fd memory = (*LogCarry::make())->memory();
  auto earlier = LogCarry::find(copy(memory));
  (*earlier)->stream(LogStream::Stderr).wrote("half a ");
  earlier->reset();
  Loop loop;
  LogShare share(loop);
  Ends err = make_pipe();
  ASSERT_EQ(::write(err.write.get(), "line\n", 5), 5);
  err.write.reset();
  auto log = ContainerLog::open(loop, share, directory / "0.log", Fd(), std::move(err.read), {},
                                std::move(*LogCarry::find(copy(memory))));
  ASSERT_TRUE(log.has_value());
  (*log)->drain();
  EXPECT_EQ(content(directory / "0.log"), "half a line\n");
  log->reset();
  loop.run();
}

/// As far as the file has grown since it was taken, it has been written.
TEST(LogCarry, WhatWasWrittenInPartIsCompleted) {
  const TemporaryDirectory directory;
  const std::string path = directory / "0.log";
  for (const std::size_t cut : {0UL, 1UL, 50UL, 100UL}) {
    Loop loop;
    LogShare share(loop);
    const Fd memory = (*LogCarry::make())->memory();
    const auto earlier = LogCarry::find(copy(memory));
    StreamCarry& carry = (*earlier)->stream(LogStream::Stdout);
    const std::string lines = "one\ntwo\nthree\n";
    carry.will_take(lines.size(), loop.now().wall, 0);
    EXPECT_TRUE(carry.taken().empty()) << "nothing yet";
    lines.copy(carry.block(), lines.size());
    EXPECT_EQ(carry.taken(), lines) << "and nobody had the time to say so";
    carry.took(lines.size());
    const std::string header = format_cri_header(carry.time(), LogStream::Stdout, true);
    const std::string entries = header + "one\n" + header + "two\n" + header + "three\n";
    std::ofstream(path, std::ios::trunc) << entries.substr(0, cut);
    auto log = ContainerLog::open(loop, share, path, Fd(), Fd(), {},
                                  std::move(*LogCarry::find(copy(memory))));
    std::stringstream written;
    written << std::ifstream(path).rdbuf();
    EXPECT_EQ(written.str(), entries) << cut;
    EXPECT_TRUE(carry.taken().empty());
    log->reset();
    loop.run();
  }
}

TEST(LogCarry, OnlyItsOwnMemoryIsTakenForOne) {
  EXPECT_TRUE(LogCarry::is_one((*LogCarry::make())->memory()));
  EXPECT_FALSE(LogCarry::is_one(make_pipe().read));
  EXPECT_FALSE(LogCarry::is_one(Fd(::open("/dev/null", O_RDWR | O_CLOEXEC))));
  EXPECT_FALSE(LogCarry::is_one(Fd(::memfd_create("other", MFD_CLOEXEC))));
}

}  // namespace
}  // namespace podvisor
