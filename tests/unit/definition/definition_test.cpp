// What a good text becomes: every key, every default, drop-ins, and whatever bytes come.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "base/sha256.h"
#include "definition/definition.h"
#include "support.h"

namespace takt {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;

ProcessDefinition good(const std::string& text, const std::vector<SourceText>& drop_ins = {}) {
  auto outcome = parse(text, drop_ins);
  EXPECT_TRUE(outcome.definition) << all_text(outcome.diagnostics);
  EXPECT_EQ(all_text(outcome.diagnostics), "");
  return outcome.definition ? *std::move(outcome.definition) : ProcessDefinition{};
}

constexpr const char* whole = R"(
description   = "All of it"
enabled       = false
tags          = ["etl", "nightly"]
timezone      = "${env.ZONE or 'Europe/Berlin'}"
overlap       = "allow"
max_instances = 3
priority      = -5
timeout       = "1h"
keep          = { runs = 10, age = "7d" }
user          = "etl"

[environment]
REGION = "eu"
COUNT  = "${inputs.count}"

[inputs.count]
type        = "integer"
description = "how many"
default     = 5
min         = 1
max         = 10

[inputs.kind]
choices = ["a", "b"]
pattern = "^[ab]$"

[[trigger]]
cron     = "30 ${env.HOUR or 7} * * mon-fri"
jitter   = "5min"
catch_up = "all"
when     = "trigger.kind == 'cron'"
inputs   = { kind = "a", count = "${1 + 1}" }
enabled  = false

[[trigger]]
calendar = "Mon..Fri 07:30"
timezone = "UTC"
inputs   = { kind = "b" }

[[trigger]]
every  = "90s"
anchor = "finish"
jitter = 10
inputs = { kind = "b" }

[[trigger]]
at       = 2026-12-19T07:30:00
timezone = "Asia/Tehran"
catch_up = "none"
inputs   = { kind = "b" }

[[trigger]]
boot   = "2min"
inputs = { kind = "b" }

[[trigger]]
path   = "${env.FOLDER}/*.csv"
events = ["deleted", "created", "created"]
settle = "2s"
recursive = true
batch = true
inputs = { kind = "${trigger.path}" }

[[step]]
name                = "fetch"
description         = "Fetch them"
run                 = ["curl", "${inputs.kind}", "$${x}"]
when                = "inputs.count > 1"
timeout             = "5min"
retry               = { limit = 3, delay = "5s", backoff = 2, max_delay = "1min", on = ["failed"] }
environment         = { A = "${env.HOUR}" }
directory           = "${execution.dir}/x"
user                = "other"
stdin               = "${steps.x.result}"
result              = "stdout"
on_interrupt        = "retry"
kill                = { signal = "INT", grace = "3s", leftovers = true }
continue_on_failure = true

[[step]]
name        = "store-it"
shell       = "cat"
interpreter = "/bin/bash"
)";

// Behind the other, with all that it has not.
constexpr const char* every_action = R"(
[[step]]
name     = "ask"
for_each = "inputs.list"
call     = { service = "a.b", path = "/x", interface = "a.b", method = "M", signature = "a{sv}", args = [{ a = 5 }] }
undo     = ["rm", "${item}"]
retry    = { limit = 1, jitter = 0.5, on = ["failed", 75] }

[[step]]
name  = "post"
http  = { method = "POST", url = "https://x/${inputs.a}", headers = { A = "b" }, body = { c = ["${index}"] } }
cache = { key = "${inputs.a}", ttl = "1h" }
pool  = "licences"
slots = 2

[[step]]
name        = "one-of"
variant_key = "${inputs.a}"

[[step.variants]]
name = "a"
wait = { event = "x", match = { a = 1 } }

[[step.variants]]
name    = "b"
weight  = 3
process = "other"
inputs  = { n = "${inputs.n}" }

[[step]]
name    = "sure"
approve = { message = "${inputs.a}?", users = ["ada"], default = true }

[[step]]
name = "then"
wait = { until = "${steps.x.result}" }

[[step]]
name     = "more"
set      = { a = ["${inputs.a}"] }
generate = true

