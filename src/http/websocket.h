// WebSocket (RFC 6455), as far as two ends that know each other's limits need it: the handshake's
// proof, messages to frames and back. No extensions. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace podvisor::websocket {

enum class Opcode : std::uint8_t {
  Continuation = 0,
  Text = 1,
  Binary = 2,
  Close = 8,
  Ping = 9,
  Pong = 10,
};

/// Who speaks: what a client sends is masked, what a server sends is not, and the other way round
/// is an error.
enum class Role : std::uint8_t { Client, Server };

/// Codes of a Close.
inline constexpr std::uint16_t kNormalClosure = 1000;
inline constexpr std::uint16_t kGoingAway = 1001;
inline constexpr std::uint16_t kProtocolError = 1002;
inline constexpr std::uint16_t kTooBig = 1009;

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
[[nodiscard]] std::string accept_key(std::string_view key);

/// One whole message (or control frame) in one frame. `mask`: a client's, any number.
[[nodiscard]] std::string frame(Opcode opcode, std::string_view payload,
                                std::optional<std::uint32_t> mask = std::nullopt);
/// A Close frame.
[[nodiscard]] std::string close_frame(std::uint16_t code,
                                      std::optional<std::uint32_t> mask = std::nullopt);

struct Message {
  Opcode opcode = Opcode::Binary;  ///< never Continuation
  std::string payload;
};

/// Puts messages together from bytes as they come.
class Reader {
 public:
  /// `peer` is whose frames these are.
  explicit Reader(Role peer, std::size_t max_message = std::size_t{1} << 20)
      : peer_(peer), max_message_(max_message) {}

  void feed(std::string_view bytes);
  /// The next whole message; nothing: more bytes are needed, or the peer is in error().
  [[nodiscard]] std::optional<Message> next();
  /// The Close code that the peer's mistake deserves. Nothing comes after it.
  [[nodiscard]] std::optional<std::uint16_t> error() const { return error_; }

 private:
  struct Head {
    bool final = false;
    Opcode opcode = Opcode::Binary;
    std::uint64_t length = 0;
    std::size_t size = 0;  ///< of the head itself, mask included
    std::uint32_t mask = 0;
  };
  /// Nothing: not whole yet, or an error.
  [[nodiscard]] std::optional<Head> read_head();
  [[nodiscard]] bool is_allowed(const Head& head);
  [[nodiscard]] std::string take_payload(const Head& head);
  [[nodiscard]] std::optional<Message> add(const Head& head, std::string payload);

  Role peer_;
  std::size_t max_message_;
  std::string buffer_;
  std::size_t taken_ = 0;         ///< of buffer_
  std::optional<Message> begun_;  ///< of several frames
  std::optional<std::uint16_t> error_;
};

}  // namespace podvisor::websocket
