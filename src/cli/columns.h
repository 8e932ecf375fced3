// Text in columns, the way kubectl's tabwriter lays it out: the cells that stand under each other
// on consecutive lines share a width, and the last cell of a line has none.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace podvisor::cli {

/// Which columns a row of `get` has.
struct RowColumns {
  bool namespaces = false;
  bool wide = false;
  bool labels = false;  ///< --show-labels
};

class Columns {
 public:
  using Line = std::vector<std::string>;

  Columns(std::size_t min_width, std::size_t padding) : min_width_(min_width), padding_(padding) {}

  void add(Line cells) { lines_.push_back(std::move(cells)); }
  /// The lines added since the last flush, aligned among themselves. Ends a column.
  [[nodiscard]] std::string flush();
  /// The same, but no column is narrower than it was in an earlier flush (for watching).
  [[nodiscard]] std::string flush_keeping_widths();

 private:
  void widen(std::size_t first, std::size_t last, std::size_t column);
  [[nodiscard]] std::string print();

  std::size_t min_width_;
  std::size_t padding_;
  std::vector<Line> lines_;
  std::vector<std::vector<std::size_t>> widths_;  ///< by line, then column
  std::vector<std::size_t> kept_;
};

/// A list as `get` and `events` print it.
[[nodiscard]] inline Columns list_columns() { return {6, 3}; }
/// A block of `describe`.
[[nodiscard]] inline Columns detail_columns() { return {0, 2}; }

}  // namespace podvisor::cli
