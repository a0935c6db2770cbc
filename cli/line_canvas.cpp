#include "cli/line_canvas.h"

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace takt {
namespace {

constexpr std::uint8_t up = 1, down = 2, left = 4, right = 8;

constexpr std::array<std::string_view, 16> unicode_lines{" ", "╵", "╷", "│", "╴", "┘", "┐", "┤",
                                                         "╶", "└", "┌", "├", "─", "┴", "┬", "┼"};

}  // namespace

void LineCanvas::add(Spot& spot, std::uint8_t lines, const Pen& pen) {
  // A dashed line that meets a plain one is plain there.
  spot.dashed = pen.dashed && (spot.lines == 0 || spot.dashed);
  spot.lines |= lines;
  spot.tone = pen.tone;
  if ((lines & (up | down)) != 0) spot.upright_net = pen.net;
  if ((lines & (left | right)) != 0) spot.level_net = pen.net;
}

void LineCanvas::upright(std::size_t x, std::size_t y1, std::size_t y2, const Pen& pen) {
  const auto [top, bottom] = std::minmax(y1, y2);
  for (std::size_t y = top; y <= bottom && top != bottom; ++y) {
    add(at(x, y), static_cast<std::uint8_t>((y == top ? 0 : up) | (y == bottom ? 0 : down)), pen);
  }
}

void LineCanvas::level(std::size_t x1, std::size_t x2, std::size_t y, const Pen& pen) {
  const auto [first, last] = std::minmax(x1, x2);
  for (std::size_t x = first; x <= last && first != last; ++x) {
    add(at(x, y), static_cast<std::uint8_t>((x == first ? 0 : left) | (x == last ? 0 : right)), pen);
  }
}

void LineCanvas::text(std::size_t x, std::size_t y, std::string_view text, Tone tone) {
  const std::size_t width = display_width(text);
  TAKT_ASSERT(x + width <= width_);
  if (width == 0) return;
  at(x, y).text = text;
  at(x, y).tone = tone;
  for (std::size_t i = 1; i < width; ++i) at(x + i, y).covered = true;
}

std::string_view LineCanvas::glyph(const Spot& spot, bool unicode) {
  if (!spot.text.empty()) return spot.text;
  std::uint8_t lines = spot.lines;
  if (lines == (up | down | left | right) && !spot.joined && spot.upright_net != spot.level_net) lines = up | down;
  if (lines == (up | down)) return unicode ? (spot.dashed ? "┊" : "│") : (spot.dashed ? ":" : "|");
  if (lines == (left | right)) return unicode ? (spot.dashed ? "┈" : "─") : (spot.dashed ? "." : "-");
  return unicode ? unicode_lines.at(lines) : lines == 0 ? " " : "+";
}

std::string LineCanvas::to_text(const Look& look) const {
  std::string out;
  for (std::size_t begin = 0; begin < cells_.size(); begin += width_) {
    std::string line;
    std::string run;  // cells of one tone
    Tone tone = Tone::plain;
    std::size_t blanks = 0;
    for (std::size_t i = begin; i < begin + width_; ++i) {
      const Spot& spot = cells_[i];
      if (spot.covered) continue;
      if (spot.lines == 0 && spot.text.empty()) {
        ++blanks;
        continue;
      }
      if (spot.tone != tone || blanks != 0) {
        line += toned(run, tone, look) + std::string(blanks, ' ');
        run.clear();
        blanks = 0;
      }
      tone = spot.tone;
      run += glyph(spot, look.unicode);
    }
    out += line + toned(run, tone, look) + "\n";
  }
  return out;
}

}  // namespace takt
