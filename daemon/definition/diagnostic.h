// What is wrong with a text, where, and what would be right: for a person at a terminal, and for programs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace takt {

enum class Severity { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  std::string file;          // path, or the name a text was handed in under
  std::uint32_t line = 0;    // from 1; 0: the file as a whole
  std::uint32_t column = 0;  // from 1, in bytes
  std::string key;           // dotted, "step[2].retry.limit"; empty: none
  std::string message;       // what is wrong, and what would be right
  std::string excerpt;       // the line itself; empty: none
};
using Diagnostics = std::vector<Diagnostic>;

bool has_errors(const Diagnostics& diagnostics);
// "FILE:LINE:COLUMN: error: KEY: MESSAGE", then the line and a caret below the column, each line ended.
std::string to_text(const Diagnostic& diagnostic);

}  // namespace takt
