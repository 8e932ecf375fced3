#include "runtime/logs/container_log.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
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

void encode_slices(CriEncoder& encoder, std::string_view bytes, WallTime now,
                   const std::function<void(std::string_view)>& write) {
  std::string entries;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(kSlice, bytes.size()))) {
    encoder.feed(bytes.substr(0, kSlice), now, entries);
    if (entries.size() < kWriteSize) continue;
    write(entries);
    entries.clear();
  }
  write(entries);
}

}  // namespace

Result<std::unique_ptr<ContainerLog>> ContainerLog::open(Loop& loop, LogShare& share,
                                                         const std::string& path, Fd stdout_pipe,
                                                         Fd stderr_pipe, LogRotation rotation,
                                                         std::unique_ptr<LogCarry> carry) {
  auto file = LogFile::open(loop, path, rotation);
  if (!file) return tl::unexpected(file.error());
  std::unique_ptr<ContainerLog> log(
      new ContainerLog(loop, share, std::move(*file), std::move(carry)));
  try {
    log->watch(log->stdout_, std::move(stdout_pipe));
    log->watch(log->stderr_, std::move(stderr_pipe));
  } catch (const std::runtime_error& error) {
    return make_error("reading a container's output into " + path + ": " + error.what());
  }
  return log;
}

ContainerLog::ContainerLog(Loop& loop, LogShare& share, std::unique_ptr<LogFile> file,
                           std::unique_ptr<LogCarry> carry)
    : loop_(loop), share_(share), file_(std::move(file)), carry_(std::move(carry)) {
  if (!carry_) return;
  stdout_.carry = &carry_->stream(LogStream::Stdout);
  stderr_.carry = &carry_->stream(LogStream::Stderr);
  for (Pipe* pipe : {&stdout_, &stderr_}) resume(*pipe);
}

/// What was taken out of the pipe becomes the very entries that it would have become, of which the
/// file may have the first already.
void ContainerLog::resume(Pipe& pipe) {
  StreamCarry& carry = *pipe.carry;
  pipe.encoder.resume(carry.unfinished());
  if (carry.taken().empty()) return;
  std::string entries;
  encode_slices(pipe.encoder, carry.taken(), carry.time(),
                [&](std::string_view some) { entries += some; });
  const std::int64_t written =
      std::clamp<std::int64_t>(file_->size() - carry.log_size(), 0, std::ssize(entries));
  file_->write(std::string_view(entries).substr(static_cast<std::size_t>(written)));
  carry.wrote(pipe.encoder.unfinished());
}

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

/// read() of no more than there is, so that it is known before how much it will be. Of an empty
/// pipe a byte is asked for, which may tell that it has ended.
ssize_t ContainerLog::take(Pipe& pipe, std::size_t limit, WallTime now) {
  int waiting = 0;
  if (::ioctl(pipe.fd.get(), FIONREAD, &waiting) < 0) waiting = 0;
  const std::size_t size = std::clamp<std::size_t>(static_cast<std::size_t>(waiting), 1, limit);
  pipe.carry->will_take(size, now, file_->size());
  const ssize_t count = ::read(pipe.fd.get(), pipe.carry->block(), size);
  const int error_number = errno;
  pipe.carry->took(count > 0 ? static_cast<std::size_t>(count) : 0);
  errno = error_number;
  return count;
}

/// Returns how much was read; nothing at the pipe's end or when it is empty.
std::size_t ContainerLog::read_once(Pipe& pipe, std::size_t limit) {
  file_->rotate_if_due();  // while all that was taken is written
  std::array<char, kReadSize> own;
  const WallTime now = loop_.now().wall;
  const ssize_t count =
      pipe.carry != nullptr ? take(pipe, limit, now) : ::read(pipe.fd.get(), own.data(), limit);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (count <= 0) {
    end(pipe);
    return 0;
  }
  const char* block = pipe.carry != nullptr ? pipe.carry->block() : own.data();
  encode_slices(pipe.encoder, {block, static_cast<std::size_t>(count)}, now,
                [&](std::string_view some) { file_->write(some); });
  if (pipe.carry != nullptr) pipe.carry->wrote(pipe.encoder.unfinished());
  return static_cast<std::size_t>(count);
}

void ContainerLog::end(Pipe& pipe) {
  share_.forget(&pipe);
  pipe.poll.reset();
  pipe.fd.reset();
  std::string entries;
  pipe.encoder.finish(loop_.now().wall, entries);
  file_->write(entries);
  if (pipe.carry != nullptr) pipe.carry->wrote(pipe.encoder.unfinished());
}

}  // namespace podvisor
