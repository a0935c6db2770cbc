// calendar: explains a cron line or a calendar expression, or answers a program's questions about many. No daemon is
// asked.
#include <algorithm>

#include "calendar/calendar.h"
#include "calendar/describe.h"
#include "cli/calendar_batch.h"
#include "cli/limits.h"
#include "cli/time_text.h"
#include "cli/verbs.h"
#include "cli/views.h"

namespace takt {
namespace {

struct CalendarOptions {
  std::vector<std::string> words;
  std::string zone;
  std::string from;
  std::size_t count = 5;
  bool cron = false;
  bool calendar = false;
  std::string dst = "takt";
  bool batch = false;
};

struct Parsed {
  Calendar calendar;
  const char* kind;
};

// The two languages share no expression of more than one word, so an expression is of the one that reads it. Where
// neither does, the error is of the one that it looks like.
Result<Parsed> parse(const std::string& text, const CalendarOptions& options) {
  auto cron = Calendar::parse_cron(text);
  auto calendar = Calendar::parse_calendar(text);
  const auto fields = std::count(text.begin(), text.end(), ' ') + 1;
  const bool like_a_line = fields >= 5 || (fields >= 3 && text.find(':') == std::string::npos);
  const bool looks_like_cron = options.cron || text.starts_with('@') || (like_a_line && !options.calendar);
  if (calendar && !options.cron) return Parsed{*calendar, "calendar"};
  if (cron && !options.calendar) return Parsed{*cron, "cron"};
  return tl::unexpected(looks_like_cron ? cron.error() : calendar.error());
}

DaylightSaving dst_of(const CalendarOptions& options) {
  return options.dst == "systemd" ? DaylightSaving::systemd : DaylightSaving::takt;
}

std::string pass_word(Pass pass) {
  switch (pass) {
    case Pass::only:
      return "only";
    case Pass::first:
      return "first";
    case Pass::second:
      return "second";
  }
  return "";
}

Value to_document(const std::string& text, const Parsed& parsed, const Zone& zone, WallTime from,
                  const CalendarOptions& options) {
  Value instants = Value::array();
  WallTime after = from;
  while (instants.size() < options.count) {
    const auto next = parsed.calendar.next(after, zone, dst_of(options));
    if (!next) break;
    instants.push_back({{"at", format_utc(next->at)},
                        {"local", zone.format(next->at)},
                        {"shifted", next->shifted},
                        {"pass", pass_word(zone.pass(next->at))}});
    after = next->at;
  }
  return {{"expression", text},
          {"kind", parsed.kind},
          {"normal_form", parsed.calendar.to_string()},
          {"description", describe(parsed.calendar)},
          {"warnings", traps(parsed.calendar)},
          {"zone", zone.name()},
          {"dst", options.dst},
          {"next", instants}};
}

std::string remark(const Value& instant) {
  if (instant["shifted"].get<bool>()) return "moved out of a daylight-saving gap";
  if (instant["pass"] == "first") return "first of two passes";
  if (instant["pass"] == "second") return "second pass";
  return "";
}

std::string to_text(const Value& document, const View& view) {
  Properties properties;
  properties.add("Expression", harmless(document["expression"].get<std::string>()));
  properties.add("Kind", document["kind"].get<std::string>() == "cron" ? "cron line" : "calendar expression");
  properties.add("Normal form", document["normal_form"].get<std::string>());
  properties.add("Fires", document["description"].get<std::string>());
  properties.add("Zone", document["zone"].get<std::string>());
  for (const Value& warning : document["warnings"]) properties.add("Warning", warning.get<std::string>());
  std::string text = properties.to_text();
  Table table({{"INSTANT"}, {"UTC"}, {"LEFT"}, {"REMARK"}});
  for (const Value& instant : document["next"]) {
    const std::string utc = instant["at"].get<std::string>();
    const WallTime at = parse_rfc3339(utc).value_or(view.now);
    table.add({format_local_offset(at, view.zone), utc, format_relative(at, view.now), remark(instant)});
  }
  if (table.rows() == 0) return text + "\nIt never fires again.\n";
  return text + "\n" + table.to_text(view.look);
}

Result<ExitCode> explain(Session& session, const CalendarOptions& options) {
  std::string text;
  for (const std::string& word : options.words) text += (text.empty() ? "" : " ") + word;
  TAKT_ASSIGN(const Parsed parsed, parse(text, options));
  Zone zone = parsed.calendar.zone().value_or(local_zone());
  if (!options.zone.empty() && !parsed.calendar.zone()) {
    TAKT_ASSIGN(zone, Zone::find(options.zone));
  }
  const WallTime now = wall_now();
  TAKT_ASSIGN(const WallTime from, parse_time_argument(options.from.empty() ? "now" : options.from, now, zone));
  const Value document = to_document(text, parsed, zone, from, options);
  Output& output = session.output();
  output.open_pager();
  if (output.json()) {
    output.print_json(document);
  } else {
    output.print(to_text(document, {session.look(), zone, now}));
  }
  return document["next"].empty() ? ExitCode::failed : ExitCode::ok;
}

Result<ExitCode> run_calendar(Session& session, const CalendarOptions& options) {
  if (!options.batch) return explain(session, options);
  TAKT_TRY(answer_calendar_questions(stdin, session.output()));
  return ExitCode::ok;
}

// An empty variable of a script would mean the machine's zone, or now.
std::string check_said(const std::string& word) {
  return word.empty() ? "it is empty" : "";
}

}  // namespace

void add_calendar(Command& taktctl) {
  const auto options = std::make_shared<CalendarOptions>();
  Command verb = taktctl.verb("calendar", "Explain a cron line or a calendar expression");
  const CommandOption words =
      verb.option("EXPRESSION", options->words, "As in a trigger; in quotes, or as several words");
  verb.option("--zone", options->zone, "In this time zone, unless the expression names one")
      .type_name("ZONE")
      .check(check_said);
  verb.option("--from", options->from, "Instants after this time").type_name("TIME").check(check_said);
  verb.option("-n,--count", options->count, "So many instants; 5 if not said")
      .type_name("N")
      .range(std::size_t{1}, limits::calendar_instants);
  verb.option("--dst", options->dst, "What becomes of instants where the offset changes, as in a trigger")
      .type_name("takt|systemd")
      .check(
          [](const std::string& word) { return word == "takt" || word == "systemd" ? "" : "write takt or systemd"; });
  const CommandOption cron = verb.flag("--cron", options->cron, "Read it as a cron line");
  verb.flag("--calendar", options->calendar, "Read it as a calendar expression").excludes(cron);
  const CommandOption batch =
      verb.flag("--batch", options->batch, "Answer questions from standard input, a line of JSON each");
  verb.replaces_all(batch, words, "EXPRESSION");
  verb.run([options](Session& session) { return run_calendar(session, *options); });
}

}  // namespace takt
