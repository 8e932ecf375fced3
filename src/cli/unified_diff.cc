#include "cli/unified_diff.h"

#include <algorithm>
#include <vector>

namespace podvisor::cli {
namespace {

constexpr std::size_t kContext = 3;

using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text) {
  Lines lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

struct Edit {
  char kind;                  ///< ' ', '-' or '+'
  std::size_t before, after;  ///< index of the line, or of the next one
};

/// Lengths of the longest common subsequences of what follows each pair of lines. Quadratic:
/// manifests have hundreds of lines, not millions.
std::vector<std::vector<std::size_t>> common_after(const Lines& a, const Lines& b) {
  std::vector<std::vector<std::size_t>> common(a.size() + 1,
                                               std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = a.size(); i-- > 0;)
    for (std::size_t j = b.size(); j-- > 0;)
      common[i][j] =
          a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
  return common;
}

std::vector<Edit> edits_between(const Lines& a, const Lines& b) {
  const auto common = common_after(a, b);
  std::vector<Edit> edits;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j])
      edits.push_back({' ', i++, j++});
    else if (i < a.size() && (j == b.size() || common[i + 1][j] >= common[i][j + 1]))
      edits.push_back({'-', i++, j});
    else
      edits.push_back({'+', i, j++});
  }
  return edits;
}

/// "12,3", from 1; what has no line at all stands at the line before.
std::string range(std::size_t first, std::size_t count) {
  return std::to_string(count == 0 ? first : first + 1) +
         (count == 1 ? "" : "," + std::to_string(count));
}

std::string hunk(const std::vector<Edit>& edits, std::size_t from, std::size_t to, const Lines& a,
                 const Lines& b) {
  std::string text;
  std::size_t before = 0;
  std::size_t after = 0;
  for (std::size_t k = from; k < to; ++k) {
    const Edit& edit = edits[k];
    before += edit.kind != '+' ? 1U : 0U;
    after += edit.kind != '-' ? 1U : 0U;
    text += edit.kind + (edit.kind == '+' ? b[edit.after] : a[edit.before]) + "\n";
  }
  return "@@ -" + range(edits[from].before, before) + " +" + range(edits[from].after, after) +
         " @@\n" + text;
}

}  // namespace

std::string unified_diff(const std::string& before_name, const std::string& before,
                         const std::string& after_name, const std::string& after) {
  const Lines a = lines_of(before);
  const Lines b = lines_of(after);
  const std::vector<Edit> edits = edits_between(a, b);
  std::string text;
  for (std::size_t k = 0; k < edits.size();) {
    if (edits[k].kind == ' ') {
      ++k;
      continue;
    }
    std::size_t last = k;  // of the changes that are near enough to share a hunk
    for (std::size_t n = k; n < edits.size() && n <= last + 2 * kContext + 1; ++n)
      if (edits[n].kind != ' ') last = n;
    const std::size_t to = std::min(last + kContext + 1, edits.size());
    text += hunk(edits, k - std::min(k, kContext), to, a, b);
    k = to;
  }
  if (text.empty()) return text;
  return "--- " + before_name + "\n+++ " + after_name + "\n" + text;
}

}  // namespace podvisor::cli
