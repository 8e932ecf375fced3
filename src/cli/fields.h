// Reading API objects without trusting their shape: what is missing or of another type reads as
// empty, so no printer can fail on an object. Paths are dotted: "status.phase".
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace podvisor::cli {

using Json = nlohmann::json;

/// The value at `path`, or null.
[[nodiscard]] const Json& field(const Json& object, std::string_view path);
[[nodiscard]] bool has(const Json& object, std::string_view path);
/// The string at `path` as it is: for comparing and for requests.
[[nodiscard]] std::string raw_text(const Json& object, std::string_view path);
/// The string, number or boolean at `path`, fit for a terminal.
[[nodiscard]] std::string text(const Json& object, std::string_view path);
[[nodiscard]] std::string text_or(const Json& object, std::string_view path,
                                  const std::string& fallback);
[[nodiscard]] std::int64_t number(const Json& object, std::string_view path);
[[nodiscard]] bool flag(const Json& object, std::string_view path);
/// The array at `path`, or an empty one.
[[nodiscard]] const Json& list(const Json& object, std::string_view path);
/// The element of the list at `path` whose "name" (or other `key`) is `name`, or null.
[[nodiscard]] const Json& find_named(const Json& object, std::string_view path,
                                     const std::string& name, std::string_view key = "name");

}  // namespace podvisor::cli
