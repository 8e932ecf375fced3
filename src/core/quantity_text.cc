#include "podvisor/quantity_text.h"

#include <array>
#include <string_view>

namespace podvisor {
namespace {

using Suffixes = std::array<std::string_view, 7>;

std::string scaled(std::int64_t number, std::int64_t base, const Suffixes& suffixes) {
  std::size_t power = 0;
  for (; number != 0 && number % base == 0 && power + 1 < suffixes.size(); ++power) number /= base;
  return std::to_string(number) + std::string(suffixes[power]);
}

}  // namespace

std::string quantity_text(std::int64_t bytes) {
  const std::string binary = scaled(bytes, 1024, {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"});
  const std::string decimal = scaled(bytes, 1000, {"", "k", "M", "G", "T", "P", "E"});
  return decimal.size() < binary.size() ? decimal : binary;
}

}  // namespace podvisor
