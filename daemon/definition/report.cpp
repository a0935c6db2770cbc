#include "definition/report.h"

#include <fmt/core.h>

#include <algorithm>
#include <tuple>

#include "base/limits.h"
#include "base/nearest.h"
#include "definition/limits.h"

namespace takt {
namespace {

constexpr std::size_t excerpt_bytes = 240;

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// At most `limit` bytes, no character torn, nothing that a terminal would obey.
std::string printable(std::string_view text, std::size_t limit) {
  if (text.size() > limit) {
    while (limit > 0 && continues_character(text[limit])) --limit;
    text = text.substr(0, limit);
  }
  std::string result(text);
  for (char& c : result)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) c = '?';
  return result;
}

std::string_view line_of(std::string_view text, std::uint32_t line) {
  for (; line > 1; --line) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

// The byte, from 1, at which the character `column` of a line begins.
std::uint32_t byte_column(std::string_view line, std::uint32_t column) {
  std::size_t byte = 0;
  for (; column > 1 && byte < line.size(); --column) {
    ++byte;
    while (byte < line.size() && continues_character(line[byte])) ++byte;
  }
  return static_cast<std::uint32_t>(byte) + 1;
}

}  // namespace

void Report::error(const Place& place, std::string_view key, std::string_view message) {
  failed_ = true;
  add(Severity::error, place, key, message);
}

void Report::warning(const Place& place, std::string_view key, std::string_view message) {
  add(Severity::warning, place, key, message);
}

void Report::add(Severity severity, const Place& place, std::string_view key, std::string_view message) {
  if (entries_.size() == limits::diagnostics) {
    ++untold_;
    return;
  }
  Diagnostic diagnostic{.severity = severity,
                        .file = sources_.at(place.source)->path,
                        .line = place.line,
                        .column = 0,
                        .key = printable(key, limits::message_bytes),
                        .message = printable(message, limits::message_bytes),
                        .excerpt = {}};
  if (place.line != 0) {
    const auto line = line_of(sources_[place.source]->text, place.line);
    diagnostic.column = byte_column(line, place.column);
    diagnostic.excerpt = printable(line, excerpt_bytes);
  }
  entries_.push_back({place, std::move(diagnostic)});
}

Diagnostics Report::take() {
  std::ranges::stable_sort(entries_, {}, [](const Entry& entry) {
    return std::tuple(entry.place.source, entry.place.line, entry.place.column);
  });
  Diagnostics diagnostics;
  for (auto& entry : entries_) diagnostics.push_back(std::move(entry.diagnostic));
  if (untold_ > 0)
    diagnostics.push_back({.severity = Severity::error,
                           .file = sources_.front()->path,
                           .line = 0,
                           .column = 0,
                           .key = {},
                           .message = fmt::format("{} more are not told", untold_),
                           .excerpt = {}});
  return diagnostics;
}

std::string alternatives(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += fmt::format("{}\"{}\"", i == 0 ? "" : i + 1 == words.size() ? " or " : ", ", words[i]);
  return text;
}

std::string suggestion(std::string_view wrong, const std::vector<std::string_view>& words) {
  const auto nearest = nearest_name(wrong, words);
  return nearest.empty() ? "" : fmt::format(" (did you mean \"{}\"?)", nearest);
}

}  // namespace takt
