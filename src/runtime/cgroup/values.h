// Numbers as kernel files spell them. Pure; garbage is "no value", never an error.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace podvisor {

/// The whole text, apart from white space around it, as a number. "max" and everything else that
/// is not a number in the range of the type: nothing.
[[nodiscard]] std::optional<std::int64_t> parse_number(std::string_view text);
/// The number after `key` in lines of "KEY NUMBER", as in memory.events and memory.stat.
[[nodiscard]] std::optional<std::int64_t> find_value(std::string_view text, std::string_view key);
/// What white space separates.
[[nodiscard]] std::vector<std::string_view> words(std::string_view text);
/// True when `word` is one of the words of `text` that are separated by white space.
[[nodiscard]] bool has_word(std::string_view text, std::string_view word);

}  // namespace podvisor
