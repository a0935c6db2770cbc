// A sheet of lines and texts that becomes lines of text: where lines of one net meet they join, where those of two
// cross, the upright one is drawn over the other. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/look.h"

namespace takt {

struct Pen {
  std::size_t net = 0;
  Tone tone = Tone::plain;
  bool dashed = false;
};

// Owns its cells. Nothing may be drawn outside of its size.
class LineCanvas {
 public:
  LineCanvas(std::size_t width, std::size_t height) : width_(width), cells_(width * height) {}

  // From the middle of one cell to the middle of another one of the same column, or row. Either order.
  void upright(std::size_t x, std::size_t y1, std::size_t y2, const Pen& pen);
  void level(std::size_t x1, std::size_t x2, std::size_t y, const Pen& pen);
  // Here lines of several nets join.
  void join(std::size_t x, std::size_t y) { at(x, y).joined = true; }
  void text(std::size_t x, std::size_t y, std::string_view text, Tone tone);

  // Lines that each end in a newline, without spaces at their ends.
  [[nodiscard]] std::string to_text(const Look& look) const;

 private:
  struct Spot {
    std::uint8_t lines = 0;  // bits: up, down, left, right
    Tone tone = Tone::plain;
    bool dashed = false;
    bool joined = false;
    bool covered = false;  // by a wide text that begins further left
    std::size_t upright_net = 0;
    std::size_t level_net = 0;
    std::string text;
  };
  Spot& at(std::size_t x, std::size_t y) { return cells_[y * width_ + x]; }
  void add(Spot& spot, std::uint8_t lines, const Pen& pen);
  [[nodiscard]] static std::string_view glyph(const Spot& spot, bool unicode);

  std::size_t width_;
  std::vector<Spot> cells_;
};

}  // namespace takt
