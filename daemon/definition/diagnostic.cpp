#include "definition/diagnostic.h"

#include <fmt/core.h>

#include <algorithm>

namespace takt {

bool has_errors(const Diagnostics& diagnostics) {
  return std::ranges::any_of(diagnostics, [](const Diagnostic& one) { return one.severity == Severity::error; });
}

std::string to_text(const Diagnostic& diagnostic) {
  std::string text = diagnostic.file;
  if (diagnostic.line != 0) text += fmt::format(":{}:{}", diagnostic.line, diagnostic.column);
  text += diagnostic.severity == Severity::error ? ": error: " : ": warning: ";
  if (!diagnostic.key.empty()) text += diagnostic.key + ": ";
  text += diagnostic.message + "\n";
  if (diagnostic.excerpt.empty()) return text;
  text += "  " + diagnostic.excerpt + "\n";
  if (diagnostic.column == 0 || diagnostic.column > diagnostic.excerpt.size() + 1) return text;
  text += "  ";
  // One blank a character, not a byte; tabs stay, so that the caret stands below its column whatever a tab is wide.
  for (const char c : std::string_view(diagnostic.excerpt).substr(0, diagnostic.column - 1)) {
    if (c == '\t')
      text += '\t';
    else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U)
      text += ' ';
  }
  return text + "^\n";
}

}  // namespace takt
