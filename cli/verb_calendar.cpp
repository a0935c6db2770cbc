// calendar: explains a cron line or a calendar expression. No daemon is asked.
#include <algorithm>

#include "calendar/calendar.h"
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
  const bool looks_like_cron = options.cron || text.starts_with('@') || (fields >= 5 && !options.calendar);
  if (calendar && !options.cron) return Parsed{*calendar, "calendar"};
  if (cron && !options.calendar) return Parsed{*cron, "cron"};
  return tl::unexpected(looks_like_cron ? cron.error() : calendar.error());
}

Value to_document(const std::string& text, const Parsed& parsed, const Zone& zone, WallTime from, std::size_t count) {
  Value instants = Value::array();
  WallTime after = from;
  while (instants.size() < count) {
    const auto next = parsed.calendar.next(after, zone);
    if (!next) break;
    instants.push_back({{"at", format_utc(next->at)}, {"local", zone.format(next->at)}, {"shifted", next->shifted}});
    after = next->at;
  }
  return {{"expression", text},
          {"kind", parsed.kind},
          {"normal_form", parsed.calendar.to_string()},
          {"zone", zone.name()},
          {"next", instants}};
}

std::string to_text(const Value& document, const View& view) {
  Properties properties;
  properties.add("Expression", harmless(document["expression"].get<std::string>()));
  properties.add("Kind", document["kind"].get<std::string>() == "cron" ? "cron line" : "calendar expression");
  properties.add("Normal form", document["normal_form"].get<std::string>());
  properties.add("Zone", document["zone"].get<std::string>());
  std::string text = properties.to_text();
  Table table({{"INSTANT"}, {"UTC"}, {"LEFT"}, {"REMARK"}});
  for (const Value& instant : document["next"]) {
    const std::string utc = instant["at"].get<std::string>();
    const WallTime at = parse_rfc3339(utc).value_or(view.now);
    table.add({format_local_offset(at, view.zone), utc, format_relative(at, view.now),
               instant["shifted"].get<bool>() ? "moved out of a daylight-saving gap" : ""});
  }
  if (table.rows() == 0) return text + "\nIt never fires again.\n";
  return text + "\n" + table.to_text(view.look);
}

Result<ExitCode> explain(Session& session, const CalendarOptions& options) {
  std::string text;
  for (const std::string& word : options.words) text += (text.empty() ? "" : " ") + word;
  TAKT_ASSIGN(const Parsed parsed, parse(text, options));
  Zone zone = parsed.calendar.zone().value_or(Zone::local());
  if (!options.zone.empty() && !parsed.calendar.zone()) {
    TAKT_ASSIGN(zone, Zone::find(options.zone));
  }
  const WallTime now = wall_now();
  TAKT_ASSIGN(const WallTime from, parse_time_argument(options.from.empty() ? "now" : options.from, now, zone));
  const Value document = to_document(text, parsed, zone, from, options.count);
  Output& output = session.output();
  output.open_pager();
  if (output.json()) {
    output.print_json(document);
  } else {
    output.print(to_text(document, {session.look(), zone, now}));
  }
  return document["next"].empty() ? ExitCode::failed : ExitCode::ok;
}

}  // namespace

void add_calendar(CLI::App& app, Run& run) {
  const auto options = std::make_shared<CalendarOptions>();
  CLI::App* verb = app.add_subcommand("calendar", "Explain a cron line or a calendar expression");
  verb->add_option("EXPRESSION", options->words, "As in a trigger; in quotes, or as several words")->required();
  verb->add_option("--zone", options->zone, "In this time zone, unless the expression names one")->type_name("ZONE");
  verb->add_option("--from", options->from, "Instants after this time")->type_name("TIME");
  verb->add_option("-n,--count", options->count, "So many instants; 5 if not said")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000}));
  CLI::Option* cron = verb->add_flag("--cron", options->cron, "Read it as a cron line");
  verb->add_flag("--calendar", options->calendar, "Read it as a calendar expression")->excludes(cron);
  verb->callback([&run, options] { run = [options](Session& session) { return explain(session, *options); }; });
}

}  // namespace takt
