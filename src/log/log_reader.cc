#include "log/log_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "log/log_seek.h"

namespace podvisor {
namespace {

constexpr std::size_t kBlock = 32 * 1024;

Result<std::int64_t> first_offset(int fd, const LogQuery& query) {
  if (query.tail_lines) return tail_offset(fd, *query.tail_lines);
  if (query.since) return since_offset(fd, *query.since);
  return 0;
}

}  // namespace

Result<Fd> open_log_file(const std::string& path) {
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  if (!file) return errno_error("opening the log " + path, errno);
  struct stat facts {};
  if (fstat(file.get(), &facts) < 0) return errno_error("opening the log " + path, errno);
  if (!S_ISREG(facts.st_mode)) return make_error("the log " + path + " is not a regular file");
  return file;
}

Result<LogReader> LogReader::open(const std::string& path, const LogQuery& query) {
  auto file = open_log_file(path);
  if (!file) return tl::unexpected(file.error());
  return open(std::move(*file), path, query);
}

Result<LogReader> LogReader::open(Fd file, const std::string& path, const LogQuery& query) {
  const auto offset = first_offset(file.get(), query);
  if (!offset) return with_context(path, offset.error());
  LogReader reader(std::move(file), path, query);
  reader.offset_ = *offset;
  struct stat facts {};
  if (query.as_it_is && fstat(reader.file_.get(), &facts) == 0) reader.end_ = facts.st_size;
  return reader;
}

void LogReader::continue_in(Fd file) {
  file_ = std::move(file);
  offset_ = 0;
  block_.clear();
  position_ = 0;
  at_ = At::Header;
}

LogReader::LogReader(Fd file, std::string path, const LogQuery& query)
    : file_(std::move(file)),
      path_(std::move(path)),
      timestamps_(query.timestamps),
      since_(query.since),
      limit_(query.limit_bytes.value_or(-1)) {}

Result<std::string> LogReader::read_some(std::size_t max_bytes) {
  const std::size_t room =
      limit_ < 0 ? max_bytes : std::min(max_bytes, static_cast<std::size_t>(limit_));
  std::string out;
  while (out.size() < room && !at_end()) {
    const bool advanced = at_ == At::Header    ? take_header()
                          : at_ == At::Content ? take_content(out, room)
                                               : skip_line();
    if (advanced) continue;
    const auto filled = fill();
    if (!filled) return tl::unexpected(filled.error());
    if (!*filled) break;
  }
  if (limit_ > 0) limit_ -= static_cast<std::int64_t>(out.size());
  return out;
}

bool LogReader::at_end() const {
  const auto unread_bytes = static_cast<std::int64_t>(block_.size() - position_);
  return at_ == At::Header && end_ && offset_ - unread_bytes >= *end_;
}

/// Reads on; false at the file's end.
Result<bool> LogReader::fill() {
  block_.erase(0, position_);
  position_ = 0;
  const std::size_t kept = block_.size();
  block_.resize(kept + kBlock);
  ssize_t count = 0;
  do {
    count = pread(file_.get(), block_.data() + kept, kBlock, offset_);
  } while (count < 0 && errno == EINTR);
  const int error_number = errno;
  block_.resize(kept + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  if (count < 0) return errno_error("reading the log " + path_, error_number);
  offset_ += count;
  return count > 0;
}

/// These three return false when they need more of the file than is in the block.
bool LogReader::take_header() {
  const std::string_view rest = unread();
  const std::size_t newline = rest.substr(0, kMaxCriHeader).find('\n');
  const auto header = parse_cri_header(rest.substr(0, newline));
  if (!header && newline == std::string_view::npos && rest.size() < kMaxCriHeader) return false;
  const auto time = header && since_ ? parse_cri_time(header->time) : std::nullopt;
  if (!header || (since_ && (!time || *time < *since_))) {
    at_ = At::Skipped;
    return true;
  }
  if (timestamps_ && line_begins_) prefix_ = std::string(header->time) + " ";
  full_ = header->full;
  position_ += header->size;
  at_ = At::Content;
  return true;
}

bool LogReader::take_content(std::string& out, std::size_t room) {
  const std::size_t prefix = std::min(prefix_.size(), room - out.size());
  out.append(prefix_, 0, prefix);
  prefix_.erase(0, prefix);
  const std::string_view rest = unread();
  const std::size_t newline = rest.find('\n');
  const std::size_t size = std::min({newline, rest.size(), room - out.size()});
  out.append(rest.substr(0, size));
  position_ += size;
  if (size != newline) return out.size() == room;
  if (full_ && out.size() == room) return true;  // the newline comes with the next call
  if (full_) out.push_back('\n');
  ++position_;
  line_begins_ = full_;
  at_ = At::Header;
  return true;
}

bool LogReader::skip_line() {
  const std::size_t newline = unread().find('\n');
  position_ = newline == std::string_view::npos ? block_.size() : position_ + newline + 1;
  if (newline == std::string_view::npos) return false;
  at_ = At::Header;
  return true;
}

}  // namespace podvisor
