#include "cli/table.h"

#include <algorithm>
#include <numeric>

#include "base/assert.h"

namespace takt {
namespace {

constexpr std::size_t least_width = 8;  // below which no column shrinks

std::string padded(const Cell& cell, std::size_t width, bool right, bool last, const Look& look) {
  const std::string text = shortened(cell.text, width, look.unicode);
  const std::string space(width - std::min(width, display_width(text)), ' ');
  const std::string shown = toned(text, cell.tone, look);
  if (right) return space + shown;
  return last ? shown : shown + space;
}

}  // namespace

void Table::add(std::vector<Cell> row) {
  TAKT_ASSERT(row.size() == columns_.size());
  for (Cell& cell : row) cell.text = cell.text.empty() ? "-" : harmless(cell.text);
  rows_.push_back(std::move(row));
}

std::vector<std::size_t> Table::widths(const Look& look) const {
  std::vector<std::size_t> widths(columns_.size(), 1);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (look.legend) widths[i] = std::max(widths[i], display_width(columns_[i].title));
    for (const auto& row : rows_) widths[i] = std::max(widths[i], display_width(row[i].text));
  }
  if (look.width == 0 || columns_.empty()) return widths;
  const std::size_t gaps = columns_.size() - 1;
  for (std::size_t total = std::accumulate(widths.begin(), widths.end(), gaps); total > look.width;) {
    std::size_t widest = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (!columns_[i].shrinks || widths[i] <= least_width) continue;
      if (widest == columns_.size() || widths[i] > widths[widest]) widest = i;
    }
    if (widest == columns_.size()) break;
    --widths[widest];
    --total;
  }
  return widths;
}

std::string Table::to_text(const Look& look) const {
  const std::vector<std::size_t> width = widths(look);
  std::string text;
  const auto line = [&](const std::vector<Cell>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const bool last = i + 1 == cells.size();
      text += padded(cells[i], width[i], columns_[i].right, last, look);
      text += last ? "\n" : " ";
    }
  };
  if (look.legend && !rows_.empty()) {
    std::vector<Cell> header;
    for (const Column& column : columns_) header.emplace_back(column.title, Tone::underlined);
    line(header);
  }
  for (const auto& row : rows_) line(row);
  return text;
}

std::string Properties::to_text() const {
  std::size_t width = 0;
  for (const auto& [key, value] : rows_) width = std::max(width, display_width(key));
  std::string text;
  for (const auto& [key, value] : rows_) {
    text += std::string(width - display_width(key) + 4, ' ') + key + ": ";
    for (const char c : value) {
      text += c;
      if (c == '\n') text += std::string(width + 6, ' ');
    }
    text += "\n";
  }
  return text;
}

}  // namespace takt
