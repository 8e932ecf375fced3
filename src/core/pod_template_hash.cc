#include "podvisor/pod_template_hash.h"

#include <cstdint>

namespace podvisor {
namespace {

constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";  // apimachinery's
constexpr std::size_t kSuffix = 5;
constexpr std::size_t kLongestBase = 63 - kSuffix;

template <typename Number>
Number fnv1a(std::string_view text, Number hash, Number prime) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * prime;
  return hash;
}

}  // namespace

std::string pod_template_hash(std::string_view text) {
  std::string digits = std::to_string(fnv1a<std::uint32_t>(text, 2166136261U, 16777619U));
  for (char& digit : digits)  // SafeEncodeString
    digit = kLetters[static_cast<unsigned char>(digit) % kLetters.size()];
  return digits;
}

std::string replica_name(const std::string& revision_name, std::string_view seed) {
  auto number = fnv1a<std::uint64_t>(seed, 14695981039346656037U, 1099511628211U);
  std::string name = (revision_name + "-").substr(0, kLongestBase);
  for (std::size_t i = 0; i < kSuffix; ++i, number /= kLetters.size())
    name += kLetters[number % kLetters.size()];
  return name;
}

}  // namespace podvisor
