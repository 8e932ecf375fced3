// An answer that goes on: a watch, a followed log. Between the producer, which writes when it has
// something, and the connection, which takes when the reader has room. Loop thread only.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace podvisor {

class HttpStream {
 public:
  /// What carries the stream to its reader.
  class Carrier {
   public:
    virtual ~Carrier() = default;
    virtual void wake() = 0;   ///< there is something to take
    virtual void abort() = 0;  ///< cut the connection; close() follows, later
  };

  HttpStream(std::string head, std::size_t max_pending);
  HttpStream(const HttpStream&) = delete;
  HttpStream& operator=(const HttpStream&) = delete;

  // The producer's side.
  /// Never blocks. A reader who has already fallen more than max_pending behind is cut off instead.
  /// Does nothing once the stream has ended.
  void write(std::string_view data);
  /// Nothing follows what was written.
  void end();
  /// Called exactly once, when the connection is done with the stream, whoever ended it.
  void on_close(std::function<void()> callback) { on_close_ = std::move(callback); }
  /// Called whenever everything written has been taken: the moment for a producer that has more
  /// than fits to write the next piece.
  void on_drain(std::function<void()> callback) { on_drain_ = std::move(callback); }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] std::size_t pending() const { return buffer_.size() - taken_; }

  // The carrier's side.
  enum class Taken { Some, NothingYet, End, Aborted };
  /// Moves up to `size` bytes to `to`; `count` is how many when Some.
  [[nodiscard]] Taken take(char* to, std::size_t size, std::size_t& count);
  void attach(Carrier* carrier) { carrier_ = carrier; }
  /// Detaches the carrier and tells the producer.
  void close();

 private:
  std::string buffer_;
  std::size_t taken_ = 0;  ///< of buffer_
  std::size_t max_pending_;
  Carrier* carrier_ = nullptr;
  bool ended_ = false;
  bool aborted_ = false;
  std::function<void()> on_close_;
  std::function<void()> on_drain_;
};

}  // namespace podvisor
