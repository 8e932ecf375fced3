// Any value of anything that is written down: every member of it, by the list of its fields.
#pragma once

#include <random>

#include "state/codec.h"

namespace podvisor::state {

class RandomValue {
 public:
  explicit RandomValue(unsigned seed) : random_(seed) {}

  template <typename T>
  T make() {
    T value{};
    fill(value);
    return value;
  }

  template <typename T>
  void fill(T& value) {
    if constexpr (Fielded<T>)
      fields(value, [&](const char*, auto& member) { fill(member); });
    else if constexpr (std::is_enum_v<T>)
      value = static_cast<T>(pick(static_cast<int>(last(T{})) + 1));
    else if constexpr (std::same_as<T, bool>)
      value = pick(2) == 1;
    else if constexpr (std::is_integral_v<T>)
      value = static_cast<T>(pick(1'000'000));
    else if constexpr (std::same_as<T, std::string>)
      value = text();
    else if constexpr (Time<T>)
      value = T(Duration(1 + pick(1'000'000'000)));
    else
      fill_composed(value);
  }

  int pick(int bound) { return std::uniform_int_distribution(0, bound - 1)(random_); }

 private:
  std::string text() {
    static const char* const kParts[] = {"",   "a",        "\"", "\\",
                                         "\n", "\xc3\xa9", "{",  std::data("\x01")};
    std::string made;
    for (int i = pick(5); i > 0; --i) made += kParts[pick(8)];
    return made;
  }
  template <typename Rep, typename Period>
  void fill_composed(std::chrono::duration<Rep, Period>& value) {
    using Span = std::chrono::duration<Rep, Period>;
    value = pick(10) == 0 ? Span::max() : Span(pick(1'000'000));
  }
  template <typename T>
  void fill_composed(std::optional<T>& value) {
    if (pick(3) > 0) fill(value.emplace());
  }
  template <typename T>
  void fill_composed(std::vector<T>& values) {
    values.resize(static_cast<std::size_t>(pick(4)));
    for (T& value : values) fill(value);
  }
  template <typename T, std::size_t N>
  void fill_composed(std::array<T, N>& values) {
    for (T& value : values) fill(value);
  }
  template <typename T>
  void fill_composed(std::map<std::string, T>& values) {
    for (int i = pick(4); i > 0; --i) fill(values[text()]);
  }
  template <typename... T>
  void fill_composed(std::variant<T...>& value) {
    emplace(value, static_cast<std::size_t>(pick(sizeof...(T))), std::index_sequence_for<T...>());
  }
  template <typename Variant, std::size_t... I>
  void emplace(Variant& value, std::size_t index, std::index_sequence<I...>) {
    ((index == I ? fill(value.template emplace<I>()) : void()), ...);
  }

  std::mt19937 random_;
};

/// Member by member, by the same lists.
template <typename T>
bool same(const T& a, const T& b) {
  return encode(a) == encode(b);
}

}  // namespace podvisor::state
