#include "runtime/logs/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "log/logger.h"

namespace podvisor {
namespace {

/// Whoever follows the log opens each file of it in between.
constexpr Duration kBetweenRotations = std::chrono::milliseconds(100);
constexpr Duration kAfterFailure = std::chrono::seconds(10);

struct OpenedLog {
  Fd file;
  std::int64_t size = 0;
};

Result<OpenedLog> open_log(const std::string& path) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  Fd file(::open(path.c_str(), kFlags | O_CLOEXEC, 0640));
  if (!file) return errno_error("opening the log " + path, errno);
  struct stat facts {};
  if (fstat(file.get(), &facts) < 0) return errno_error("opening the log " + path, errno);
  if (!S_ISREG(facts.st_mode)) return make_error("the log " + path + " is not a regular file");
  return OpenedLog{std::move(file), facts.st_size};
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

Result<std::unique_ptr<LogFile>> LogFile::open(Loop& loop, const std::string& path,
                                               LogRotation rotation) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error) return errno_error("making the directory of the log " + path, error.value());
  auto opened = open_log(path);
  if (!opened) return tl::unexpected(opened.error());
  return std::unique_ptr<LogFile>(
      new LogFile(loop, path, std::move(opened->file), opened->size, rotation));
}

LogFile::LogFile(Loop& loop, std::string path, Fd file, std::int64_t size, LogRotation rotation)
    : loop_(loop),
      path_(std::move(path)),
      file_(std::move(file)),
      size_(size),
      rotation_(rotation) {}

LogFile::~LogFile() {
  if (!tidying_) return;
  tidying_->cancelled = true;
  tidying_->abandoned = true;
}

void LogFile::write(std::string_view entries) {
  if (entries.empty()) return;
  const std::size_t pieced = write_all(file_.get(), cut_entry_);
  cut_entry_.erase(0, pieced);
  const std::size_t written = cut_entry_.empty() ? write_all(file_.get(), entries) : 0;
  const int error_number = errno;
  size_ += static_cast<std::int64_t>(pieced + written);
  if (written == entries.size()) return report_recovery();
  const std::size_t end = entry_end(entries, written);
  cut_entry_.append(entries.substr(written, end - written));
  report_failure(error_number, entries.size() - end);
}

/// First of all it is rotated, so that it grows no further however long the rest takes.
void LogFile::rotate_if_due() {
  if (rotation_.max_size < 0 || size_ < rotation_.max_size) return;
  const TimePoint now = loop_.now().monotonic;
  if (now < rotate_not_before_) return;
  const Status rotated = rotate();
  rotate_not_before_ = now + (rotated ? kBetweenRotations : kAfterFailure);
  if (rotated) return tidy();
  log_warning("a container's log grows beyond its size, for it cannot be rotated",
              {{"file", path_}, {"error", rotated.error().message}});
}

/// One at a time. What is being compressed when there is another file may be too much by now.
void LogFile::tidy() {
  if (tidying_) {
    tidying_->cancelled = true;
    return;
  }
  tidying_ = std::make_shared<Tidying>();
  run_blocking(
      loop_,
      [path = path_, max_files = rotation_.max_files, tidying = tidying_] {
        tidying->result = tidy_rotated(path, max_files, tidying->cancelled);
      },
      [this, tidying = tidying_] {
        if (!tidying->abandoned) on_tidied(*tidying);  // else this is no more
      });
}

void LogFile::on_tidied(const Tidying& tidied) {
  tidying_.reset();
  if (tidied.cancelled) return tidy();
  const bool failed = !tidied.result;
  if (failed && !untidy_)
    log_warning("a container's old logs cannot be removed or compressed",
                {{"file", path_}, {"error", tidied.result.error().message}});
  untidy_ = failed;
}

/// An entry that was written in part stays where its beginning is.
Status LogFile::rotate() {
  if (!cut_entry_.empty()) return make_error("its disk is full");
  const std::string rotated = rotated_name(path_, loop_.now().wall, is_rotated_name_taken);
  if (is_rotated_name_taken(rotated)) return make_error(rotated + " is there already");
  if (std::rename(path_.c_str(), rotated.c_str()) != 0)
    return errno_error("renaming it to " + rotated, errno);
  auto opened = open_log(path_);
  if (!opened) {
    std::rename(rotated.c_str(), path_.c_str());
    return tl::unexpected(opened.error());
  }
  file_ = std::move(opened->file);
  size_ = opened->size;
  return {};
}

void LogFile::report_failure(int error_number, std::size_t dropped) {
  if (!std::exchange(failing_, true)) {
    log_error("a container's log cannot be written; its output is dropped until it can",
              {{"file", path_}, {"error", errno_error("write", error_number).value().message}});
  }
  dropped_bytes_ += dropped;
}

void LogFile::report_recovery() {
  if (!std::exchange(failing_, false)) return;
  log_warning("a container's log can be written again",
              {{"file", path_}, {"dropped_bytes", dropped_bytes_}});
  dropped_bytes_ = 0;
}

}  // namespace podvisor
