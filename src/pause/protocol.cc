#include "pause/protocol.h"

#include <climits>
#include <cstddef>
#include <cstring>
#include <new>

#include "pause/fields.h"

namespace podvisor::pause {
namespace {

constexpr std::uint32_t kMagic = 0x50445650;  // "PVDP"

struct Header {
  std::uint32_t magic;
  std::uint16_t version;
  std::uint16_t type;
  std::uint64_t size;  ///< of the whole message
  std::uint64_t id;
};

struct FieldHeader {
  std::uint16_t tag;
  std::uint16_t zero;
  std::uint32_t size;
};

template <typename Byte>
bool take_header(std::span<Byte>& message, Header& header) {
  if (message.size() < sizeof header || message.size() > kMaxMessage) return false;
  std::memcpy(&header, message.data(), sizeof header);
  if (header.magic != kMagic || header.size != message.size()) return false;
  message = message.subspan(sizeof header);
  return header.version == kFormatVersion;
}

template <typename Byte>
bool take_field(std::span<Byte>& rest, Field<Byte>& field) {
  FieldHeader header;
  if (rest.size() < sizeof header) return false;
  std::memcpy(&header, rest.data(), sizeof header);
  rest = rest.subspan(sizeof header);
  if (header.zero != 0 || header.size > rest.size()) return false;
  field = {static_cast<Tag>(header.tag), rest.first(header.size)};
  rest = rest.subspan(header.size);
  return true;
}

bool read_request(const Field<char>& field, Source& source, Request& request) {
  switch (request.type) {
    case Type::Hello:
      return field.tag == Tag::Version && read_number(field.data, 1, UINT16_MAX, request.version);
    case Type::Signal:
      return field.tag == Tag::SignalNumber && read_number(field.data, 1, 64, request.signal);
    case Type::Adopt:
      if (field.tag == Tag::Keep) return read_spawn(field, source, request.spawn);
      return field.tag == Tag::Pid && read_number(field.data, 1, INT_MAX, request.pid);
    case Type::Spawn:
      return read_spawn(field, source, request.spawn);
    default:
      return false;
  }
}

bool complete(const Request& request) {
  switch (request.type) {
    case Type::Hello:
      return request.version != 0;
    case Type::Signal:
      return request.signal != 0;
    case Type::Adopt:
      return request.pid != 0;
    case Type::Spawn:
      return request.spawn.argv != nullptr && request.spawn.env != nullptr;
    default:
      return request.type == Type::Ack || request.type == Type::Shutdown;
  }
}

bool read_reply(const Field<const char>& field, Reply& reply) {
  switch (field.tag) {
    case Tag::Version:
      return read_number(field.data, 1, UINT16_MAX, reply.version);
    case Tag::Pid:
      return read_number(field.data, 1, INT_MAX, reply.pid);
    case Tag::WaitStatus:
      return read_number(field.data, INT_MIN, INT_MAX, reply.wait_status);
    case Tag::FailedStep:
      return read_number(field.data, 0, UINT16_MAX, reply.step);
    case Tag::ErrorNumber:
      return read_number(field.data, 0, INT_MAX, reply.error_number);
    case Tag::FailedItem:
      return read_number(field.data, 0, UINT32_MAX, reply.item);
    case Tag::Children:
      return read_number(field.data, 0, UINT32_MAX, reply.children);
    default:
      return true;  // of a newer pause: a fact that this podvisor does not need
  }
}

}  // namespace

bool decode_request(std::span<char> message, std::span<const int> descriptors,
                    std::span<char*> arena, Request& request) {
  new (&request) Request;
  Header header;
  if (!take_header(message, header)) return false;
  request.type = static_cast<Type>(header.type);
  request.id = header.id;
  Source source{descriptors, arena};
  while (!message.empty()) {
    Field<char> field;
    if (!take_field(message, field) || !read_request(field, source, request)) return false;
  }
  return complete(request);
}

std::size_t encode_reply(const Reply& reply, std::span<char> out) {
  Writer writer(out, reply.type, reply.id);
  if (reply.version != 0) writer.number(Tag::Version, reply.version);
  if (reply.pid != 0) writer.number(Tag::Pid, reply.pid);
  if (reply.wait_status != 0) writer.number(Tag::WaitStatus, reply.wait_status);
  if (reply.step != Step::None) writer.number(Tag::FailedStep, static_cast<int>(reply.step));
  if (reply.error_number != 0) writer.number(Tag::ErrorNumber, reply.error_number);
  if (reply.item != 0) writer.number(Tag::FailedItem, reply.item);
  if (reply.children != 0) writer.number(Tag::Children, reply.children);
  return writer.finish();
}

bool decode_reply(std::span<const char> message, Reply& reply) {
  reply = Reply{};
  Header header;
  if (!take_header(message, header)) return false;
  reply.type = static_cast<Type>(header.type);
  reply.id = header.id;
  while (!message.empty()) {
    Field<const char> field;
    if (!take_field(message, field) || !read_reply(field, reply)) return false;
  }
  return reply.type >= Type::Welcome && reply.type <= Type::Exited;
}

Writer::Writer(std::span<char> out, Type type, std::uint64_t id) : out_(out) {
  const Header header{kMagic, kFormatVersion, static_cast<std::uint16_t>(type), 0, id};
  append(&header, sizeof header);
}

void Writer::bytes(Tag tag, const void* data, std::size_t size) {
  begin(tag, size);
  append(data, size);
}

void Writer::begin(Tag tag, std::size_t size) {
  const FieldHeader header{static_cast<std::uint16_t>(tag), 0, static_cast<std::uint32_t>(size)};
  append(&header, sizeof header);
}

void Writer::append(const void* data, std::size_t size) {
  if (size != 0 && size_ <= out_.size() && size <= out_.size() - size_)
    std::memcpy(out_.data() + size_, data, size);
  size_ += size;
}

std::size_t Writer::finish() {
  const std::uint64_t size = size_;
  if (size_ <= out_.size()) std::memcpy(out_.data() + offsetof(Header, size), &size, sizeof size);
  return size_;
}

}  // namespace podvisor::pause
