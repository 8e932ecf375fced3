// YAML text as a plain tree with marks. The only user of yaml-cpp, whose exceptions end here.
//
// yaml-cpp's own nodes are not used: they forget which scalars were quoted in aliases, keep only
// the last of two equal keys' marks apart by luck, and follow aliases without a bound. The tree is
// built from the parser's events instead, with bounds on depth, on nodes and on bytes after
// aliases.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/manifest.h"

namespace podvisor::manifest {

struct Entry;

struct Node {
  enum class Kind : std::uint8_t { Null, Scalar, Sequence, Map };
  Kind kind = Kind::Null;
  bool quoted = false;  ///< a scalar in quotes, a block scalar, or tagged !!str: always a string
  int line = 0;         ///< 1-based
  int column = 0;
  std::string text;            ///< Scalar
  std::vector<Node> items;     ///< Sequence
  std::vector<Entry> entries;  ///< Map, in the order of the text, doubled keys included
};

struct Entry {
  std::string key;
  int line = 0;
  int column = 0;
  Node value;
};

/// Bounds of one text; kMaxNodes and kMaxBytes count what aliases repeat as often as they do.
inline constexpr int kMaxDepth = 100;
inline constexpr std::size_t kMaxNodes = 400'000;
inline constexpr std::size_t kMaxBytes = 2 * kMaxManifestBytes;

struct Tree {
  std::vector<Node> documents;  ///< without the empty ones
  std::vector<Diagnostic> diagnostics;
};

/// Documents before the first syntax error are still returned. `text` is valid UTF-8.
[[nodiscard]] Tree parse_tree(std::string_view text, const std::string& file);

/// The value of the first entry of that name in a map; nothing otherwise.
[[nodiscard]] const Node* find(const Node& map, std::string_view key);
/// The text of a scalar entry; empty when there is none.
[[nodiscard]] std::string text_of(const Node& map, std::string_view key);

}  // namespace podvisor::manifest
