#include "manifest/quantity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace podvisor::manifest {
namespace {

constexpr Int128 kNano = 1'000'000'000;
constexpr Int128 kMaxInt64 = std::numeric_limits<std::int64_t>::max();
/// More significant digits than anybody writes; the product with Ei still fits.
constexpr std::size_t kMaxDigits = 19;

struct Suffix {
  const char* text;
  int power;
};
constexpr std::array kDecimal = {Suffix{"E", 18}, Suffix{"P", 15}, Suffix{"T", 12}, Suffix{"G", 9},
                                 Suffix{"M", 6},  Suffix{"k", 3},  Suffix{"", 0},   Suffix{"m", -3},
                                 Suffix{"u", -6}, Suffix{"n", -9}};
constexpr std::array kBinary = {Suffix{"Ei", 60}, Suffix{"Pi", 50}, Suffix{"Ti", 40},
                                Suffix{"Gi", 30}, Suffix{"Mi", 20}, Suffix{"Ki", 10}};

/// digits * 10^power, digits without leading zeros.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t power = 0;
};

struct Scale {
  int ten = 0;
  int two = 0;
  Quantity::Family family = Quantity::Family::Decimal;
};

std::string_view take_digits(std::string_view& text) {
  const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

std::optional<Decimal> take_decimal(std::string_view& text) {
  Decimal decimal;
  decimal.negative = text.starts_with('-');
  if (decimal.negative || text.starts_with('+')) text.remove_prefix(1);
  std::string digits(take_digits(text));
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const std::string_view fraction = take_digits(text);
    decimal.power = -static_cast<std::int64_t>(fraction.size());
    digits += fraction;
  }
  if (digits.empty()) return std::nullopt;
  decimal.digits = digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
  return decimal;
}

std::optional<Scale> parse_exponent(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  Scale scale{0, 0, Quantity::Family::Exponent};
  const char* end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, scale.ten);
  if (text.empty() || error != std::errc{} || parsed != end) return std::nullopt;
  scale.ten = std::clamp(scale.ten, -1000, 1000);
  return scale;
}

std::optional<Scale> parse_suffix(std::string_view text) {
  for (const Suffix& suffix : kDecimal) {
    if (text == suffix.text) return Scale{suffix.power, 0, Quantity::Family::Decimal};
  }
  for (const Suffix& suffix : kBinary) {
    if (text == suffix.text) return Scale{0, suffix.power, Quantity::Family::Binary};
  }
  if (text.starts_with('e') || text.starts_with('E')) return parse_exponent(text.substr(1));
  return std::nullopt;
}

/// Drops digits that cannot matter; true when one of them was not zero.
bool drop_surplus_digits(Decimal& decimal) {
  bool inexact = false;
  while (decimal.digits.size() > kMaxDigits && decimal.power < 0) {
    inexact = inexact || decimal.digits.back() != '0';
    decimal.digits.pop_back();
    ++decimal.power;
  }
  return inexact;
}

std::optional<Int128> multiply(Int128 magnitude, std::int64_t power, Int128 base) {
  for (; power > 0 && magnitude != 0; --power) {
    if (__builtin_mul_overflow(magnitude, base, &magnitude)) return std::nullopt;
  }
  return magnitude;
}

/// magnitude / 10^power, away from zero.
Int128 divide(Int128 magnitude, std::int64_t power, bool inexact) {
  for (; power > 0 && magnitude != 0; --power) {
    inexact = inexact || magnitude % 10 != 0;
    magnitude /= 10;
  }
  return inexact ? magnitude + 1 : magnitude;
}

/// The absolute value in nanos; nothing when it does not fit.
std::optional<Int128> magnitude_of(Decimal decimal, const Scale& scale) {
  const bool inexact = drop_surplus_digits(decimal);
  if (decimal.digits.size() > 28) return std::nullopt;
  Int128 magnitude = 0;
  for (const char digit : decimal.digits) magnitude = magnitude * 10 + (digit - '0');
  auto scaled = multiply(magnitude, scale.two, 2);
  const std::int64_t power = decimal.power + scale.ten + 9;
  if (scaled) scaled = multiply(*scaled, power, 10);
  return scaled ? std::optional(divide(*scaled, -power, inexact)) : std::nullopt;
}

Int128 power_of(Int128 base, int power) {
  Int128 result = 1;
  for (int i = 0; i < power; ++i) result *= base;
  return result;
}

std::string digits_of(Int128 number) {
  const bool negative = number < 0;
  std::string digits;
  do {
    const auto digit = static_cast<int>(number % 10);
    digits += static_cast<char>('0' + (digit < 0 ? -digit : digit));
    number /= 10;
  } while (number != 0);
  if (negative) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string decimal_text(const Quantity& quantity) {
  for (const Suffix& suffix : kDecimal) {
    const Int128 unit = power_of(10, suffix.power + 9);
    if (quantity.nanos % unit != 0) continue;
    const std::string digits = digits_of(quantity.nanos / unit);
    if (quantity.family != Quantity::Family::Exponent || suffix.power == 0) {
      return digits + suffix.text;
    }
    return digits + "e" + std::to_string(suffix.power);
  }
  return digits_of(quantity.nanos) + "n";
}

std::int64_t ceil_div(Int128 number, Int128 unit) {
  Int128 quotient = number / unit;
  if (number > 0 && number % unit != 0) ++quotient;
  return static_cast<std::int64_t>(std::clamp(quotient, -kMaxInt64, kMaxInt64));
}

}  // namespace

std::optional<Quantity> parse_quantity(std::string_view text) {
  const auto decimal = take_decimal(text);
  const auto scale = decimal ? parse_suffix(text) : std::nullopt;
  if (!scale) return std::nullopt;
  auto magnitude = magnitude_of(*decimal, *scale);
  if (scale->family == Quantity::Family::Binary) {
    magnitude = std::min(magnitude.value_or(kMaxInt64 * kNano), kMaxInt64 * kNano);
  }
  if (!magnitude) return std::nullopt;
  return Quantity{decimal->negative ? -*magnitude : *magnitude, scale->family};
}

std::string to_string(const Quantity& quantity) {
  if (quantity.nanos == 0) return "0";
  const Int128 limit = 1024 * kNano;
  const bool small = quantity.nanos < limit && quantity.nanos > -limit;
  if (quantity.family != Quantity::Family::Binary) return decimal_text(quantity);
  if (small || quantity.nanos % kNano != 0) {
    return decimal_text({quantity.nanos, Quantity::Family::Decimal});
  }
  const Int128 whole = quantity.nanos / kNano;
  for (const Suffix& suffix : kBinary) {
    const Int128 unit = power_of(2, suffix.power);
    if (whole % unit == 0) return digits_of(whole / unit) + suffix.text;
  }
  return digits_of(whole);
}

std::int64_t value(const Quantity& quantity) { return ceil_div(quantity.nanos, kNano); }

std::int64_t milli_value(const Quantity& quantity) {
  return ceil_div(quantity.nanos, kNano / 1000);
}

Quantity round_up_to_milli(Quantity quantity) {
  const Int128 unit = kNano / 1000;
  const Int128 rest = quantity.nanos % unit;
  if (rest > 0) quantity.nanos += unit - rest;
  if (rest < 0) quantity.nanos -= unit + rest;
  return quantity;
}

}  // namespace podvisor::manifest
