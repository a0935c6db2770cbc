// What must be known of Lua's lexical structure before Lua sees a text: where its strings and its braces end, and which
// names it uses.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace takt {

// The names that an expression may use: the context's members and the pure functions (functions.cpp).
inline constexpr std::string_view context_names[] = {"inputs", "env", "trigger", "execution", "steps", "item", "index"};

// Whether a text can be an expression at all: not empty, not too long, no statement, no comment, no unknown name. The
// error says which. Lua itself judges the rest.
Status scan_expression(std::string_view expression);

// A text with ${…} in it, taken apart: what stands as it is, and the expressions between.
struct LiteralPiece {
  std::string text;
};
struct ExpressionPiece {
  std::string_view expression;  // within the text that was taken apart
};
using Piece = std::variant<LiteralPiece, ExpressionPiece>;

// "$${" is a literal "${". An error names the "${" that has no end.
Result<std::vector<Piece>> split_text(std::string_view text);

}  // namespace takt
