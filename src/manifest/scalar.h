// What a YAML scalar is, by the rules of the reader that Kubernetes uses (YAML 1.1 words included),
// so that a manifest means the same here and there.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "manifest/yaml_tree.h"

namespace podvisor::manifest {

/// true, yes, on, … ; nothing for any other text.
[[nodiscard]] std::optional<bool> parse_boolean(std::string_view text);
/// Decimal, 0x, 0o, 0b, or octal with a leading 0; nothing when it is none or beyond 64 bits.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);
/// A plain decimal fraction, optionally with a signed exponent.
[[nodiscard]] bool is_float(std::string_view text);
/// Would a plain scalar with this text be anything but a string?
[[nodiscard]] bool is_typed(std::string_view text);

/// The node as JSON, its scalars typed by the look of them: for what no table describes.
[[nodiscard]] nlohmann::json untyped_json(const Node& node);

/// A value as a message shows it: strings in quotes, control characters escaped, cut when long.
[[nodiscard]] std::string show(const nlohmann::json& value);
[[nodiscard]] std::string show(const Node& node);

}  // namespace podvisor::manifest