[[finally]]
name = "tell"
emit = { event = "x", payload = { a = { b = "${inputs.a}" } } }
)";

TEST(Definition, TakesEveryKeyOfTheProcess) {
  const auto process = good(whole);
  EXPECT_EQ(process.name, "job");
  EXPECT_EQ(process.description, "All of it");
  EXPECT_FALSE(process.enabled);
  EXPECT_THAT(process.tags, ElementsAre("etl", "nightly"));
  EXPECT_EQ(process.zone.name(), "Europe/Berlin");
  EXPECT_EQ(process.overlap, Overlap::allow);
  EXPECT_EQ(process.max_instances, 3);
  EXPECT_EQ(process.priority, -5);
  EXPECT_EQ(process.timeout, hours(1));
  EXPECT_EQ(process.keep.runs, 10);
  EXPECT_EQ(process.keep.age, hours(24 * 7));
  EXPECT_EQ(process.user, "etl");
  EXPECT_EQ(process.environment, (std::map<std::string, std::string>{{"REGION", "eu"}, {"COUNT", "${inputs.count}"}}));
  EXPECT_EQ(process.text, whole);
  EXPECT_EQ(process.version, sha256_hex(whole));
  EXPECT_EQ(process.origin, "/x/job.toml");
}

TEST(Definition, TakesEveryKeyOfTheInputs) {
  const auto process = good(whole);
  ASSERT_EQ(process.inputs.size(), 2U);
  const auto& count = process.inputs[0];
  EXPECT_EQ(count.name, "count");
  EXPECT_EQ(count.type, InputType::integer);
  EXPECT_EQ(count.description, "how many");
  EXPECT_EQ(count.fallback, Value(5));
  EXPECT_EQ(count.min, 1);
  EXPECT_EQ(count.max, 10);
  const auto& kind = process.inputs[1];
  EXPECT_EQ(kind.type, InputType::string);
  EXPECT_FALSE(kind.fallback);
  EXPECT_THAT(kind.choices, ElementsAre(Value("a"), Value("b")));
  EXPECT_EQ(kind.pattern, "^[ab]$");
}

// The default is no part of what a trigger says, so that writing it down keeps the trigger's history.
TEST(Definition, SystemdsDaylightSavingMakesAnotherTrigger) {
  const auto trigger = [](const std::string& dst) {
    return good("[[trigger]]\ncron = '30 2 * * *'\ntimezone = 'Europe/Berlin'\n" + dst +
                "\n[[step]]\nname = 'a'\nrun = ['true']\n")
        .triggers.at(0);
  };
  EXPECT_EQ(trigger("").key, "cron 30 2 * * * Europe/Berlin");
  EXPECT_EQ(trigger("dst = 'takt'").key, "cron 30 2 * * * Europe/Berlin");
  EXPECT_EQ(std::get<CalendarTrigger>(trigger("dst = 'takt'").kind).dst, DaylightSaving::takt);
  EXPECT_EQ(trigger("dst = 'systemd'").key, "cron 30 2 * * * Europe/Berlin dst=systemd");
  EXPECT_EQ(std::get<CalendarTrigger>(trigger("dst = 'systemd'").kind).dst, DaylightSaving::systemd);
}

