#include "http/stream.h"

#include <algorithm>
#include <utility>

namespace podvisor {

HttpStream::HttpStream(std::string head, std::size_t max_pending)
    : buffer_(std::move(head)), max_pending_(max_pending + buffer_.size()) {}

void HttpStream::write(std::string_view data) {
  if (ended_ || data.empty()) return;
  if (pending() > max_pending_) {
    ended_ = aborted_ = true;
    buffer_ = {};
    taken_ = 0;
    if (carrier_) carrier_->abort();
    return;
  }
  if (taken_ == buffer_.size()) {
    buffer_.clear();
    taken_ = 0;
  }
  buffer_ += data;
  if (carrier_) carrier_->wake();
}

void HttpStream::end() {
  if (std::exchange(ended_, true)) return;
  if (carrier_) carrier_->wake();
}

HttpStream::Taken HttpStream::take(char* to, std::size_t size, std::size_t& count) {
  if (pending() == 0 && !ended_ && on_drain_) on_drain_();
  if (aborted_) return Taken::Aborted;
  if (pending() == 0) return ended_ ? Taken::End : Taken::NothingYet;
  count = std::min(size, pending());
  std::copy_n(buffer_.data() + taken_, count, to);
  taken_ += count;
  // Bounds what a reader that is always a little behind makes the buffer grow to.
  if (taken_ > buffer_.size() / 2) {
    buffer_.erase(0, taken_);
    taken_ = 0;
  }
  return Taken::Some;
}

void HttpStream::close() {
  ended_ = true;
  carrier_ = nullptr;
  // Moved out first: they may hold the last references to their owner, and so to this stream.
  const auto closed = std::exchange(on_close_, nullptr);
  const auto drained = std::exchange(on_drain_, nullptr);
  buffer_ = {};
  taken_ = 0;
  if (closed) closed();
}

}  // namespace podvisor
