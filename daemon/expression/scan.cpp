#include "expression/scan.h"

#include <algorithm>

#include "expression/functions.h"
#include "expression/limits.h"

namespace takt {
namespace {

constexpr std::string_view statement_words[] = {"break",    "do",   "else",  "elseif", "end",   "for",
                                                "function", "goto", "if",    "in",     "local", "repeat",
                                                "return",   "then", "until", "while"};
constexpr std::string_view value_words[] = {"and", "false", "nil", "not", "or", "true"};

template <class Words>
bool among(const Words& words, std::string_view word) {
  return std::ranges::find(words, word) != std::end(words);
}

// Not the C locale's: Lua's names are ASCII.
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name(char c) {
  return is_name_start(c) || is_digit(c);
}
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

enum class TokenKind { name, number, string, comment, symbol };
struct Token {
  TokenKind kind = TokenKind::symbol;
  std::string_view text;
};

// The length of "[[", "[=[", … at `at`; 0 when it is none.
std::size_t long_bracket(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && text[end] == '=') ++end;
  return end < text.size() && text[at] == '[' && text[end] == '[' ? end + 1 - at : 0;
}

// Where the string or long string that begins at `at` ends; the text's end when it has none, which Lua then reports.
std::size_t string_end(std::string_view text, std::size_t at) {
  if (const auto length = long_bracket(text, at); length != 0) {
    std::string close(length, '=');
    close.front() = close.back() = ']';
    const auto end = text.find(close, at + length);
    return end == std::string_view::npos ? text.size() : end + length;
  }
  const char quote = text[at];
  for (++at; at < text.size() && text[at] != quote; ++at)
    if (text[at] == '\\') ++at;
  return std::min(at + 1, text.size());
}

// The token at or after `at`, which moves behind it; nothing at the end.
std::optional<Token> next_token(std::string_view text, std::size_t& at) {
  while (at < text.size() && is_space(text[at])) ++at;
  if (at >= text.size()) return std::nullopt;
  const std::size_t start = at;
  const auto token = [&](TokenKind kind, std::size_t end) {
    at = end;
    return Token{kind, text.substr(start, end - start)};
  };
  const auto while_in = [&](auto in) {
    std::size_t end = start;
    while (end < text.size() && in(text[end])) ++end;
    return end;
  };
  const char c = text[start];
  if (is_name_start(c)) return token(TokenKind::name, while_in(is_name));
  if (is_digit(c)) return token(TokenKind::number, while_in(is_name));
  if (c == '"' || c == '\'' || long_bracket(text, start) != 0) return token(TokenKind::string, string_end(text, start));
  if (text.substr(start, 2) == "--") return token(TokenKind::comment, text.size());
  if (text.substr(start, 2) == ".." || text.substr(start, 2) == "==") return token(TokenKind::symbol, start + 2);
  return token(TokenKind::symbol, start + 1);
}

Status unknown_name(std::string_view name) {
  std::string known;
  for (const auto& word : context_names) known += fmt::format("{}, ", word);
  std::string functions;
  for (const auto& function : pure_functions)
    functions += fmt::format("{}{}", functions.empty() ? "" : ", ", function.name);
  return fail(ErrorCode::invalid_input, "unknown name \"{}\": an expression sees {}and the functions {}", name, known,
              functions);
}

bool known_name(std::string_view name) {
  return among(context_names, name) ||
         std::ranges::any_of(pure_functions, [&](const PureFunction& function) { return name == function.name; });
}

}  // namespace

Status scan_expression(std::string_view expression) {
  if (expression.size() > limits::expression_bytes)
    return fail(ErrorCode::invalid_input, "{} bytes long; an expression has at most {}", expression.size(),
                limits::expression_bytes);
  std::size_t at = 0;
  bool empty = true;
  bool after_dot = false;
  while (const auto token = next_token(expression, at)) {
    empty = false;
    if (token->kind == TokenKind::comment)
      return fail(ErrorCode::invalid_input, "an expression has no comments (\"--\")");
    if (token->kind == TokenKind::name && among(statement_words, token->text))
      return fail(ErrorCode::invalid_input, "\"{}\" belongs to a statement; only an expression is allowed",
                  token->text);
    if (token->kind == TokenKind::name && !after_dot && !among(value_words, token->text)) {
      // `{name = value}`: a key of a table, not a use of the name.
      std::size_t ahead = at;
      const auto next = next_token(expression, ahead);
      if (!(next && next->text == "=") && !known_name(token->text)) return unknown_name(token->text);
    }
    after_dot = token->text == "." || token->text == ":";
  }
  if (empty) return fail(ErrorCode::invalid_input, "it is empty");
  return {};
}

Result<std::vector<Piece>> split_text(std::string_view text) {
  std::vector<Piece> pieces;
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) pieces.emplace_back(LiteralPiece{std::exchange(literal, {})});
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto rest = text.substr(at);
    if (rest.starts_with("$${")) {
      literal += "${";
      at += 3;
    } else if (rest.starts_with("${")) {
      end_literal();
      std::size_t cursor = at + 2;
      int depth = 1;
      while (depth > 0) {
        const auto token = next_token(text, cursor);
        if (!token) return fail(ErrorCode::invalid_input, "\"${{\" at byte {} has no \"}}\"", at + 1);
        if (token->kind == TokenKind::comment)
          return fail(ErrorCode::invalid_input, "an expression has no comments (\"--\")");
        if (token->text == "{") ++depth;
        if (token->text == "}") --depth;
      }
      pieces.emplace_back(ExpressionPiece{text.substr(at + 2, cursor - 1 - (at + 2))});
      at = cursor;
    } else {
      literal += text[at++];
    }
  }
  end_literal();
  return pieces;
}

}  // namespace takt
