#include "door/buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace podvisor::door {

BufferPool::Block BufferPool::take() {
  if (free_.empty()) return Block(new char[kBlock]);  // not zeroed: untouched pages cost nothing
  Block block = std::move(free_.back());
  free_.pop_back();
  return block;
}

void BufferPool::give(Block block) {
  if (free_.size() < kKept) free_.push_back(std::move(block));
}

Buffer::Buffer(Buffer&& other) noexcept
    : pool_(other.pool_),
      block_(std::move(other.block_)),
      begin_(std::exchange(other.begin_, 0)),
      end_(std::exchange(other.end_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  if (this == &other) return *this;
  clear();
  pool_ = other.pool_;
  block_ = std::move(other.block_);
  begin_ = std::exchange(other.begin_, 0);
  end_ = std::exchange(other.end_, 0);
  return *this;
}

std::span<char> Buffer::room() {
  if (!block_) block_ = pool_->take();
  if (begin_ > 0 && end_ == BufferPool::kBlock) {
    std::memmove(block_.get(), block_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  return {block_.get() + end_, BufferPool::kBlock - end_};
}

void Buffer::consume(std::size_t size) {
  begin_ += size;
  if (begin_ == end_) clear();
}

void Buffer::append(std::string_view bytes) {
  const std::span<char> to = room();
  const std::size_t size = std::min(bytes.size(), to.size());
  std::memcpy(to.data(), bytes.data(), size);
  commit(size);
}

void Buffer::clear() {
  if (block_) pool_->give(std::move(block_));
  begin_ = end_ = 0;
}

}  // namespace podvisor::door
