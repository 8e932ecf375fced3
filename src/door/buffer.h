// Bytes on their way from one socket to another. The memory is a worker's and is lent only while
// there are bytes, so an idle connection holds none.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "door/pipe.h"

namespace podvisor::door {

/// Of one thread; outlives its buffers.
class BufferPool {
 public:
  static constexpr std::size_t kBlock = 64UL * 1024;
  static constexpr std::size_t kKept = 64;  ///< blocks that wait for their next use

  using Block = std::unique_ptr<char[]>;
  [[nodiscard]] Block take();
  void give(Block block);
  [[nodiscard]] PipePool& pipes() { return pipes_; }

 private:
  std::vector<Block> free_;
  PipePool pipes_;
};

class Buffer {
 public:
  explicit Buffer(BufferPool& pool) : pool_(&pool) {}
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { clear(); }

  [[nodiscard]] std::string_view view() const { return {block_.get() + begin_, end_ - begin_}; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  /// Where the next bytes go; empty when it is full. What is held may move, but stays in one piece.
  [[nodiscard]] std::span<char> room();
  void commit(std::size_t size) { end_ += size; }
  void consume(std::size_t size);
  void append(std::string_view bytes);  ///< as many as there is room for; checked by the caller
  void clear();
  /// Gives the memory back if there is nothing in it: after a receive that brought nothing.
  void release_if_empty() {
    if (empty()) clear();
  }

 private:
  BufferPool* pool_;
  BufferPool::Block block_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace podvisor::door
