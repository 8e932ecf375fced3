// What a container's log has taken out of its pipes and not written yet, in memory that pause keeps
// (a memfd): a podvisor that is killed loses no line of it, and the next one doubles none. Costs no
// system call, and as many pages of memory as have ever been used.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "log/cri_line.h"
#include "podvisor/fd.h"
#include "podvisor/result.h"
#include "podvisor/time.h"

namespace podvisor {

/// Of one stream. Each change counts from the one store that completes it.
class StreamCarry {
 public:
  void clear();
  static constexpr std::size_t kBlock = 16 * 1024;

  /// `size` bytes, which the pipe has, are taken next: all of them or none. They become entries of
  /// this time, behind this many bytes of the log.
  void will_take(std::size_t size, WallTime time, std::int64_t log_size);
  /// Where they are read into.
  [[nodiscard]] char* block() { return block_.data(); }
  /// So many have been: they are not in the pipe any more.
  void took(std::size_t size);
  /// They have been written; this is what came of a line so far.
  void wrote(std::string_view unfinished);

  /// What was taken and, as far as can be told from here, not written. Who is killed in a read()
  /// has read, and never learns of it: the block tells, for it was marked before.
  [[nodiscard]] std::string_view taken() const;
  [[nodiscard]] std::string_view unfinished() const;
  [[nodiscard]] WallTime time() const;
  [[nodiscard]] std::int64_t log_size() const { return log_size_; }

 private:
  // Sizes, and which of the lines counts, in one word: what is killed in between two stores leaves
  // all of it as it was.
  std::uint64_t state_;
  std::array<char, 8> mark_;  ///< random
  std::int64_t time_;         ///< nanoseconds
  std::int64_t log_size_;
  std::array<char, kBlock> block_;
  std::array<std::array<char, kMaxCriContent>, 2> lines_;
};

class LogCarry {
 public:
  /// A new, empty one.
  [[nodiscard]] static Result<std::unique_ptr<LogCarry>> make();
  /// As an earlier podvisor left it.
  [[nodiscard]] static Result<std::unique_ptr<LogCarry>> find(Fd memory);
  /// Whether it is such a memory.
  [[nodiscard]] static bool is_one(const Fd& fd);
  ~LogCarry();
  LogCarry(const LogCarry&) = delete;
  LogCarry& operator=(const LogCarry&) = delete;

  /// To be kept by pause; given away once.
  [[nodiscard]] Fd memory() { return std::move(memory_); }
  [[nodiscard]] StreamCarry& stream(LogStream stream) const;

 private:
  struct Content;
  LogCarry(Fd memory, Content* content) : memory_(std::move(memory)), content_(content) {}

  Fd memory_;
  Content* content_;  ///< mapped
};

}  // namespace podvisor
