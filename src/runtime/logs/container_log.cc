#include "runtime/logs/container_log.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace podvisor {
namespace {

/// Read in one callback: in between the loop comes round to everybody else.
constexpr std::size_t kReadSize = 16 * 1024;
/// Encoded at a time: empty lines grow by forty times.
constexpr std::size_t kSlice = 4 * 1024;
constexpr std::size_t kWriteSize = 64 * 1024;

}  // namespace

Result<std::unique_ptr<ContainerLog>> ContainerLog::open(Loop& loop, LogShare& share,
                                                         const std::string& path, Fd stdout_pipe,
                                                         Fd stderr_pipe, LogRotation rotation) {
  auto file = LogFile::open(loop, path, rotation);
  if (!file) return tl::unexpected(file.error());
  std::unique_ptr<ContainerLog> log(new ContainerLog(loop, share, std::move(*file)));
  try {
    log->watch(log->stdout_, std::move(stdout_pipe));
    log->watch(log->stderr_, std::move(stderr_pipe));
  } catch (const std::runtime_error& error) {
    return make_error("reading a container's output into " + path + ": " + error.what());
  }
  return log;
}

ContainerLog::ContainerLog(Loop& loop, LogShare& share, std::unique_ptr<LogFile> file)
    : loop_(loop), share_(share), file_(std::move(file)) {}

ContainerLog::~ContainerLog() {
  end(stdout_);
  end(stderr_);
}

void ContainerLog::watch(Pipe& pipe, Fd fd) {
  if (!fd) return;
  pipe.fd = std::move(fd);
  pipe.poll =
      std::make_unique<Poll>(loop_, pipe.fd.get(), [this, &pipe](int, int) { on_readable(pipe); });
  pipe.poll->start(UV_READABLE);
}

void ContainerLog::on_readable(Pipe& pipe) {
  if (!share_.spent()) return share_.spend([&] { read_once(pipe, kReadSize); });
  pipe.poll->stop();
  share_.wait(&pipe, [&pipe] { pipe.poll->start(UV_READABLE); });
}

void ContainerLog::follow_terminal(Fd master) {
  end(stdout_);
  ::fcntl(master.get(), F_SETFL, O_NONBLOCK);
  stdout_.terminal = true;
  watch(stdout_, std::move(master));
}

/// Its kernel buffers say nothing of how much is in them, but reading empties them.
void ContainerLog::drain_terminal() {
  constexpr int kMaxReads = 64;
  for (int reads = 0; reads < kMaxReads && stdout_.poll && read_once(stdout_, kReadSize) > 0;)
    ++reads;
}

void ContainerLog::drain() {
  if (stdout_.terminal) drain_terminal();
  for (Pipe* pipe : {&stdout_, &stderr_}) {
    int waiting = 0;
    if (!pipe->poll || ioctl(pipe->fd.get(), FIONREAD, &waiting) < 0) continue;
    auto left = static_cast<std::size_t>(std::max(waiting, 0));
    while (left > 0) {
      const std::size_t size = read_once(*pipe, std::min(left, kReadSize));
      if (size == 0) break;
      left -= size;
    }
  }
}

/// Returns how much was read; nothing at the pipe's end or when it is empty.
std::size_t ContainerLog::read_once(Pipe& pipe, std::size_t limit) {
  std::array<char, kReadSize> buffer;
  const ssize_t count = ::read(pipe.fd.get(), buffer.data(), limit);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (count <= 0) {
    end(pipe);
    return 0;
  }
  encode(pipe, std::string_view(buffer.data(), static_cast<std::size_t>(count)));
  return static_cast<std::size_t>(count);
}

void ContainerLog::encode(Pipe& pipe, std::string_view bytes) {
  const WallTime now = loop_.now().wall;
  std::string entries;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(kSlice, bytes.size()))) {
    pipe.encoder.feed(bytes.substr(0, kSlice), now, entries);
    if (entries.size() < kWriteSize) continue;
    file_->write(entries);
    entries.clear();
  }
  file_->write(entries);
}

void ContainerLog::end(Pipe& pipe) {
  share_.forget(&pipe);
  pipe.poll.reset();
  pipe.fd.reset();
  std::string entries;
  pipe.encoder.finish(loop_.now().wall, entries);
  file_->write(entries);
}

}  // namespace podvisor
