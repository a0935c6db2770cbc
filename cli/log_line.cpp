#include "cli/log_line.h"

#include <charconv>
#include <utility>

#include "cli/time_text.h"

namespace takt {
namespace {

// The text up to the next space, and takes both away; nothing when there is no space.
std::optional<std::string_view> take_part(std::string_view& rest) {
  const std::size_t space = rest.find(' ');
  if (space == std::string_view::npos || space == 0) return std::nullopt;
  const std::string_view word = rest.substr(0, space);
  rest.remove_prefix(space + 1);
  return word;
}

template <class Number>
std::optional<Number> to_number(std::string_view word) {
  Number value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<LogLine> parse_log_line(std::string_view line) {
  const auto at = take_part(line);
  const auto step = at ? take_part(line) : std::nullopt;
  const auto attempt = step ? take_part(line) : std::nullopt;
  // A line without text may end at its stream, with or without the space behind it.
  std::optional<std::string_view> stream = attempt ? take_part(line) : std::nullopt;
  if (attempt && !stream) stream = std::exchange(line, std::string_view());
  if (!stream || (*stream != "out" && *stream != "err")) return std::nullopt;
  const auto us = to_number<std::int64_t>(*at);
  const auto tries = to_number<std::uint32_t>(*attempt);
  if (!us || !tries) return std::nullopt;
  return LogLine{wall_from_us(*us), std::string(*step), *tries, *stream == "err" ? Stream::err : Stream::out,
                 std::string(line)};
}

std::string to_text(const LogLine& line, const Zone& zone, const Look& look) {
  const std::string head = line.attempt > 1
                               ? fmt::format("{} {}[{}]:", format_local(line.at, zone), line.step, line.attempt)
                               : fmt::format("{} {}:", format_local(line.at, zone), line.step);
  const std::string text = look.terminal ? harmless(line.text) : line.text;
  const Tone tone = line.stream == Stream::err ? Tone::warning : Tone::plain;
  return fmt::format("{} {}\n", toned(head, Tone::faint, look), toned(text, tone, look));
}

Value to_json(const LogLine& line) {
  return {{"at", format_utc(line.at)},
          {"step", line.step},
          {"attempt", line.attempt},
          {"stream", line.stream == Stream::err ? "err" : "out"},
          {"text", line.text}};
}

}  // namespace takt
