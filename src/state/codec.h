// Values to JSON and back, by the lists of fields.h. What is read is checked for its type and,
// where that would be beyond sense or could overflow, for its range; anything else is one error
// that names the member.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "state/fields.h"

namespace podvisor::state {

using Json = nlohmann::json;

template <typename T>
concept Time = std::same_as<T, TimePoint> || std::same_as<T, WallTime>;

template <typename T>
Json encode(const T& value);

namespace codec {

template <typename T>
Json encode(const std::optional<T>& value) {
  return value ? state::encode(*value) : Json();
}
template <typename T>
Json encode(const std::vector<T>& values) {
  Json array = Json::array();
  for (const T& value : values) array.push_back(state::encode(value));
  return array;
}
template <typename T, std::size_t N>
Json encode(const std::array<T, N>& values) {
  Json array = Json::array();
  for (const T& value : values) array.push_back(state::encode(value));
  return array;
}
template <typename T>
Json encode(const std::map<std::string, T>& values) {
  Json object = Json::object();
  for (const auto& [key, value] : values) object[key] = state::encode(value);
  return object;
}
template <typename... T>
Json encode(const std::variant<T...>& value) {
  Json encoded = std::visit([](const auto& one) { return state::encode(one); }, value);
  return Json::array({value.index(), std::move(encoded)});
}
template <typename Rep, typename Period>
Json encode(const std::chrono::duration<Rep, Period>& value) {
  return value.count();
}

}  // namespace codec

template <typename T>
Json encode(const T& value) {
  if constexpr (Fielded<const T>) {
    Json object = Json::object();
    fields(value, [&](const char* name, const auto& member) { object[name] = encode(member); });
    return object;
  } else if constexpr (std::is_enum_v<T>) {
    return static_cast<int>(value);
  } else if constexpr (Time<T>) {
    return value.time_since_epoch().count();
  } else if constexpr (std::is_arithmetic_v<T> || std::same_as<T, std::string>) {
    return value;
  } else {
    return codec::encode(value);
  }
}

class Decoder {
 public:
  /// `shift`: what is added to every TimePoint, as it was written by the clock of another boot.
  explicit Decoder(Duration shift) : shift_(shift) {}

  /// False: it cannot be, and error() says where.
  template <typename T>
  bool read(const Json& json, T& value) {
    if constexpr (Fielded<T>)
      return read_fields(json, value);
    else if constexpr (std::is_enum_v<T>)
      return read_enum(json, value);
    else if constexpr (Time<T>)
      return read_time(json, value);
    else if constexpr (std::same_as<T, bool>)
      return json.is_boolean() ? (value = json.get<bool>(), true) : refuse();
    else if constexpr (std::is_integral_v<T>)
      return read_number(json, value);
    else if constexpr (std::same_as<T, std::string>)
      return json.is_string() ? (value = json.get<std::string>(), true) : refuse();
    else
      return read_composed(json, value);
  }
  /// "containers.0.probes.1.run"
  [[nodiscard]] std::string error() const;

 private:
  static constexpr std::int64_t kMost = std::int64_t{1} << 60;  // 36 years, in nanoseconds
  static constexpr std::size_t kMostElements = 10'000;

  bool refuse() { return false; }
  bool at(std::string place) {
    error_.push_back(std::move(place));
    return false;
  }

  template <typename T>
  bool read_fields(const Json& json, T& value) {
    if (!json.is_object()) return refuse();
    bool fine = true;
    fields(value, [&](const char* name, auto& member) {
      const auto found = json.find(name);
      if (fine && found != json.end() && !read(*found, member)) fine = at(name);
    });
    return fine;
  }
  template <typename T>
  bool read_number(const Json& json, T& value) {
    if (!json.is_number_integer()) return refuse();
    if (json.is_number_unsigned()) {
      const auto number = json.get<std::uint64_t>();
      return std::in_range<T>(number) ? (value = static_cast<T>(number), true) : refuse();
    }
    const auto number = json.get<std::int64_t>();
    return std::in_range<T>(number) ? (value = static_cast<T>(number), true) : refuse();
  }
  template <typename T>
  bool read_enum(const Json& json, T& value) {
    int number = 0;
    if (!read_number(json, number) || number < 0 || number > static_cast<int>(last(T{})))
      return refuse();
    value = static_cast<T>(number);
    return true;
  }
  bool read_count(const Json& json, std::int64_t& count, std::int64_t most) {
    return read_number(json, count) && count >= -most && count <= most;
  }
  template <typename T>
  bool read_time(const Json& json, T& value) {
    std::int64_t count = 0;
    const std::int64_t most = std::same_as<T, WallTime> ? 4 * kMost : kMost;  // until 2116
    if (!read_count(json, count, most)) return refuse();
    value = T(Duration(count));
    if constexpr (std::same_as<T, TimePoint>) {
      if (value != TimePoint{}) value += shift_;  // that is: at no time
    }
    return true;
  }
  template <typename Rep, typename Period>
  bool read_composed(const Json& json, std::chrono::duration<Rep, Period>& value) {
    std::int64_t count = 0;
    using Span = std::chrono::duration<Rep, Period>;
    const std::int64_t most = std::chrono::floor<Span>(Duration(kMost)).count();
    if (!read_number(json, count)) return refuse();
    // Duration::max() says "as long as it takes".
    if (count != Span::max().count() && (count < -most || count > most)) return refuse();
    value = Span(count);
    return true;
  }
  template <typename T>
  bool read_composed(const Json& json, std::optional<T>& value) {
    value.reset();
    return json.is_null() || read(json, value.emplace());
  }
  template <typename T>
  bool read_composed(const Json& json, std::vector<T>& values) {
    if (!json.is_array() || json.size() > kMostElements) return refuse();
    values.assign(json.size(), T{});
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!read(json[i], values[i])) return at(std::to_string(i));
    return true;
  }
  template <typename T, std::size_t N>
  bool read_composed(const Json& json, std::array<T, N>& values) {
    if (!json.is_array() || json.size() != N) return refuse();
    for (std::size_t i = 0; i < N; ++i)
      if (!read(json[i], values[i])) return at(std::to_string(i));
    return true;
  }
  template <typename T>
  bool read_composed(const Json& json, std::map<std::string, T>& values) {
    if (!json.is_object() || json.size() > kMostElements) return refuse();
    values.clear();
    for (const auto& [key, element] : json.items())
      if (!read(element, values[key])) return at(key);
    return true;
  }
  template <typename... T>
  bool read_composed(const Json& json, std::variant<T...>& value) {
    std::size_t index = 0;
    if (!json.is_array() || json.size() != 2 || !read_number(json[0], index)) return refuse();
    return read_alternative(json[1], value, index, std::index_sequence_for<T...>());
  }
  template <typename Variant, std::size_t... I>
  bool read_alternative(const Json& json, Variant& value, std::size_t index,
                        std::index_sequence<I...>) {
    return ((index == I && read(json, value.template emplace<I>())) || ...);
  }

  Duration shift_;
  std::vector<std::string> error_;  ///< innermost first
};

}  // namespace podvisor::state
