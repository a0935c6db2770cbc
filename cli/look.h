// How texts look where they go: colour, width, glyphs. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace takt {

struct Look {
  bool terminal = false;  // standard output is one
  bool colour = false;
  bool unicode = false;   // the locale's character set is UTF-8
  bool legend = true;     // headers and footers of tables
  std::size_t width = 0;  // columns of the terminal; 0: no limit
};

enum class Tone { plain, bold, good, warning, bad, faint, underlined };

// The text in its tone, or as it is without colour.
std::string toned(std::string_view text, Tone tone, const Look& look);

// The tone of a state or an outcome, as D-Bus words it.
Tone state_tone(std::string_view state);

// Columns that a text takes on a terminal: wide characters two, combining ones none.
std::size_t display_width(std::string_view text);
// The text in at most `width` columns, its end replaced by an ellipsis when it is longer.
std::string shortened(std::string_view text, std::size_t width, bool unicode);
// The text with control characters (all but a tab) and bytes that are not UTF-8 made harmless, so that what a child or
// a definition says cannot steer the terminal.
std::string harmless(std::string_view text);

}  // namespace takt