TEST(Definition, TakesEveryKeyOfTheTriggers) {
  const auto process = good(whole);
  ASSERT_EQ(process.triggers.size(), 6U);
  std::vector<std::string> keys;
  std::vector<std::string> words;
  for (const auto& trigger : process.triggers) {
    keys.push_back(trigger.key);
    words.emplace_back(trigger_word(trigger));
  }
  EXPECT_THAT(keys, ElementsAre("cron 30 6 * * 1-5 Europe/Berlin", "calendar Mon..Fri *-*-* 07:30:00 UTC",
                                "every 1min 30s finish", "at 2026-12-19T04:00:00Z", "boot 2min",
                                "path /srv/in/*.csv created deleted recursive"));
  EXPECT_THAT(words, ElementsAre("cron", "calendar", "every", "at", "boot", "path"));
  const auto& cron = std::get<CalendarTrigger>(process.triggers[0].kind);
  EXPECT_TRUE(cron.cron);
  EXPECT_EQ(cron.zone.name(), "Europe/Berlin");
  EXPECT_EQ(cron.jitter, minutes(5));
  EXPECT_EQ(cron.catch_up, CatchUp::all);
  EXPECT_FALSE(process.triggers[0].enabled);
  EXPECT_EQ(process.triggers[0].when, "trigger.kind == 'cron'");
  EXPECT_EQ(process.triggers[0].inputs, Value({{"kind", "a"}, {"count", "${1 + 1}"}}));
  EXPECT_TRUE(process.triggers[1].enabled);
  EXPECT_EQ(std::get<CalendarTrigger>(process.triggers[1].kind).catch_up, CatchUp::latest);
  const auto& every = std::get<EveryTrigger>(process.triggers[2].kind);
  EXPECT_EQ(every.period, seconds(90));
  EXPECT_EQ(every.anchor, Anchor::finish);
  EXPECT_EQ(every.jitter, seconds(10));
  EXPECT_EQ(std::get<AtTrigger>(process.triggers[3].kind).catch_up, CatchUp::none);
  EXPECT_EQ(std::get<BootTrigger>(process.triggers[4].kind).delay, minutes(2));
  const auto& path = std::get<PathTrigger>(process.triggers[5].kind);
  EXPECT_EQ(path.glob, "/srv/in/*.csv");
  EXPECT_THAT(path.events, ElementsAre(PathEvent::created, PathEvent::deleted));
  EXPECT_EQ(path.settle, seconds(2));
  EXPECT_TRUE(path.recursive);
  EXPECT_TRUE(path.batch);
}

TEST(Definition, TakesEveryKeyOfTheSteps) {
  const auto process = good(whole);
  ASSERT_EQ(process.steps.size(), 2U);
  const auto& fetch = process.steps[0];
  EXPECT_EQ(fetch.name, "fetch");
  EXPECT_EQ(fetch.description, "Fetch them");
  EXPECT_THAT(std::get<RunAction>(fetch.action).argv, ElementsAre("curl", "${inputs.kind}", "$${x}"));
  EXPECT_EQ(fetch.when, "inputs.count > 1");
  EXPECT_EQ(fetch.timeout, minutes(5));
  ASSERT_TRUE(fetch.retry);
  EXPECT_EQ(fetch.retry->limit, 3);
  EXPECT_EQ(fetch.retry->delay, seconds(5));
  EXPECT_EQ(fetch.retry->backoff, 2);
  EXPECT_EQ(fetch.retry->max_delay, minutes(1));
  EXPECT_THAT(fetch.retry->on, ElementsAre(Outcome::failed));
  EXPECT_EQ(fetch.environment.at("A"), "${env.HOUR}");
  EXPECT_EQ(fetch.directory, "${execution.dir}/x");
  EXPECT_EQ(fetch.user, "other");
  EXPECT_EQ(fetch.standard_input, "${steps.x.result}");
  EXPECT_EQ(fetch.result, ResultSource::standard_output);
  EXPECT_EQ(fetch.on_interrupt, OnInterrupt::retry);
  EXPECT_EQ(fetch.kill.signal, SIGINT);
  EXPECT_EQ(fetch.kill.grace, seconds(3));
  EXPECT_TRUE(fetch.kill.leftovers);
  EXPECT_TRUE(fetch.continue_on_failure);
  const auto& store = process.steps[1];
  EXPECT_EQ(std::get<ShellAction>(store.action).script, "cat");
  EXPECT_EQ(std::get<ShellAction>(store.action).interpreter, "/bin/bash");
}

TEST(Definition, StepsOfEveryActionStandInOneText) {
  const auto process = good(std::string(whole) + every_action);
  std::vector<std::string> words;
  for (const auto& step : process.steps) words.emplace_back(action_word(step.action));
  EXPECT_THAT(words, ElementsAre("run", "shell", "call", "http", "wait", "approve", "wait", "set", "emit"));
}

