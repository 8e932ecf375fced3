#include "runtime/logs/container_log.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "log/logger.h"

namespace podvisor {
namespace {

/// Read in one callback, so that a container that never stops writing cannot starve the loop.
constexpr std::size_t kReadSize = 16 * 1024;
/// Encoded at a time: empty lines grow by forty times.
constexpr std::size_t kSlice = 4 * 1024;
constexpr std::size_t kWriteSize = 64 * 1024;

Result<Fd> open_log(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error) return errno_error("making the directory of the log " + path, error.value());
  constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  Fd file(::open(path.c_str(), kFlags | O_CLOEXEC, 0640));
  if (!file) return errno_error("opening the log " + path, errno);
  struct stat facts {};
  if (fstat(file.get(), &facts) < 0) return errno_error("opening the log " + path, errno);
  if (!S_ISREG(facts.st_mode)) return make_error("the log " + path + " is not a regular file");
  return file;
}

/// How much of it was written; errno says why not all.
std::size_t write_all(int fd, std::string_view bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count = ::write(fd, bytes.data() + written, bytes.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    written += static_cast<std::size_t>(count);
  }
  return written;
}

/// Where the entry that `position` cuts ends, or `position` if it cuts none.
std::size_t entry_end(std::string_view entries, std::size_t position) {
  if (position == 0 || entries[position - 1] == '\n') return position;
  return entries.find('\n', position) + 1;
}

}  // namespace

Result<std::unique_ptr<ContainerLog>> ContainerLog::open(Loop& loop, const std::string& path,
                                                         Fd stdout_pipe, Fd stderr_pipe) {
  auto file = open_log(path);
  if (!file) return tl::unexpected(file.error());
  std::unique_ptr<ContainerLog> log(new ContainerLog(loop, path, std::move(*file)));
  try {
    log->watch(log->stdout_, std::move(stdout_pipe));
    log->watch(log->stderr_, std::move(stderr_pipe));
  } catch (const std::runtime_error& error) {
    return make_error("reading a container's output into " + path + ": " + error.what());
  }
  return log;
}

ContainerLog::ContainerLog(Loop& loop, std::string path, Fd file)
    : loop_(loop), path_(std::move(path)), file_(std::move(file)) {}

ContainerLog::~ContainerLog() {
  end(stdout_);
  end(stderr_);
}

void ContainerLog::watch(Pipe& pipe, Fd fd) {
  pipe.fd = std::move(fd);
  pipe.poll = std::make_unique<Poll>(loop_, pipe.fd.get(),
                                     [this, &pipe](int, int) { read_once(pipe, kReadSize); });
  pipe.poll->start(UV_READABLE);
}

void ContainerLog::drain() {
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
    write_entries(entries);
    entries.clear();
  }
  write_entries(entries);
}

void ContainerLog::end(Pipe& pipe) {
  pipe.poll.reset();
  pipe.fd.reset();
  std::string entries;
  pipe.encoder.finish(loop_.now().wall, entries);
  write_entries(entries);
}

/// A container must never wait for our disk to have room again: what cannot be written is dropped,
/// in whole entries.
void ContainerLog::write_entries(std::string_view entries) {
  if (entries.empty()) return;
  const std::size_t pieced = write_all(file_.get(), cut_entry_);
  cut_entry_.erase(0, pieced);
  const std::size_t written = cut_entry_.empty() ? write_all(file_.get(), entries) : 0;
  if (written == entries.size()) {
    report_recovery();
    return;
  }
  const int error_number = errno;
  const std::size_t end = entry_end(entries, written);
  cut_entry_.append(entries.substr(written, end - written));
  report_failure(error_number, entries.size() - end);
}

void ContainerLog::report_failure(int error_number, std::size_t dropped) {
  if (!std::exchange(failing_, true)) {
    log_error("a container's log cannot be written; its output is dropped until it can",
              {{"file", path_}, {"error", errno_error("write", error_number).value().message}});
  }
  dropped_bytes_ += dropped;
}

void ContainerLog::report_recovery() {
  if (!std::exchange(failing_, false)) return;
  log_warning("a container's log can be written again",
              {{"file", path_}, {"dropped_bytes", dropped_bytes_}});
  dropped_bytes_ = 0;
}

}  // namespace podvisor
