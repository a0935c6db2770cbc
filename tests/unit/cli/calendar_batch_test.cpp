// calendar --batch: a line for a line, whatever the lines are.
#include "cli/calendar_batch.h"

#include <gmock/gmock.h>

#include "cli/limits.h"
#include "program_run.h"

namespace takt {
namespace {

using testing::HasSubstr;

TEST(CalendarBatch, AnswersWithMicrosecondsAfterTheBase) {
  // 2026-12-19T04:00:00Z, a Saturday.
  EXPECT_EQ(
      answer_calendar_question(
          R"({"kind": "cron", "expr": "30 7 * * 1-5", "tz": "Asia/Tehran", "base_us": 1797652800000000, "n": 2})"),
      "[1797825600000000,1797912000000000]");
  EXPECT_EQ(answer_calendar_question(
                R"({"kind": "calendar", "expr": "04:00:00.000001", "base_us": 1797652800000000, "n": 1})"),
            "[1797652800000001]");
  // Strictly after; an expression's own zone wins; one that ends has no more.
  EXPECT_EQ(answer_calendar_question(R"({"kind": "calendar", "expr": "2026-12-19 04:00 UTC", "tz": "Asia/Tehran",)"
                                     R"( "base_us": 1797652799999999, "n": 9})"),
            "[1797652800000000]");
  EXPECT_EQ(answer_calendar_question(
                R"({"kind": "calendar", "expr": "2026-12-19 04:00", "tz": null, "base_us": 1797652800000000, "n": 9})"),
            "[]");
  EXPECT_EQ(answer_calendar_question(R"({"kind": "cron", "expr": "@daily", "base_us": -1, "n": 1})"), "[0]");
  EXPECT_EQ(answer_calendar_question(R"({"kind": "cron", "expr": "@daily", "base_us": 0, "n": 0})"), "[]");
}

TEST(CalendarBatch, TakesTheRuleAtOffsetChanges) {
  // 02:30 in the gap of 29 March 2026: moved to 03:00, or left out until the next day.
  const auto ask = [](const std::string& dst) {
    return answer_calendar_question(R"({"kind": "cron", "expr": "30 2 * * *", "tz": "Europe/Berlin", "n": 1,)"
                                    R"( "base_us": 1774738800000000)" +
                                    dst + "}");
  };
  EXPECT_EQ(ask(""), "[1774746000000000]");
  EXPECT_EQ(ask(R"(, "dst": "takt")"), "[1774746000000000]");
  EXPECT_EQ(ask(R"(, "dst": "systemd")"), "[1774830600000000]");
}

TEST(CalendarBatch, SaysWhatIsWrong) {
  const std::string rest = R"("expr": "@daily", "base_us": 0, "n": 1)";
  const std::pair<std::string, const char*> table[] = {
      {"", "error"},
      {"hello", "error"},
      {"[1]", "a question is a JSON object"},
      {"{" + rest + "}", "kind: write a text"},
      {R"({"kind": "crontab", )" + rest + "}", "kind: write \\\"cron\\\" or \\\"calendar\\\""},
      {R"({"kind": "cron", "base_us": 0, "n": 1})", "expr: write a text"},
      {R"({"kind": "cron", "expr": "61 * * * *", "base_us": 0, "n": 1})", "minute: 61 is not within 0 to 59"},
      {R"({"kind": "calendar", "expr": "*-02-30", "base_us": 0, "n": 1})", "never fires"},
      {R"({"kind": "cron", "tz": "Mars/Base", )" + rest + "}", "unknown time zone"},
      {R"({"kind": "cron", "tz": 1, )" + rest + "}", "tz: write a text"},
      {R"({"kind": "cron", "dst": "java", )" + rest + "}", "dst: write"},
      {R"({"kind": "cron", "expr": "@daily", "n": 1})", "base_us: write"},
      {R"({"kind": "cron", "expr": "@daily", "base_us": 1.5, "n": 1})", "base_us: write"},
      {R"({"kind": "cron", "expr": "@daily", "base_us": 18446744073709551615, "n": 1})", "base_us: write"},
      {R"({"kind": "cron", "expr": "@daily", "base_us": 0})", "n: write"},
      {R"({"kind": "cron", "expr": "@daily", "base_us": 0, "n": -1})", "n: write"},
      {R"({"kind": "cron", "expr": "@daily", "base_us": 0, "n": 10001})", "n: write a number from 0 to 10000"},
  };
  for (const auto& [line, why] : table) {
    const std::string answer = answer_calendar_question(line);
    EXPECT_THAT(answer, testing::StartsWith("{\"error\":")) << line;
    EXPECT_THAT(answer, HasSubstr(why)) << line;
  }
}

// Runs the whole of `input` through, and gives the lines of the answer.
std::vector<std::string> answers_to(std::string input) {
  std::FILE* in = ::fmemopen(input.data(), input.size(), "r");
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* out = ::open_memstream(&text, &size);
  {
    Output output(out, stderr, {});
    EXPECT_TRUE(answer_calendar_questions(in, output));
  }
  std::fclose(in);
  std::fclose(out);
  std::vector<std::string> lines{""};
  for (const char character : std::string(text, size)) {
    if (character == '\n')
      lines.emplace_back();
    else
      lines.back() += character;
  }
  std::free(text);
  EXPECT_EQ(lines.back(), "") << "the last answer ends its line";
  lines.pop_back();
  return lines;
}

TEST(CalendarBatch, GoesOnAfterALineThatIsWrong) {
  const std::string good = R"({"kind": "cron", "expr": "@daily", "base_us": -1, "n": 1})";
  const auto padded_to = [&good](std::size_t size) { return good + std::string(size - good.size(), ' '); };
  const std::string longest = padded_to(limits::calendar_question_bytes);
  const std::string with_nul = std::string("nul ") + '\0' + " byte";
  const auto lines = answers_to(good + "\n\n" + longest + "\n" + longest + " \n" + std::string(1'000'000, 'x') + "\n" +
                                with_nul + "\n" + good);
  ASSERT_EQ(lines.size(), 7u);
  EXPECT_EQ(lines[0], "[0]");
  EXPECT_THAT(lines[1], HasSubstr("error"));
  EXPECT_EQ(lines[2], "[0]");
  EXPECT_EQ(lines[3], R"({"error":"a line has at most 16384 bytes"})");
  EXPECT_EQ(lines[4], R"({"error":"a line has at most 16384 bytes"})");
  EXPECT_THAT(lines[5], HasSubstr("error"));
  EXPECT_EQ(lines[6], "[0]");
}

}  // namespace
}  // namespace takt