TEST(Definition, HasDefaultsForAllElse) {
  const auto process = good(one_step);
  EXPECT_TRUE(process.enabled);
  EXPECT_EQ(process.zone.name(), "Asia/Tehran");
  EXPECT_EQ(process.overlap, Overlap::skip);
  EXPECT_EQ(process.user, "root");
  EXPECT_FALSE(process.timeout);
  EXPECT_FALSE(process.keep.runs);
  EXPECT_TRUE(process.triggers.empty());
  const auto& step = process.steps.at(0);
  EXPECT_FALSE(step.retry);
  EXPECT_FALSE(step.timeout);
  EXPECT_EQ(step.result, ResultSource::file);
  EXPECT_EQ(step.on_interrupt, OnInterrupt::fail);
  EXPECT_EQ(step.kill.signal, SIGTERM);
  EXPECT_EQ(step.kill.grace, seconds(10));
  EXPECT_FALSE(step.continue_on_failure);
  const auto retried = good("[[step]]\nname='a'\nrun=['x']\nretry={ limit = 2 }").steps.at(0).retry;
  EXPECT_THAT(retried->on, ElementsAre(Outcome::failed, Outcome::timed_out));
}

TEST(Definition, AnInstantMayBeWrittenInManyWays) {
  const auto key = [](const std::string& line) {
    return good("[[trigger]]\n" + line + "\n" + one_step).triggers.at(0).key;
  };
  EXPECT_EQ(key("at = 2026-12-19T04:00:00Z"), "at 2026-12-19T04:00:00Z");
  EXPECT_EQ(key("at = 2026-12-19T07:30:00+03:30"), "at 2026-12-19T04:00:00Z");
  EXPECT_EQ(key("at = 2026-12-19 07:30:00"), "at 2026-12-19T04:00:00Z");
  EXPECT_EQ(key("at = '2026-12-19T0${env.HOUR}:30:00'"), "at 2026-12-19T03:00:00Z");
  EXPECT_EQ(key("at = 2026-03-29T03:30:00\ntimezone = 'Europe/Berlin'"), "at 2026-03-29T01:30:00Z");
  EXPECT_EQ(key("at = 2026-03-29T01:30:00\ntimezone = 'Europe/Berlin'"), "at 2026-03-29T00:30:00Z");
}

TEST(Definition, DropInsAreMergedKeyByKey) {
  const std::vector<SourceText> drop_ins{
      {"/x/job.toml.d/10.toml", "enabled = false\n[inputs.count]\ndefault = 7\n[environment]\nMORE = '1'\n"},
      {"/x/job.toml.d/20.toml", "enabled = true\n[inputs.count]\nmax = 8\n[[step]]\nname = 'only'\nrun = ['true']\n"}};
  const auto process = good(whole, drop_ins);
  EXPECT_TRUE(process.enabled);
  EXPECT_EQ(process.inputs[0].fallback, Value(7));
  EXPECT_EQ(process.inputs[0].max, 8);
  EXPECT_EQ(process.inputs[0].min, 1);
  EXPECT_EQ(process.environment.size(), 3U);
  EXPECT_EQ(process.triggers.size(), 6U);
  ASSERT_EQ(process.steps.size(), 1U);
  EXPECT_EQ(process.steps[0].name, "only");
  EXPECT_EQ(process.version, sha256_hex(process.text));
  // The merged text says the same by itself.
  const auto again = good(process.text);
  EXPECT_EQ(again.version, process.version);
  EXPECT_EQ(again.inputs[0].fallback, Value(7));
  EXPECT_EQ(again.steps[0].name, "only");
  for (std::size_t i = 0; i < again.triggers.size(); ++i) EXPECT_EQ(again.triggers[i].key, process.triggers[i].key);
}

TEST(Definition, TheMergedTextKeepsStringsAsTheyAre) {
  const std::string hard = "quote \\\" back\\\\slash \\n line \\t tab \\u00e9 'single'";
  const auto process = good("description = \"" + hard + "\"\n" + one_step, {{"d", "priority = 1\n"}});
  EXPECT_EQ(process.description, "quote \" back\\slash \n line \t tab é 'single'");
  EXPECT_EQ(good(process.text).description, process.description);
}

