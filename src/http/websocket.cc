#include "http/websocket.h"

#include <utility>

#include "http/sha1.h"
#include "podvisor/base64.h"

namespace podvisor::websocket {
namespace {

constexpr unsigned kFinal = 0x80, kReserved = 0x70, kOpcode = 0x0F;
constexpr unsigned kMasked = 0x80, kLength = 0x7F;
constexpr unsigned kLength16 = 126, kLength64 = 127;
constexpr std::size_t kMaxControl = 125;

unsigned byte(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) number = number << 8U | byte(bytes, i);
  return number;
}

void put(std::uint64_t number, int bytes, std::string& out) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(number >> shift & 0xFFU);
}

void apply_mask(std::uint32_t mask, std::string& text, std::size_t from) {
  for (std::size_t i = from; i < text.size(); ++i)
    text[i] = static_cast<char>(byte(text, i) ^ (mask >> (24 - 8 * ((i - from) % 4)) & 0xFFU));
}

bool is_known(Opcode opcode) {
  return opcode <= Opcode::Binary || (opcode >= Opcode::Close && opcode <= Opcode::Pong);
}
bool is_control(Opcode opcode) { return opcode >= Opcode::Close; }

}  // namespace

std::string accept_key(std::string_view key) {
  return encode_base64(sha1(std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
}

std::string frame(Opcode opcode, std::string_view payload, std::optional<std::uint32_t> mask) {
  std::string out;
  out.reserve(payload.size() + 14);
  out += static_cast<char>(kFinal | static_cast<unsigned>(opcode));
  const unsigned masked = mask ? kMasked : 0;
  const std::size_t size = payload.size();
  const unsigned length = size <= kMaxControl ? static_cast<unsigned>(size)
                          : size <= 0xFFFF    ? kLength16
                                              : kLength64;
  out += static_cast<char>(masked | length);
  if (length == kLength16) put(size, 2, out);
  if (length == kLength64) put(size, 8, out);
  if (mask) put(*mask, 4, out);
  const std::size_t head = out.size();
  out += payload;
  if (mask) apply_mask(*mask, out, head);
  return out;
}

std::string close_frame(std::uint16_t code, std::optional<std::uint32_t> mask) {
  std::string payload;
  put(code, 2, payload);
  return frame(Opcode::Close, payload, mask);
}

void Reader::feed(std::string_view bytes) {
  if (error_) return;
  buffer_.erase(0, std::exchange(taken_, 0));
  buffer_ += bytes;
}

std::optional<Message> Reader::next() {
  while (const auto head = read_head()) {
    if (!is_allowed(*head)) return std::nullopt;
    if (buffer_.size() - taken_ < head->size + head->length) return std::nullopt;
    if (auto message = add(*head, take_payload(*head))) return message;
  }
  return std::nullopt;
}

std::optional<Reader::Head> Reader::read_head() {
  const std::string_view bytes = std::string_view(buffer_).substr(taken_);
  if (error_ || bytes.size() < 2) return std::nullopt;
  Head head;
  const bool masked = (byte(bytes, 1) & kMasked) != 0;
  head.final = (byte(bytes, 0) & kFinal) != 0;
  head.opcode = static_cast<Opcode>(byte(bytes, 0) & kOpcode);
  head.length = byte(bytes, 1) & kLength;
  const std::size_t longer = head.length == kLength16 ? 2 : head.length == kLength64 ? 8 : 0;
  head.size = 2 + longer + (masked ? 4 : 0);
  if ((byte(bytes, 0) & kReserved) != 0 || !is_known(head.opcode) ||
      masked != (peer_ == Role::Client)) {
    error_ = kProtocolError;
    return std::nullopt;
  }
  if (bytes.size() < head.size) return std::nullopt;
  if (longer != 0) head.length = big_endian(bytes.substr(2, longer));
  if (masked) head.mask = static_cast<std::uint32_t>(big_endian(bytes.substr(2 + longer, 4)));
  return head;
}

bool Reader::is_allowed(const Head& head) {
  if (is_control(head.opcode)) {
    if (!head.final || head.length > kMaxControl) error_ = kProtocolError;
    return !error_;
  }
  const std::size_t before = begun_ ? begun_->payload.size() : 0;
  if ((head.opcode == Opcode::Continuation) != begun_.has_value())
    error_ = kProtocolError;
  else if (head.length > max_message_ - before)
    error_ = kTooBig;
  return !error_;
}

std::string Reader::take_payload(const Head& head) {
  std::string payload = buffer_.substr(taken_ + head.size, head.length);
  taken_ += head.size + head.length;
  if (peer_ == Role::Client) apply_mask(head.mask, payload, 0);
  return payload;
}

/// Control frames may come between those of one message.
std::optional<Message> Reader::add(const Head& head, std::string payload) {
  if (is_control(head.opcode)) return Message{head.opcode, std::move(payload)};
  if (!begun_) {
    begun_ = Message{head.opcode, std::move(payload)};
  } else {
    begun_->payload += payload;
  }
  if (!head.final) return std::nullopt;
  return std::exchange(begun_, std::nullopt);
}

}  // namespace podvisor::websocket
