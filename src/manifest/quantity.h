// resource.Quantity, exact (kubernetes-semantics QTY).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace podvisor::manifest {

__extension__ using Int128 = __int128;

struct Quantity {
  enum class Family : std::uint8_t { Decimal, Binary, Exponent };
  Int128 nanos = 0;  ///< thousand-millionths: nothing finer is kept (QTY-4)
  Family family = Family::Decimal;
};

/// What parse_quantity takes, for messages.
inline constexpr const char* kQuantityForm =
    "must be a quantity: a number with an optional suffix, such as 500m, 1.5, 128Mi or 2G "
    "(n u m k M G T P E, Ki Mi Gi Ti Pi Ei, or e3)";

/// Nothing when it is not one (QTY-1, 2, 3, 9), or beyond 10^28.
[[nodiscard]] std::optional<Quantity> parse_quantity(std::string_view text);
[[nodiscard]] std::string to_string(const Quantity& quantity);  ///< canonical (QTY-7)

/// Rounded up (QTY-6), and held within 64 bits.
[[nodiscard]] std::int64_t value(const Quantity& quantity);
[[nodiscard]] std::int64_t milli_value(const Quantity& quantity);

/// To a multiple of 0.001, upwards (DEF-3).
[[nodiscard]] Quantity round_up_to_milli(Quantity quantity);

}  // namespace podvisor::manifest
