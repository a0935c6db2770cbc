// The pure parts: how texts look, tables, times, inputs, log lines, exit codes, errors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/bus_choice.h"
#include "cli/exit_code.h"
#include "cli/follow_display.h"
#include "cli/input_argument.h"
#include "cli/log_line.h"
#include "cli/look.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/time_text.h"

namespace takt {
namespace {

using testing::HasSubstr;

constexpr std::int64_t day_us = 86'400'000'000;
const WallTime noon = parse_rfc3339("2026-12-19T12:00:00Z").value();

TEST(Look, ControlCharactersCannotSteerTheTerminal) {
  EXPECT_EQ(harmless("a\x1b[2Jb"), "a^[[2Jb");
  EXPECT_EQ(harmless("tab\there"), "tab\there");
  EXPECT_EQ(harmless("line\nfeed\r"), "line?feed?");
  EXPECT_EQ(harmless("c1 \xC2\x9B"), "c1 ?");
  EXPECT_EQ(harmless("\xFF\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(harmless("گزارش روز"), "گزارش روز");
}

TEST(Look, WidthsAreThoseOfATerminal) {
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("é"), 1u);
  EXPECT_EQ(display_width("e\xCC\x81"), 1u);
  EXPECT_EQ(display_width("日本"), 4u);
  EXPECT_EQ(shortened("abcdef", 6, true), "abcdef");
  EXPECT_EQ(shortened("abcdef", 4, true), "abc…");
  EXPECT_EQ(shortened("abcdef", 5, false), "ab...");
  EXPECT_EQ(shortened("日本語", 4, true), "日…");
  EXPECT_EQ(shortened("abcdef", 2, false), "..");
}

TEST(Look, ColourOnlyWhereItIsWanted) {
  Look look;
  EXPECT_EQ(toned("x", Tone::bad, look), "x");
  look.colour = true;
  EXPECT_EQ(toned("x", Tone::bad, look), "\x1b[1;31mx\x1b[0m");
  EXPECT_EQ(toned("x", Tone::plain, look), "x");
}

TEST(TableText, ColumnsAreAsWideAsTheirWidestCell) {
  Table table({{"ID", true}, {"PROCESS"}, {"DETAIL"}});
  table.add({"7", "nightly", ""});
  table.add({"12345", "日本", "done"});
  EXPECT_EQ(table.to_text(Look{}),
            "   ID PROCESS DETAIL\n"
            "    7 nightly -\n"
            "12345 日本    done\n");
}

TEST(TableText, WithoutLegendThereIsNoHeader) {
  Table table({{"A LONG TITLE"}, {"B"}});
  table.add({"x", "y"});
  Look look;
  look.legend = false;
  EXPECT_EQ(table.to_text(look), "x y\n");
}

TEST(TableText, NoRowsNoHeader) {
  EXPECT_EQ(Table({{"A"}}).to_text(Look{}), "");
}

TEST(TableText, ShrinkingColumnsGiveWayToANarrowTerminal) {
  Table table({{"NAME"}, {"TEXT", false, true}});
  table.add({"abcdefghij", "a description that is long"});
  Look look;
  look.width = 24;
  look.unicode = true;
  EXPECT_EQ(table.to_text(look), "NAME       TEXT\nabcdefghij a descriptio…\n");
}

TEST(TableText, PropertiesStandBelowEachOther) {
  Properties properties;
  properties.add("Since", "today");
  properties.add_if("Nothing", "");
  properties.add("Triggers", "one\ntwo");
  EXPECT_EQ(properties.to_text(),
            "       Since: today\n"
            "    Triggers: one\n"
            "              two\n");
}

TEST(TimeText, LocalTimesHaveTheirZonesOffset) {
  const Zone tehran = Zone::find("Asia/Tehran").value();
  const WallTime at = parse_rfc3339("2026-12-19T04:00:00.5Z").value();
  EXPECT_EQ(format_local(at, tehran), "Sat 2026-12-19 07:30:00");
  EXPECT_EQ(format_local_offset(at, tehran), "Sat 2026-12-19 07:30:00+03:30");
  EXPECT_EQ(format_local_offset(at, Zone::find("America/New_York").value()), "Fri 2026-12-18 23:00:00-05:00");
  EXPECT_EQ(format_local(wall_from_us(-1), Zone::utc()), "Wed 1969-12-31 23:59:59");
}

TEST(TimeText, DistancesAreWholeSeconds) {
  using std::chrono::seconds;
  EXPECT_EQ(format_relative(noon, noon), "now");
  EXPECT_EQ(format_relative(noon + seconds(185), noon), "in 3min 5s");
  EXPECT_EQ(format_relative(noon - seconds(7500) - Duration(900'000), noon), "2h 5min ago");
}

TEST(TimeText, BytesHaveOneDecimal) {
  EXPECT_EQ(format_bytes(812), "812B");
  EXPECT_EQ(format_bytes(3.25 * 1024 * 1024), "3.2M");
}

TEST(TimeText, ArgumentsReadAsPeopleWriteThem) {
  const Zone tehran = Zone::find("Asia/Tehran").value();
  const auto read = [&](std::string_view text) { return format_utc(parse_time_argument(text, noon, tehran).value()); };
  EXPECT_EQ(read("now"), "2026-12-19T12:00:00Z");
  EXPECT_EQ(read("today"), "2026-12-18T20:30:00Z");
  EXPECT_EQ(read("yesterday"), "2026-12-17T20:30:00Z");
  EXPECT_EQ(read("tomorrow"), "2026-12-19T20:30:00Z");
  EXPECT_EQ(read("07:30"), "2026-12-19T04:00:00Z");
  EXPECT_EQ(read("2026-12-01"), "2026-11-30T20:30:00Z");
  EXPECT_EQ(read("2026-12-01 07:30:15"), "2026-12-01T04:00:15Z");
  EXPECT_EQ(read("2026-12-01T07:30:00+03:30"), "2026-12-01T04:00:00Z");
  EXPECT_EQ(read("-2h"), "2026-12-19T10:00:00Z");
  EXPECT_EQ(read("2h ago"), "2026-12-19T10:00:00Z");
  EXPECT_EQ(read("+1d"), "2026-12-20T12:00:00Z");
  EXPECT_EQ(read("@86400"), format_utc(wall_from_us(day_us)));
}

TEST(TimeText, WhatIsNoTimeIsRefusedWithExamples) {
  for (const char* text :
       {"", "later", "25:00", "2026-13-01", "2026-02-30", "2026-12-01 7:30", "@x", "-", "2026-12-01x"}) {
    const auto at = parse_time_argument(text, noon, Zone::utc());
    ASSERT_FALSE(at) << text;
    EXPECT_EQ(at.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(at.error().message, HasSubstr("2h ago"));
  }
}

TEST(TimeText, AClockReadingInAnOverlapIsItsFirstPass) {
  const Zone berlin = Zone::find("Europe/Berlin").value();
  EXPECT_EQ(format_utc(parse_time_argument("2026-10-25 02:30", noon, berlin).value()), "2026-10-25T00:30:00Z");
  EXPECT_EQ(format_utc(parse_time_argument("2026-10-25 03:30", noon, berlin).value()), "2026-10-25T02:30:00Z");
}

TEST(Inputs, ValuesAreJsonWhereTheyReadAsJson) {
  EXPECT_EQ(input_value("5"), Value(5));
  EXPECT_EQ(input_value("-1.5"), Value(-1.5));
  EXPECT_EQ(input_value("true"), Value(true));
  EXPECT_EQ(input_value("[1, \"a\"]"), Value({1, "a"}));
  EXPECT_EQ(input_value("{\"a\": 1}"), Value({{"a", 1}}));
  EXPECT_EQ(input_value("\"5\""), Value("5"));
  EXPECT_EQ(input_value("plain words"), Value("plain words"));
  EXPECT_EQ(input_value("2026-12-19"), Value("2026-12-19"));
  EXPECT_EQ(input_value("[broken"), Value("[broken"));
  EXPECT_EQ(input_value("null"), Value("null"));
  EXPECT_EQ(input_value(""), Value(""));
}

TEST(Inputs, EachHasANameAndComesOnce) {
  EXPECT_EQ(parse_inputs({"a=1", "b=x=y"}, {"c=1"}).value(), Value({{"a", 1}, {"b", "x=y"}, {"c", "1"}}));
  EXPECT_EQ(parse_inputs({}, {}).value(), Value::object());
  for (const auto& wrong : std::vector<std::vector<std::string>>{{"a"}, {"=1"}, {"a=1", "a=2"}}) {
    const auto inputs = parse_inputs(wrong, {});
    ASSERT_FALSE(inputs);
    EXPECT_EQ(exit_code(inputs.error().code), ExitCode::usage);
  }
  EXPECT_FALSE(parse_inputs({"a=1"}, {"a=2"}));
}

TEST(LogLines, TheirFieldsAreApart) {
  const auto line = parse_log_line("1797000000000001 fetch 2 err two words ");
  ASSERT_TRUE(line);
  EXPECT_EQ(to_us(line->at), 1797000000000001);
  EXPECT_EQ(line->step, "fetch");
  EXPECT_EQ(line->attempt, 2u);
  EXPECT_EQ(line->stream, Stream::err);
  EXPECT_EQ(line->text, "two words ");
  EXPECT_EQ(to_text(*line, Zone::utc(), Look{}), "Fri 2026-12-11 14:40:00 fetch[2]: two words \n");
  EXPECT_EQ(to_json(*line), Value({{"at", "2026-12-11T14:40:00.000001Z"},
                                   {"step", "fetch"},
                                   {"attempt", 2},
                                   {"stream", "err"},
                                   {"text", "two words "}}));
}

TEST(LogLines, AnEmptyLineIsALine) {
  EXPECT_EQ(parse_log_line("1 s 1 out ")->text, "");
  EXPECT_EQ(parse_log_line("1 s 1 out")->text, "");
}

TEST(LogLines, OtherFormsAreNone) {
  for (const char* text : {"", "x", "x s 1 out text", "1 s x out text", "1 s 1 both text", "1  1 out text", "1 s 1"}) {
    EXPECT_FALSE(parse_log_line(text)) << text;
  }
}

TEST(LogLines, OnATerminalTheyAreHarmless) {
  LogLine line{noon, "s", 1, Stream::out, "\x1b]0;title\x07"};
  Look look;
  EXPECT_THAT(to_text(line, Zone::utc(), look), HasSubstr("\x1b]0;title\x07"));
  look.terminal = true;
  EXPECT_THAT(to_text(line, Zone::utc(), look), HasSubstr("^[]0;title?"));
}

TEST(ExitCodes, OutcomesAreDistinct) {
  EXPECT_EQ(exit_code("succeeded"), ExitCode::ok);
  EXPECT_EQ(exit_code("failed"), ExitCode::failed);
  EXPECT_EQ(exit_code("timed-out"), ExitCode::timed_out);
  EXPECT_EQ(exit_code("cancelled"), ExitCode::cancelled);
  EXPECT_EQ(exit_code("skipped"), ExitCode::skipped);
  EXPECT_EQ(exit_code("interrupted"), ExitCode::interrupted);
  EXPECT_EQ(exit_code("of a later version"), ExitCode::failed);
}

TEST(ExitCodes, AreTheNumbersOfTheManual) {
  const int codes[] = {static_cast<int>(ExitCode::usage),       static_cast<int>(ExitCode::not_found),
                       static_cast<int>(ExitCode::not_allowed), static_cast<int>(ExitCode::unreachable),
                       static_cast<int>(ExitCode::timed_out),   static_cast<int>(ExitCode::cancelled),
                       static_cast<int>(ExitCode::skipped),     static_cast<int>(ExitCode::interrupted),
                       static_cast<int>(ExitCode::not_ended)};
  EXPECT_THAT(codes, testing::ElementsAre(2, 3, 4, 5, 10, 11, 12, 13, 124));
}

TEST(BusErrors, SayWhatToDo) {
  const Error gone = from_bus_error("org.freedesktop.DBus.Error.ServiceUnknown", "The name …", BusChoice{});
  EXPECT_EQ(exit_code(gone.code), ExitCode::unreachable);
  EXPECT_EQ(gone.message,
            "taktd is not running on the system bus; start it with 'systemctl start taktd', or name another bus with "
            "--user or --bus");
  EXPECT_THAT(from_bus_error("org.freedesktop.DBus.Error.NameHasNoOwner", "", {BusPlace::user, ""}).message,
              HasSubstr("systemctl --user start taktd"));
  EXPECT_EQ(
      from_bus_error("org.freedesktop.DBus.Error.ServiceUnknown", "", {BusPlace::address, "unix:path=/x"}).message,
      "taktd is not running on the bus at unix:path=/x");
}

TEST(BusErrors, TheDaemonsOwnKeepTheirWords) {
  const Error error = from_bus_error("org.taktd.Takt1.Error.NoSuchProcess", "no process nightly", BusChoice{});
  EXPECT_EQ(error.code, ErrorCode::no_such_process);
  EXPECT_EQ(error.message, "no process nightly");
  EXPECT_EQ(from_bus_error("org.taktd.Takt1.Error.Brandnew", "x", BusChoice{}).code, ErrorCode::internal);
  EXPECT_EQ(from_bus_error("org.freedesktop.DBus.Error.AccessDenied", "no", BusChoice{}).code,
            ErrorCode::access_denied);
  EXPECT_EQ(
      from_bus_error("org.freedesktop.DBus.Error.AccessDenied", "Rejected send message, 1 rule", BusChoice{}).message,
      "not permitted by the policy of the system bus");
  EXPECT_EQ(from_bus_error("org.freedesktop.DBus.Error.NoReply", "", BusChoice{}).code, ErrorCode::unavailable);
  EXPECT_EQ(from_bus_error("org.freedesktop.DBus.Error.InvalidArgs", "bad", BusChoice{}).code,
            ErrorCode::invalid_argument);
}

TEST(Words, DigitsAreAnExecution) {
  EXPECT_EQ(to_execution_id("12"), 12u);
  for (const char* word : {"", "12a", "-1", "nightly", "99999999999999999999999"}) EXPECT_FALSE(to_execution_id(word));
}

TEST(ProgressBar, IsFilledByWhatIsDone) {
  EXPECT_EQ(progress_bar(0, 0, 4, false), "[    ]");
  EXPECT_EQ(progress_bar(1, 2, 4, false), "[##  ]");
  EXPECT_EQ(progress_bar(9, 2, 4, false), "[####]");
}

}  // namespace
}  // namespace takt