TEST(Definition, AnErrorInADropInNamesTheDropIn) {
  const std::vector<SourceText> drop_ins{
      {"/x/job.toml.d/10.toml", "\nenabled = 5\nunknwon = 1\n[environment]\n\"A B\" = 'x'\n"},
      {"/x/job.toml.d/20.toml", "priority = 'x'\n"}};
  const auto outcome = parse("timeout = 'x'\n[environment]\nC = 5\n" + one_step, drop_ins);
  EXPECT_FALSE(outcome.definition);
  std::vector<std::string> places;
  for (const auto& one : outcome.diagnostics)
    places.push_back(one.file + ":" + std::to_string(one.line) + " " + one.key);
  EXPECT_THAT(places, ElementsAre("/x/job.toml:1 timeout", "/x/job.toml:3 environment.C",
                                  "/x/job.toml.d/10.toml:2 enabled", "/x/job.toml.d/10.toml:3 unknwon",
                                  "/x/job.toml.d/10.toml:5 environment.A B", "/x/job.toml.d/20.toml:1 priority"));
}

TEST(Definition, AllFilesThatAreNoTomlAreTold) {
  const auto outcome = parse("a = \n", {{"d1", "enabled = true"}, {"d2", "= 5\n"}});
  std::vector<std::string> files;
  for (const auto& one : outcome.diagnostics) files.push_back(one.file);
  EXPECT_THAT(files, ElementsAre("/x/job.toml", "d2"));
}

TEST(Definition, TheExamplesAndTheShippedProcessesAreGood) {
  int seen = 0;
  for (const auto* folder : {"/examples", "/etc/processes"})
    for (const auto& entry : std::filesystem::directory_iterator(std::string(TAKT_SOURCE_DIR) + folder)) {
      if (entry.path().extension() != ".toml") continue;
      std::stringstream text;
      text << std::ifstream(entry.path()).rdbuf();
      good(text.str());
      ++seen;
    }
  EXPECT_GT(seen, 1);
}

TEST(Definition, WordsAreReadAsTheyAreWritten) {
  for (const auto outcome : {Outcome::succeeded, Outcome::failed, Outcome::timed_out, Outcome::cancelled,
                             Outcome::skipped, Outcome::interrupted})
    EXPECT_EQ(outcome_from_word(to_word(outcome)), outcome);
  EXPECT_EQ(to_word(Outcome::timed_out), "timed-out");
  EXPECT_EQ(to_word(ResultSource::standard_output), "stdout");
  EXPECT_EQ(to_word(Excess::coalesce), "coalesce");
  EXPECT_EQ(to_word(BusKind::session), "session");
  EXPECT_FALSE(outcome_from_word("timed_out"));
}

// A definition with bytes changed, dropped and doubled: told of or taken, never the end.
TEST(Definition, SurvivesDamage) {
  Evaluator evaluator;
  const ParseContext context{evaluator, test_environment, Zone::utc(), "root"};
  std::mt19937 random(20261119);
  const std::string_view bytes =
      "[]{}=.,'\"#\n\t \\$\x00\x7f\xc3\xff"
      "019aeE+-_";
  for (int round = 0; round < 3000; ++round) {
    std::string text = std::string(whole) + every_action;
    for (auto changes = 1 + random() % 6; changes > 0; --changes) {
      const std::size_t at = random() % text.size();
      const std::size_t length = std::min<std::size_t>(random() % 40, text.size() - at);
      switch (random() % 4) {
        case 0:
          text[at] = bytes[random() % bytes.size()];
          break;
        case 1:
          text.erase(at, length);
          break;
        case 2:
          text.insert(random() % text.size(), text.substr(at, length));
          break;
        default:
          text.insert(at, 1, bytes[random() % bytes.size()]);
      }
    }
    const auto outcome = parse_definition("job", {"f", text}, {}, context);
    EXPECT_NE(outcome.definition != nullptr, has_errors(outcome.diagnostics)) << text;
    for (const auto& diagnostic : outcome.diagnostics) ASSERT_FALSE(to_text(diagnostic).empty());
  }
}

}  // namespace
}  // namespace takt
