#include "cli/look.h"

#include <array>
#include <cstdint>

namespace takt {
namespace {

struct CodePoint {
  std::uint32_t value;
  std::size_t bytes;  // 0: the text does not begin with a character in UTF-8
};

// RFC 3629, overlong forms and surrogates refused.
CodePoint first_code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {0, 0};
  std::uint32_t value = lead & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {0, 0};
    value = (value << 6) | (byte(i) & 0x3Fu);
  }
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < least.at(bytes) || value > 0x10FFFF || surrogate) return {0, 0};
  return {value, bytes};
}

struct Range {
  std::uint32_t first, last;
};

// The blocks that matter for names and descriptions, from Unicode's EastAsianWidth.txt and its combining marks.
constexpr std::array<Range, 9> wide{{{0x1100, 0x115F},
                                     {0x2E80, 0xA4CF},
                                     {0xAC00, 0xD7A3},
                                     {0xF900, 0xFAFF},
                                     {0xFE30, 0xFE6F},
                                     {0xFF00, 0xFF60},
                                     {0xFFE0, 0xFFE6},
                                     {0x1F300, 0x1FAFF},
                                     {0x20000, 0x3FFFD}}};
constexpr std::array<Range, 7> without_width{{{0x0300, 0x036F},
                                              {0x0591, 0x05BD},
                                              {0x0610, 0x061A},
                                              {0x064B, 0x065F},
                                              {0x200B, 0x200F},
                                              {0x20D0, 0x20FF},
                                              {0xFE00, 0xFE0F}}};

template <std::size_t N>
bool in(const std::array<Range, N>& ranges, std::uint32_t value) {
  for (const Range& range : ranges) {
    if (value >= range.first && value <= range.last) return true;
  }
  return false;
}

std::size_t width_of(std::uint32_t value) {
  if (in(without_width, value)) return 0;
  return in(wide, value) ? 2 : 1;
}

std::string_view sequence(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "";
    case Tone::bold:
      return "\x1b[1m";
    case Tone::good:
      return "\x1b[32m";
    case Tone::warning:
      return "\x1b[33m";
    case Tone::bad:
      return "\x1b[1;31m";
    case Tone::faint:
      return "\x1b[2m";
    case Tone::underlined:
      return "\x1b[4m";
  }
  return "";
}

}  // namespace

std::string toned(std::string_view text, Tone tone, const Look& look) {
  if (!look.colour || tone == Tone::plain || text.empty()) return std::string(text);
  return std::string(sequence(tone)).append(text).append("\x1b[0m");
}

Tone state_tone(std::string_view state) {
  if (state == "succeeded" || state == "running") return Tone::good;
  if (state == "failed" || state == "timed-out" || state == "interrupted") return Tone::bad;
  if (state == "paused" || state == "cancelled" || state == "waiting") return Tone::warning;
  if (state == "skipped" || state == "pending") return Tone::faint;
  return Tone::plain;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    width += point.bytes == 0 ? 1 : width_of(point.value);
    text.remove_prefix(point.bytes == 0 ? 1 : point.bytes);
  }
  return width;
}

std::string shortened(std::string_view text, std::size_t width, bool unicode) {
  if (display_width(text) <= width) return std::string(text);
  const std::string_view ellipsis = unicode ? "…" : "...";
  const std::size_t room = width > display_width(ellipsis) ? width - display_width(ellipsis) : 0;
  std::size_t used = 0;
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const CodePoint point = first_code_point(text.substr(bytes));
    const std::size_t more = point.bytes == 0 ? 1 : width_of(point.value);
    if (used + more > room) break;
    used += more;
    bytes += point.bytes == 0 ? 1 : point.bytes;
  }
  return std::string(text.substr(0, bytes))
      .append(room == 0 ? ellipsis.substr(0, unicode ? ellipsis.size() : width) : ellipsis);
}

std::string harmless(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    const bool control = point.value < 0x20 || (point.value >= 0x7F && point.value < 0xA0);
    if (point.bytes == 0) {
      out += "\xEF\xBF\xBD";
    } else if (control && point.value != '\t') {
      out += point.value == '\x1b' ? "^[" : "?";
    } else {
      out += text.substr(0, point.bytes);
    }
    text.remove_prefix(point.bytes == 0 ? 1 : point.bytes);
  }
  return out;
}

}  // namespace takt
