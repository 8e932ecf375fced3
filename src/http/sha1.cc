#include "http/sha1.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace podvisor {
namespace {

using Words = std::array<std::uint32_t, 5>;

constexpr std::size_t kBlock = 64;

std::string padded(std::string_view data) {
  std::string text(data);
  text += '\x80';
  while (text.size() % kBlock != kBlock - 8) text += '\0';
  const std::uint64_t bits = std::uint64_t{data.size()} * 8;
  for (int shift = 56; shift >= 0; shift -= 8) text += static_cast<char>(bits >> shift & 0xFFU);
  return text;
}

/// The first 16 are the block's own.
std::array<std::uint32_t, 80> schedule(std::string_view block) {
  std::array<std::uint32_t, 80> words{};
  for (std::size_t i = 0; i < kBlock; ++i)
    words[i / 4] = words[i / 4] << 8U | static_cast<unsigned char>(block[i]);
  for (std::size_t i = 16; i < words.size(); ++i)
    words[i] = std::rotl(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  return words;
}

std::uint32_t mixed(std::size_t round, const Words& w) {
  if (round < 20) return ((w[1] & w[2]) | (~w[1] & w[3])) + 0x5A827999U;
  if (round < 40) return (w[1] ^ w[2] ^ w[3]) + 0x6ED9EBA1U;
  if (round < 60) return ((w[1] & w[2]) | (w[1] & w[3]) | (w[2] & w[3])) + 0x8F1BBCDCU;
  return (w[1] ^ w[2] ^ w[3]) + 0xCA62C1D6U;
}

void add_block(Words& state, std::string_view block) {
  const auto words = schedule(block);
  Words w = state;
  for (std::size_t round = 0; round < words.size(); ++round) {
    const std::uint32_t next = std::rotl(w[0], 5) + mixed(round, w) + w[4] + words[round];
    w = {next, w[0], std::rotl(w[1], 30), w[2], w[3]};
  }
  for (std::size_t i = 0; i < state.size(); ++i) state[i] += w[i];
}

}  // namespace

std::string sha1(std::string_view data) {
  Words state{0x67452301U, 0xEFCDAB89U, 0x98BADCFEU, 0x10325476U, 0xC3D2E1F0U};
  const std::string text = padded(data);
  for (std::size_t at = 0; at < text.size(); at += kBlock)
    add_block(state, std::string_view(text).substr(at, kBlock));
  std::string digest;
  for (const std::uint32_t word : state)
    for (int shift = 24; shift >= 0; shift -= 8) digest += static_cast<char>(word >> shift & 0xFFU);
  return digest;
}

}  // namespace podvisor
