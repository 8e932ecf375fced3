// Where one HTTP/1.1 message ends and the next begins. Bytes are looked at, never changed or kept.
//
// The grammar is Boost.Beast's parser: CRLF and nothing else ends a line, a length and a chunked
// body exclude each other, chunk extensions are parsed. What it lets pass and two readers could
// read differently is refused here (strict_head.h). Pure: no I/O, no clock.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace podvisor::door {

enum class FramingError : std::uint8_t {
  None,
  Malformed,
  HeadTooLarge,
  UnknownTransferCoding,  ///< a request's that is not exactly "chunked"
  Version,
  Truncated,  ///< the peer closed within the message
};
[[nodiscard]] const char* to_string(FramingError error);

/// A line of the head, with its CRLF, as a place in it.
struct HeadLine {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// What is wanted of a head, request's and response's alike.
struct Head {
  std::size_t size = 0;  ///< bytes, with the empty line
  int status = 0;        ///< of a response
  bool http10 = false;
  bool keep_alive = false;  ///< as its sender says, by version and Connection
  bool upgrade = false;     ///< Upgrade and Connection: upgrade
  bool has_body = false;
  bool chunked = false;
  bool until_close = false;     ///< of a response: its body ends with the connection
  bool head_method = false;     ///< HEAD
  bool connect_method = false;  ///< CONNECT
  bool idempotent = false;      ///< by RFC 9110: GET, HEAD, OPTIONS, TRACE, PUT, DELETE
  bool has_host = false;
  /// Connection and Keep-Alive lines that say nothing but close or keep-alive: this hop's affair.
  std::vector<HeadLine> hop_lines;
};

/// One message after the other from one peer. Feed it what follows what it has consumed; while the
/// head is not complete, what was consumed must stay where it is, contiguous with what comes.
class Framing {
 public:
  enum class Kind : std::uint8_t { Request, Response };
  explicit Framing(Kind kind);
  ~Framing();
  Framing(Framing&&) noexcept;
  Framing& operator=(Framing&&) noexcept;

  /// Begins a new message. `head_request`: of a response, that it answers HEAD.
  void start(std::size_t max_head, bool head_request = false);
  /// How many of the bytes belong to this message, as far as could be told. Stops at the end of the
  /// head, and at the end of the message.
  [[nodiscard]] std::size_t feed(std::string_view bytes);
  /// Of a body with a length, how much is still to come; else 0.
  [[nodiscard]] std::uint64_t body_left() const;
  /// So much of it has passed elsewhere, unseen.
  void pass_body(std::size_t size);
  /// The peer has closed its side.
  void feed_end();

  [[nodiscard]] FramingError error() const { return error_; }
  [[nodiscard]] bool head_done() const { return head_done_; }
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] const Head& head() const { return head_; }  ///< once head_done()

 private:
  class Parser;
  template <bool is_request>
  class BeastParser;

  [[nodiscard]] std::size_t feed_head(std::string_view bytes);
  [[nodiscard]] std::size_t feed_body(std::string_view bytes);
  [[nodiscard]] std::size_t feed_chunk_data(std::string_view bytes);
  [[nodiscard]] std::size_t feed_chunk_end(std::string_view bytes);
  [[nodiscard]] std::size_t feed_chunk_line(std::string_view bytes);
  /// False: refused.
  [[nodiscard]] bool put(std::string_view bytes, std::size_t& used);
  [[nodiscard]] std::size_t fail(FramingError error);
  void finish_head(std::string_view head);

  Kind kind_;
  std::unique_ptr<Parser> parser_;
  std::size_t max_head_ = 0;
  std::size_t head_seen_ = 0;
  bool head_done_ = false;
  bool done_ = false;
  FramingError error_ = FramingError::None;
  Head head_;
  std::string chunk_line_;      ///< whole lines that the parser has yet to make sense of
  bool chunk_end_due_ = false;  ///< the line end behind a chunk's data
};

}  // namespace podvisor::door
