// A text that people write, and a place in it.
#pragma once

#include <cstdint>
#include <string>

namespace takt {

struct SourceText {
  std::string path;  // what diagnostics name
  std::string text;
};

// A place in one of the texts that are read together.
struct Place {
  std::uint32_t source = 0;  // which of them
  std::uint32_t line = 0;    // from 1; 0: the text as a whole
  std::uint32_t column = 0;  // from 1, in characters
};

}  // namespace takt
