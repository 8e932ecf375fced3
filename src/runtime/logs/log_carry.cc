#include "runtime/logs/log_carry.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>

namespace podvisor {
namespace {

struct State {
  std::size_t expected = 0;  ///< a read() of so much was begun
  std::size_t taken = 0;
  std::size_t unfinished = 0;
  std::size_t line = 0;  ///< which of the two
};

constexpr unsigned kBits = 16;
constexpr std::uint64_t kMask = (1U << kBits) - 1;

std::uint64_t pack(const State& state) {
  std::uint64_t word = state.expected;
  for (const std::size_t part : {state.taken, state.unfinished, state.line})
    word = word << kBits | part;
  return word;
}

/// Whatever it says, nothing beyond what there is room for.
State unpack(std::uint64_t word) {
  const auto part = [word](unsigned place, std::size_t most) {
    return std::min<std::size_t>(word >> place * kBits & kMask, most);
  };
  return {part(3, StreamCarry::kBlock), part(2, StreamCarry::kBlock), part(1, kMaxCriContent),
          part(0, 1)};
}

/// Only the compiler could reorder what one thread stores: whoever reads comes after its death.
void complete(std::uint64_t& word, const State& state) {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  word = pack(state);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

}  // namespace

/// Its size is its version: another layout has another.
struct LogCarry::Content {
  StreamCarry out, err;
};

void StreamCarry::clear() {
  if (::getrandom(mark_.data(), mark_.size(), 0) < 0) mark_.fill('\0');  // then it may be unlucky
  complete(state_, {});
}

void StreamCarry::will_take(std::size_t size, WallTime time, std::int64_t log_size) {
  State state = unpack(state_);
  state.expected = size;
  time_ = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
  log_size_ = log_size;
  std::ranges::copy(mark_, block_.begin());
  complete(state_, state);
}

void StreamCarry::took(std::size_t size) {
  State state = unpack(state_);
  state.expected = 0;
  state.taken = size;
  complete(state_, state);
}

void StreamCarry::wrote(std::string_view unfinished) {
  const State before = unpack(state_);
  const State after{0, 0, unfinished.size(), 1 - before.line};
  std::ranges::copy(unfinished, lines_[after.line].begin());
  complete(state_, after);
}

std::string_view StreamCarry::taken() const {
  const State state = unpack(state_);
  if (state.taken != 0) return {block_.data(), state.taken};
  const std::string_view mark(mark_.data(), std::min(mark_.size(), state.expected));
  const std::string_view block(block_.data(), state.expected);
  return block.starts_with(mark) ? std::string_view() : block;
}

std::string_view StreamCarry::unfinished() const {
  const State state = unpack(state_);
  return {lines_[state.line].data(), state.unfinished};
}

WallTime StreamCarry::time() const {
  return WallTime(std::chrono::duration_cast<WallTime::duration>(std::chrono::nanoseconds(time_)));
}

Result<std::unique_ptr<LogCarry>> LogCarry::make() {
  Fd memory(::memfd_create("podvisor-log", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  // Nobody else gets it; but what can't shrink can't take the ground from under a mapping.
  if (!memory || ::ftruncate(memory.get(), sizeof(Content)) != 0 ||
      ::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0)
    return errno_error("cannot make memory for a container's log", errno);
  auto carry = find(std::move(memory));
  if (!carry) return carry;
  (*carry)->content_->out.clear();
  (*carry)->content_->err.clear();
  return carry;
}

bool LogCarry::is_one(const Fd& fd) {
  struct stat facts {};
  const int seals = ::fcntl(fd.get(), F_GET_SEALS);
  return seals >= 0 && (seals & F_SEAL_SHRINK) != 0 && ::fstat(fd.get(), &facts) == 0 &&
         facts.st_size == sizeof(Content);
}

Result<std::unique_ptr<LogCarry>> LogCarry::find(Fd memory) {
  void* mapped =
      ::mmap(nullptr, sizeof(Content), PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), 0);
  if (mapped == MAP_FAILED) return errno_error("cannot map memory of a container's log", errno);
  return std::unique_ptr<LogCarry>(new LogCarry(std::move(memory), static_cast<Content*>(mapped)));
}

LogCarry::~LogCarry() { ::munmap(content_, sizeof(Content)); }

StreamCarry& LogCarry::stream(LogStream stream) const {
  return stream == LogStream::Stdout ? content_->out : content_->err;
}

}  // namespace podvisor
