#include "cli/columns.h"

#include <algorithm>

namespace podvisor::cli {
namespace {

std::size_t code_points(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return (byte & '\xC0') != '\x80'; }));
}

void trim_right(std::string& text) { text.erase(text.find_last_not_of(' ') + 1); }

}  // namespace

/// Gives every run of lines within [first, last) that have a cell in `column` its width there, and
/// the runs within that run theirs in the columns to the right.
void Columns::widen(std::size_t first, std::size_t last, std::size_t column) {
  const auto has_cell = [&](std::size_t line) { return lines_[line].size() > column + 1; };
  for (std::size_t line = first; line < last; ++line) {
    if (!has_cell(line)) continue;
    const std::size_t run_first = line;
    std::size_t width = std::max(min_width_, column < kept_.size() ? kept_[column] : 0);
    for (; line < last && has_cell(line); ++line)
      width = std::max(width, code_points(lines_[line][column]) + padding_);
    for (std::size_t i = run_first; i < line; ++i) widths_[i].push_back(width);
    widen(run_first, line, column + 1);
  }
}

std::string Columns::print() {
  std::string text;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    std::string printed;
    for (std::size_t column = 0; column < lines_[i].size(); ++column) {
      const std::string& cell = lines_[i][column];
      printed += cell;
      if (column < widths_[i].size()) printed.append(widths_[i][column] - code_points(cell), ' ');
    }
    trim_right(printed);
    text += printed + '\n';
  }
  lines_.clear();
  return text;
}

std::string Columns::flush() {
  widths_.assign(lines_.size(), {});
  widen(0, lines_.size(), 0);
  return print();
}

std::string Columns::flush_keeping_widths() {
  widths_.assign(lines_.size(), {});
  widen(0, lines_.size(), 0);
  for (const auto& widths : widths_) {
    kept_.resize(std::max(kept_.size(), widths.size()));
    for (std::size_t column = 0; column < widths.size(); ++column)
      kept_[column] = std::max(kept_[column], widths[column]);
  }
  return print();
}

}  // namespace podvisor::cli
