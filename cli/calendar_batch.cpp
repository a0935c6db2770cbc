#include "cli/calendar_batch.h"

#include <cerrno>
#include <cstring>
#include <optional>

#include "base/value.h"
#include "calendar/calendar.h"
#include "cli/limits.h"

namespace takt {
namespace {

struct Question {
  Calendar calendar;
  Zone zone;
  WallTime base;
  std::uint64_t count;
  DaylightSaving dst;
};

Result<std::string> text_member(const Value& question, const char* key, const char* otherwise = nullptr) {
  const Value* member = question.member(key);
  const bool missing = member == nullptr || member->is_null();
  if (missing && otherwise != nullptr) return std::string(otherwise);
  if (missing || !member->is_string()) return fail(ErrorCode::invalid_argument, "{}: write a text", key);
  return member->get<std::string>();
}

Result<Calendar> read_calendar(const Value& question) {
  TAKT_ASSIGN(const std::string kind, text_member(question, "kind"));
  TAKT_ASSIGN(const std::string expression, text_member(question, "expr"));
  if (kind == "cron") return Calendar::parse_cron(expression);
  if (kind == "calendar") return Calendar::parse_calendar(expression);
  return fail(ErrorCode::invalid_argument, "kind: write \"cron\" or \"calendar\"");
}

// Members that it does not know are nobody's mistake but its own: a later version may have more.
Result<Question> read_question(std::string_view line) {
  TAKT_ASSIGN(const Value question, parse_value(line));
  if (!question.is_object()) return fail(ErrorCode::invalid_argument, "a question is a JSON object");
  TAKT_ASSIGN(const Calendar calendar, read_calendar(question));
  TAKT_ASSIGN(const std::string zone_name, text_member(question, "tz", "UTC"));
  TAKT_ASSIGN(const Zone zone, Zone::find(zone_name));
  TAKT_ASSIGN(const std::string dst, text_member(question, "dst", "takt"));
  if (dst != "takt" && dst != "systemd") return fail(ErrorCode::invalid_argument, "dst: write \"takt\" or \"systemd\"");
  const Value* base = question.member("base_us");
  if (base == nullptr || !base->is_whole() || (base->is_unsigned() && base->get<std::uint64_t>() > INT64_MAX))
    return fail(ErrorCode::invalid_argument, "base_us: write an instant in microseconds since 1970, UTC");
  const Value* count = question.member("n");
  if (count == nullptr || !count->is_unsigned() || count->get<std::uint64_t>() > limits::calendar_instants)
    return fail(ErrorCode::invalid_argument, "n: write a number from 0 to {}", limits::calendar_instants);
  return Question{calendar, zone, WallTime(Duration(base->get<std::int64_t>())), count->get<std::uint64_t>(),
                  dst == "systemd" ? DaylightSaving::systemd : DaylightSaving::takt};
}

Result<Value> instants_of(std::string_view line) {
  TAKT_ASSIGN(const Question question, read_question(line));
  Value instants = Value::array();
  WallTime last = question.base;
  while (instants.size() < question.count) {
    const auto next = question.calendar.next(last, question.zone, question.dst);
    if (!next) break;
    last = next->at;
    instants.push_back(last.time_since_epoch().count());
  }
  return instants;
}

std::string error_line(const std::string& message) {
  return value_text({{"error", message}});
}

// The next line without its newline; nothing at the end. Of one that is too long, a byte too many is kept to tell by.
std::optional<std::string> read_line(std::FILE* in) {
  int character = std::getc(in);
  if (character == EOF) return std::nullopt;
  std::string line;
  for (; character != EOF && character != '\n'; character = std::getc(in))
    if (line.size() <= limits::calendar_question_bytes) line.push_back(static_cast<char>(character));
  return line;
}

}  // namespace

std::string answer_calendar_question(std::string_view line) {
  const auto instants = instants_of(line);
  return instants ? value_text(*instants) : error_line(instants.error().message);
}

Status answer_calendar_questions(std::FILE* in, Output& output) {
  while (const auto line = read_line(in)) {
    const bool too_long = line->size() > limits::calendar_question_bytes;
    output.print(too_long ? error_line(fmt::format("a line has at most {} bytes", limits::calendar_question_bytes))
                          : answer_calendar_question(*line));
    output.print("\n");
    output.flush();
  }
  if (std::ferror(in) != 0)
    return fail(ErrorCode::unavailable, "standard input cannot be read: {}", std::strerror(errno));
  return {};
}

}  // namespace takt
