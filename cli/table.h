// The one table printer: columns as wide as they need to be, in the way of systemctl. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/look.h"

namespace takt {

struct Column {
  std::string title;
  bool right = false;    // numbers stand to the right
  bool shrinks = false;  // gives way when the terminal is too narrow
};

struct Cell {
  std::string text;
  Tone tone = Tone::plain;

  Cell(std::string cell_text, Tone cell_tone = Tone::plain)  // NOLINT(google-explicit-constructor): a text is a cell
      : text(std::move(cell_text)), tone(cell_tone) {}
  Cell(const char* cell_text) : text(cell_text) {}  // NOLINT(google-explicit-constructor)
};

// Rows of cells. Texts are made harmless as they come in; an empty cell shows as "-".
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns.
  void add(std::vector<Cell> row);
  [[nodiscard]] std::size_t rows() const { return rows_.size(); }
  // Lines that each end in a newline, the header first if the look has legends.
  [[nodiscard]] std::string to_text(const Look& look) const;

 private:
  [[nodiscard]] std::vector<std::size_t> widths(const Look& look) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

// "Key: value" lines, the keys to the right, in the way of `systemctl status`. A value of several lines is indented.
class Properties {
 public:
  void add(std::string key, std::string value) { rows_.emplace_back(std::move(key), std::move(value)); }
  // Nothing is added for an empty value.
  void add_if(std::string key, std::string value) {
    if (!value.empty()) add(std::move(key), std::move(value));
  }
  [[nodiscard]] std::string to_text() const;

 private:
  std::vector<std::pair<std::string, std::string>> rows_;
};

}  // namespace takt
