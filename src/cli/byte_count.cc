#include "cli/byte_count.h"

#include <array>
#include <cstdio>

namespace podvisor::cli {

std::string byte_count(std::int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g%s", value, kUnits.at(unit));
  return text.data();
}

}  // namespace podvisor::cli
