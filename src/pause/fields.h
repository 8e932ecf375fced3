// A message's fields, and values of them: bounded reads, false when they are not what they should
// be.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "pause/protocol.h"

namespace podvisor::pause {

template <typename Byte>
struct Field {
  Tag tag{};
  std::span<Byte> data;
};

template <typename Number>
bool read_number(std::span<const char> data, std::int64_t low, std::int64_t high, Number& out) {
  std::int64_t value = 0;
  if (data.size() != sizeof value) return false;
  std::memcpy(&value, data.data(), sizeof value);
  if (value < low || value > high) return false;
  out = static_cast<Number>(value);
  return true;
}

inline bool read_flag(std::span<const char> data, bool& out) {
  return read_number(data, 0, 1, out);
}

/// All of `data` as one string.
inline bool read_string(std::span<char> data, const char*& out) {
  if (data.empty() || std::memchr(data.data(), '\0', data.size()) != &data.back()) return false;
  out = data.data();
  return true;
}

/// What a field may lead to: descriptors that came with the message, room for pointers.
struct Source {
  std::span<const int> descriptors;
  std::span<char*> arena;
};

[[nodiscard]] bool read_spawn(const Field<char>& field, Source& source, SpawnView& spawn);

}  // namespace podvisor::pause
