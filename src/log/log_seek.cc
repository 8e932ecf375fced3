#include "log/log_seek.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>

#include "log/cri_line.h"

namespace podvisor {
namespace {

constexpr std::int64_t kSeekBlock = 64 * 1024;

Result<std::string> read_at(int fd, std::int64_t offset, std::int64_t size) {
  std::string block(static_cast<std::size_t>(size), '\0');
  std::size_t filled = 0;
  while (filled < block.size()) {
    const ssize_t count = pread(fd, block.data() + filled, block.size() - filled,
                                offset + static_cast<std::int64_t>(filled));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error("reading the log", errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  block.resize(filled);
  return block;
}

Result<std::int64_t> size_of(int fd) {
  struct stat facts {};
  if (fstat(fd, &facts) < 0) return errno_error("reading the log's size", errno);
  return facts.st_size;
}

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

/// Counts lines while it is shown entries from the last one backwards.
class TailCount {
 public:
  explicit TailCount(std::int64_t lines, std::int64_t end) : lines_(lines), start_(end) {}

  /// False when the entry belongs to a line too many.
  bool take(std::int64_t offset, std::string_view entry) {
    const auto header = parse_cri_header(entry);
    const bool ends_line = header && (header->full || count_ == 0);
    if (ends_line && count_ == lines_) return false;
    if (ends_line) ++count_;
    start_ = offset;
    return true;
  }
  [[nodiscard]] std::int64_t start() const { return start_; }

 private:
  std::int64_t lines_;
  std::int64_t count_ = 0;
  std::int64_t start_;
};

/// Shows `tail` the entries that begin right after a newline in [begin, end), the last one first.
bool take_block(TailCount& tail, std::string_view block, std::int64_t begin, std::int64_t end) {
  std::size_t newline = block.rfind('\n', static_cast<std::size_t>(end - begin - 1));
  for (; newline != std::string_view::npos; newline = block.rfind('\n', newline - 1)) {
    const std::string_view entry = block.substr(newline + 1);
    if (!entry.empty() &&
        !tail.take(begin + static_cast<std::int64_t>(newline) + 1, first_line(entry)))
      return false;
    if (newline == 0) break;
  }
  return true;
}

struct Entry {
  std::int64_t offset = 0;
  std::optional<WallTime> time;
};

/// The first CRI entry that begins in (after, after + kSeekBlock).
Result<std::optional<Entry>> entry_after(int fd, std::int64_t after) {
  const auto block = read_at(fd, after, kSeekBlock);
  if (!block) return tl::unexpected(block.error());
  std::string_view rest = *block;
  while (true) {
    const std::size_t newline = rest.find('\n');
    if (newline == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(newline + 1);
    const auto header = parse_cri_header(first_line(rest));
    const auto time = header ? parse_cri_time(header->time) : std::nullopt;
    if (time) return Entry{after + (rest.data() - block->data()), time};
  }
}

}  // namespace

Result<std::int64_t> tail_offset(int fd, std::int64_t lines) {
  const auto size = size_of(fd);
  if (!size || lines <= 0) return size;
  TailCount tail(lines, *size);
  for (std::int64_t end = *size; end > 0;) {
    const std::int64_t begin = std::max<std::int64_t>(0, end - kSeekBlock);
    // An entry that begins at the block's end has its header in the next one.
    const std::int64_t stop = std::min(*size, end + static_cast<std::int64_t>(kMaxCriHeader));
    const auto block = read_at(fd, begin, stop - begin);
    if (!block) return tl::unexpected(block.error());
    if (static_cast<std::int64_t>(block->size()) < end - begin) return *size;  // truncated
    if (!take_block(tail, *block, begin, end)) return tail.start();
    if (begin == 0) tail.take(0, first_line(*block));
    end = begin;
  }
  return tail.start();
}

Result<std::int64_t> since_offset(int fd, WallTime since) {
  const auto size = size_of(fd);
  if (!size) return size;
  std::int64_t low = 0;  // every entry before it is older
  std::int64_t high = *size;
  while (high - low > kSeekBlock) {
    const std::int64_t middle = low + (high - low) / 2;
    const auto entry = entry_after(fd, middle);
    if (!entry) return tl::unexpected(entry.error());
    if (!*entry || (*entry)->time >= since) {
      high = middle;
    } else {
      low = (*entry)->offset;
    }
  }
  return low;
}

}  // namespace podvisor
