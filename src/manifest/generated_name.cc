#include "manifest/generated_name.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace podvisor::manifest {
namespace {

/// Without vowels and what looks like them, so that no word comes of it.
constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
constexpr std::size_t kSuffixLength = 5;
constexpr std::size_t kMaxPrefix = 63 - kSuffixLength;

/// FNV-1a.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

bool is_unset(const Node* node) {
  return node == nullptr || node->kind == Node::Kind::Null ||
         (node->kind == Node::Kind::Scalar && node->text.empty());
}

}  // namespace

std::string generate_name(std::string_view prefix, std::string_view seed) {
  std::string name(prefix.substr(0, kMaxPrefix));
  std::uint64_t left = hash_of(seed);
  for (std::size_t i = 0; i < kSuffixLength; ++i, left /= kLetters.size())
    name += kLetters[left % kLetters.size()];
  return name;
}

bool GeneratedNames::wanted(const Node& document) {
  const Node* metadata = find(document, "metadata");
  return metadata != nullptr && is_unset(find(*metadata, "name")) &&
         !text_of(*metadata, "generateName").empty();
}

void GeneratedNames::name(Node& document) {
  Node& metadata = std::ranges::find(document.entries, "metadata", &Entry::key)->value;
  std::erase_if(metadata.entries, [](const Entry& entry) { return entry.key == "name"; });
  const Node& prefix = *find(metadata, "generateName");
  const std::string like =
      text_of(document, "kind") + '\n' + text_of(metadata, "namespace") + '\n' + prefix.text;
  const std::string seed = file_ + '\n' + like + '\n' + std::to_string(made_[like]++);

  Entry made{"name", prefix.line, prefix.column, prefix};
  made.value.text = generate_name(prefix.text, seed);
  made.value.quoted = true;
  metadata.entries.push_back(std::move(made));
}

}  // namespace podvisor::manifest
