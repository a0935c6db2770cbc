// What is told of a wrong text: the place, the key, the words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/core.h>

#include "definition/limits.h"
#include "support.h"

namespace takt {
namespace {

using testing::HasSubstr;

struct Case {
  const char* text;      // what stands before a good step
  const char* expected;  // the one diagnostic
};
class Told : public testing::TestWithParam<Case> {};

TEST_P(Told, ExactlyThis) {
  EXPECT_THAT(told(std::string(GetParam().text) + "\n" + one_step), testing::ElementsAre(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Top, Told,
    testing::Values(
        Case{"descripton = 'x'", "1:1 descripton: unknown key (did you mean \"description\"?)"},
        Case{"zzzzzz = 1", "1:1 zzzzzz: unknown key"},
        Case{"description = 5", "1:15 description: expected a string, got an integer"},
        Case{"description = \"a\\u0000b\"",
             "1:15 description: it holds a NUL character, which no program could be handed"},
        Case{"\n\n enabled = 'yes'", "3:12 enabled: expected true or false, got a string"},
        Case{"tags = 'a'", "1:8 tags: expected an array of strings, got a string"},
        Case{"tags = ['a', 1]", "1:14 tags[2]: expected a string, got an integer"},
        Case{"tags = ['a b']", "1:8 tags: a tag is 1 to 128 characters without blanks and commas"},
        Case{"timezone = 'Asia/Teheran'",
             "1:12 timezone: unknown time zone \"Asia/Teheran\"; did you mean \"Asia/Tehran\"?"},
        Case{"timezone = '${env.NONE}'", "1:12 timezone: expression `env.NONE`: its value is nil, which has no text"},
        Case{"overlap = 'skipp'",
             "1:11 overlap: expected \"skip\", \"queue\", \"replace\" or \"allow\", got \"skipp\" (did you mean "
             "\"skip\"?)"},
        Case{"overlap = 'allow'\nmax_instances = 0", "2:17 max_instances: expected an integer from 1 to 10000, got 0"},
        Case{"max_instances = 2", "~1:17 max_instances: it has a meaning only with overlap = \"allow\""},
        Case{"priority = 1.5", "1:12 priority: expected an integer, got a number"},
        Case{"timeout = 0", "1:11 timeout: expected a span of at least 1us"},
        Case{"timeout = true", "1:11 timeout: expected a span of time such as \"5min\", got a boolean"},
        Case{"timeout = '5 parsecs'",
             "1:11 timeout: \"5 parsecs\" is not a time span: no unit \"parsecs\" (us, ms, s, min, h, d, w, month, y)"},
        Case{"keep = 5", "1:8 keep: expected a table, got an integer"},
        Case{"keep = { run = 5 }", "1:10 keep.run: unknown key (did you mean \"runs\"?)"},
        Case{"keep = { runs = 0 }", "1:17 keep.runs: expected an integer from 1 to 1000000000, got 0"},
        Case{"user = ''", "1:8 user: it is empty"}, Case{"user = 'a:b'", "1:8 user: not the name of a user"},
        Case{"environment = { \"A B\" = '1' }",
             "1:17 environment.A B: the name of a variable is letters, digits and _, and does not begin with a digit"},
        Case{"environment = { TAKT_X = '1' }", "1:17 environment.TAKT_X: names that begin with TAKT_ are taktd's own"},
        Case{"environment = { A = 1 }", "1:21 environment.A: expected a string, got an integer"},
        Case{"environment = { A = '${inputs.}' }",
             "1:17 environment.A: expression `inputs.`: <name> expected near <eof>"},
        Case{"trigger = 'x'", "1:1 trigger: expected an array of tables, each begun by [[trigger]]"},
        Case{"pool = 'dsk'", "1:8 pool: taktd.toml has no pool \"dsk\" in [pools] (did you mean \"disk\"?)"},
        Case{"fail_fast = 1", "1:13 fail_fast: expected true or false, got an integer"},
        Case{"constraints = 1", "1:15 constraints: expected a table, got an integer"},
        Case{"slots = 2", "1:1 slots: it has no meaning here; it goes with `pool`"},
        // Columns are bytes, and count what stands before them.
        Case{"keep = { \"é\" = 1 }", "1:10 keep.é: unknown key"},
        Case{"tags = ['é', 1]", "1:15 tags[2]: expected a string, got an integer"}),
    [](const auto& one) { return std::to_string(one.index); });

INSTANTIATE_TEST_SUITE_P(
    Inputs, Told,
    testing::Values(
        Case{"inputs.n = 5", "1:12 inputs.n: expected a table such as { type = \"string\" }, got an integer"},
        Case{"[inputs.'a-b']",
             "1:9 inputs.a-b: the name of an input is letters, digits and _, and does not begin with a digit"},
        Case{"[inputs.A]\n[inputs.a]", "2:9 inputs.a: \"A\" would be the same variable, TAKT_INPUT_A"},
        Case{"[inputs.n]\ntype = 'int'",
             "2:8 inputs.n.type: expected \"string\", \"integer\", \"number\", \"boolean\", \"array\" or \"object\", "
             "got \"int\""},
        Case{"[inputs.n]\ntype = 'integer'\ndefault = 'x'", "3:11 inputs.n.default: expected an integer, got \"x\""},
        Case{"[inputs.n]\ndefault = 'x'\nchoices = ['a', 'b']",
             "2:11 inputs.n.default: expected one of \"a\", \"b\", got \"x\""},
        Case{"[inputs.n]\nchoices = ['a', 5]", "2:11 inputs.n.choices: expected a string, got 5"},
        Case{"[inputs.n]\nchoices = []", "2:11 inputs.n.choices: it allows nothing"},
        Case{"[inputs.n]\npattern = '^[a'",
             "2:11 inputs.n.pattern: not a regular expression: Unmatched [, [^, [:, [., or [="},
        Case{"[inputs.n]\npattern = '(a)\\1'", "2:11 inputs.n.pattern: a pattern has no back references"},
        Case{"[inputs.n]\npattern = '((a{900}){900}){900}'",
             "2:11 inputs.n.pattern: its repetitions multiply to too much"},
        Case{"[inputs.n]\npattern = '^a'\ndefault = 'b'",
             "3:11 inputs.n.default: expected a text that matches ^a, got \"b\""},
        Case{"[inputs.n]\ntype = 'boolean'\npattern = 'x'", "3:11 inputs.n.pattern: it goes with a string"},
        Case{"[inputs.n]\ntype = 'boolean'\nmin = 1",
             "3:7 inputs.n.min: it goes with a string, an integer, a number or an array"},
        Case{"[inputs.n]\ntype = 'integer'\nmin = 5\nmax = 3", "3:7 inputs.n.min: it is greater than max"},
        Case{"[inputs.n]\ntype = 'integer'\nmin = 5\ndefault = 3", "4:11 inputs.n.default: expected at least 5, got 3"},
        Case{"[inputs.n]\nmax = 3\ndefault = 'Häus'", "3:11 inputs.n.default: expected at most 3 characters, got 4"},
        Case{"[inputs.n]\ntype = 'number'\ndefault = nan",
             "3:11 inputs.n.default: it holds a number that is not finite"},
        Case{"[inputs.n]\nrequired = true", "2:1 inputs.n.required: unknown key"}),
    [](const auto& one) { return std::to_string(one.index); });

INSTANTIATE_TEST_SUITE_P(
    Triggers, Told,
    testing::Values(
        Case{"[[trigger]]\nenabled = true",
             "1:1 trigger[1]: it says not what it is: expected one of the keys \"cron\", \"calendar\", \"every\", "
             "\"at\", \"boot\", \"path\", \"after\", \"event\", \"dbus\", \"unit\", \"journal\", \"device\" or "
             "\"pressure\""},
        Case{"[[trigger]]\nevery = '1h'\nboot = '1s'",
             "3:1 trigger[1].boot: only one of \"every\" or \"boot\" can stand in one table"},
        Case{"[[trigger]]\nwebhook = 'x'", "2:1 trigger[1].webhook: not yet supported by this version of taktd"},
        Case{"[[trigger]]\ncron = '@daily'\ndst = 'skip'",
             "3:7 trigger[1].dst: expected \"takt\" or \"systemd\", got \"skip\""},
        Case{"[[trigger]]\ncron = '0 0 13 * fri'",
             "~2:8 trigger[1].cron: it fires when the day of the month or the weekday matches; write + before the "
             "weekday to ask for both"},
        Case{"[[trigger]]\nevery = '1h'\ndst = 'systemd'",
             "3:1 trigger[1].dst: it has no meaning here; it goes with `cron` and `calendar`"},
        Case{"[[trigger]]\npath = '/a/*'\nrecursive = 1",
             "3:13 trigger[1].recursive: expected true or false, got an integer"},
        Case{"[[trigger]]\npath = '/a/*'\nbatch = 5", "3:9 trigger[1].batch: expected true or false, got an integer"},
        Case{"[[trigger]]\nboot = '1h'\nbatch = true",
             "3:1 trigger[1].batch: it has no meaning here; it goes with `path`"},
        Case{"[[trigger]]\npath = 'a/*'", "2:8 trigger[1].path: expected an absolute path"},
        Case{"[[trigger]]\npath = '/a/'",
             "2:8 trigger[1].path: it names a folder; expected files, such as \"/srv/inbox/*\""},
        Case{"[[trigger]]\npath = '/a/../b'", "2:8 trigger[1].path: it has a component \".\" or \"..\""},
        Case{"[[trigger]]\npath = '/a/**'",
             "2:8 trigger[1].path: \"**\" is not yet supported by this version of taktd"},
        Case{"[[trigger]]\npath = '/a'\nevents = []", "3:10 trigger[1].events: it is empty"},
        Case{"[[trigger]]\npath = '/a'\nevents = ['moved']",
             "3:10 trigger[1].events: expected \"created\", \"modified\" or \"deleted\", got \"moved\""},
        Case{"[[trigger]]\nevery = '1h'\ncatch_up = 'all'",
             "3:1 trigger[1].catch_up: it has no meaning here; it goes with `cron`, `calendar` and `at`"},
        Case{"[[trigger]]\nevery = '1h'\nsettle = '1s'",
             "3:1 trigger[1].settle: it has no meaning here; it goes with `path`"},
        Case{"[[trigger]]\nboot = '1h'\nanchor = 'start'",
             "3:1 trigger[1].anchor: it has no meaning here; it goes with `every`"},
        Case{"[[trigger]]\nevery = '1h'\njitter = '1h'",
             "3:10 trigger[1].jitter: it must be shorter than the 1h between two firings"},
        Case{"[[trigger]]\nevery = '1ms'", "2:9 trigger[1].every: expected a span of at least 100ms"},
        Case{"[[trigger]]\nevery = '${env.NONE}'",
             "2:9 trigger[1].every: expression `env.NONE`: its value is nil, which has no text"},
        Case{"[[trigger]]\nevery = '${inputs.x}'",
             "2:9 trigger[1].every: expression `inputs.x`: attempt to index a nil value (global 'inputs')"},
        Case{"[[trigger]]\nat = 2026-01-01",
             "2:6 trigger[1].at: expected a date and time such as 2026-12-19T07:30:00 or 2026-12-19T04:00:00Z"},
        Case{"[[trigger]]\nat = 5", "2:6 trigger[1].at: expected a string, got an integer"},
        Case{"[[trigger]]\ncalendar = '*-*-* 07:00 Asia/Tehran'\ntimezone = 'UTC'",
             "3:12 trigger[1].timezone: the expression names its own zone, Asia/Tehran"},
        Case{"[[trigger]]\nevery = '60s'\n[[trigger]]\nevery = '1min'",
             "3:1 trigger[2]: it says the same as the trigger at line 1; together they would start two executions"},
        Case{"[[trigger]]\nevery = '60s'\nwhen = 'trigger.kind ='",
             "3:8 trigger[1].when: expression `trigger.kind =`: <eof> expected near '='"},
        Case{"[[trigger]]\nevery = '60s'\ninputs = { q = 1 }",
             "3:16 trigger[1].inputs.q: the process declares no such input"},
        Case{"inputs.query = {}\n[[trigger]]\nevery = '60s'\ninputs = { query = 'x', qery = 'y' }",
             "4:32 trigger[1].inputs.qery: the process declares no such input (did you mean \"query\"?)"},
        Case{"inputs.q = {}\n[[trigger]]\nevery = '60s'\ninputs = { q = 1 }",
             "4:16 trigger[1].inputs.q: expected a string, got 1"},
        Case{"inputs.q = {}\n[[trigger]]\nevery = '60s'\ninputs = { q = '${1 +}' }",
             "4:10 trigger[1].inputs: expression `1 +`: unexpected symbol near <eof>"},
        Case{"inputs.q = {}\n[[trigger]]\nevery = '60s'",
             "2:1 trigger[1]: its firings could not start: the input \"q\" is required, and is not in its `inputs`"}),
    [](const auto& one) { return std::to_string(one.index); });

INSTANTIATE_TEST_SUITE_P(
    Steps, Told,
    testing::Values(
        Case{"[[step]]\nrun = ['x']", "1:1 step[1]: expected `name`, by which its result and its history are known"},
        Case{"[[step]]\nname = 'b'",
             "1:1 step[1]: it says not what it is: expected one of the keys \"run\", \"shell\", \"process\", "
             "\"call\", \"http\", \"emit\", \"approve\", \"wait\" or \"set\""},
        Case{"[[step]]\nname = '1b'\nrun = ['x']",
             "2:8 step[1].name: the name of a step is at most 128 letters, digits, _ and -, and begins with a letter "
             "or _"},
        Case{"[[step]]\nname = 'end'\nrun = ['x']", "2:8 step[1].name: \"end\" is the name of the execution's end"},
        Case{"[[step]]\nname = 'a'\nrun = ['x']", "5:8 step[2].name: the step at line 1 has this name already"},
        Case{"[[step]]\nname = 'b'\nrun = 'x y'",
             "3:7 step[1].run: expected an array of strings such as [\"prog\", \"argument\"]; a line for the shell "
             "goes with `shell`"},
        Case{"[[step]]\nname = 'b'\nrun = []", "3:7 step[1].run: it names no program"},
        Case{"[[step]]\nname = 'b'\nrun = ['']", "3:8 step[1].run[1]: it names no program"},
        Case{"[[step]]\nname = 'b'\nrun = ['x', '${inputs.q']", "3:13 step[1].run[2]: \"${\" at byte 1 has no \"}\""},
        Case{"[[step]]\nname = 'b'\nrun = ['x', '${HOME}']",
             "3:13 step[1].run[2]: expression `HOME`: unknown name \"HOME\": an expression sees inputs, env, trigger, "
             "execution, steps, item, index, and the functions contains, ends_with, length, lower, max, min, "
             "starts_with, tonumber, tostring, trim, upper"},
        Case{"[[step]]\nname = 'b'\nrun = ['x']\nshell = 'y'",
             "4:1 step[1].shell: only one of \"run\" or \"shell\" can stand in one table"},
        Case{"[[step]]\nname = 'b'\nrun = ['x']\ninterpreter = '/bin/sh'",
             "4:1 step[1].interpreter: it has no meaning here; it goes with `shell`"},
        Case{"[[step]]\nname = 'b'\nshell = 'x'\ninterpreter = 'sh'",
             "4:15 step[1].interpreter: expected an absolute path"},
        Case{"[[step]]\nname = 'b'\nshell = 'echo ${inputs.q}'",
             "~3:9 step[1].shell: \"${inputs.…\" is not expanded in a script; inputs arrive as variables such as "
             "$TAKT_INPUT_NAME, others go into `environment`"},
        Case{"[[step]]\nname = 'b'\nrun = ['x']\nwhen = 'x = 1'",
             "4:8 step[1].when: expression `x = 1`: <eof> expected near '='"},
        Case{"[[step]]\nname = 'b'\nrun = ['x']\nretry = { delay = '1s' }",
             "4:9 step[1].retry: expected `limit`, the number of tries after the first"},
        Case{"[[step]]\nname = 'b'\nrun = ['x']\nretry = { limit = -1 }",
             "4:19 step[1].retry.limit: expected an integer from 0 to 1000000, got -1"},
        Case{"[[step]]\nname = 'b'\nrun = ['x']\nretry = { limit = 1, backoff = 0.5 }",
             "4:32 step[1].retry.backoff: expected a number from 1 to 100, got 0.5"},
        Case{"[[step]]\nname = 'b'\nrun = ['x']\nretry = { limit = 1, on = ['cancelled'] }",
             "4:28 step[1].retry.on[1]: expected \"failed\", \"timed-out\" or an exit code, got \"cancelled\""},
        Case{"[[step]]\nname = 'b'\nrun = ['x']\nkill = { signal = 'SIGFOO' }",
             "4:19 step[1].kill.signal: expected the name of a signal such as \"SIGTERM\", got \"SIGFOO\""},
        Case{"[[step]]\nname = 'b'\nrun = ['x']\ndirectory = 'here'",
             "4:13 step[1].directory: expected an absolute path"},
        Case{"[[step]]\nname = 'b'\nrun = ['x']\nresult = 'json'",
             "4:10 step[1].result: expected \"file\", \"stdout\", \"lines\" or \"none\", got \"json\""},
        Case{"[[step]]\nname = 'b'\nrun = ['x']\ntimout = 1",
             "4:1 step[1].timout: unknown key (did you mean \"timeout\"?)"}),
    [](const auto& one) { return std::to_string(one.index); });

TEST(Diagnostics, KeysOfLaterVersionsAreRefusedOneByOne) {
  for (const std::string key : {"group", "umask", "nice", "limits", "executor", "properties"})
    EXPECT_THAT(told("[[step]]\nname = 'x'\nrun = ['y']\n" + key + " = 1"),
                testing::ElementsAre(fmt::format("4:1 step[1].{}: not yet supported by this version of taktd", key)));
}

TEST(Diagnostics, AStepIsNeeded) {
  EXPECT_THAT(told(""), testing::ElementsAre("0:0 step: expected at least one step, begun by [[step]]"));
  EXPECT_THAT(told("step = []"), testing::ElementsAre("1:8 step: expected at least one step, begun by [[step]]"));
  EXPECT_THAT(told("[step]\nname = 'x'"),
              testing::ElementsAre("1:2 step: expected an array of tables, each begun by [[step]]"));
}

TEST(Diagnostics, AUserIsNeededWhereRootIsNotTheDefault) {
  Evaluator evaluator;
  const ParseContext context{evaluator, test_environment, Zone::utc(), ""};
  const auto outcome = parse_definition("job", {"job", one_step}, {}, context);
  EXPECT_FALSE(outcome.definition);
  EXPECT_THAT(all_text(outcome.diagnostics),
              HasSubstr("job: error: expected `user`: children run as root by default only"));
  const auto named = parse_definition("job", {"job", "user = 'ada'\n" + one_step}, {}, context);
  ASSERT_TRUE(named.definition);
  EXPECT_EQ(named.definition->user, "ada");
  EXPECT_EQ(named.definition->origin, "");
}

TEST(Diagnostics, AllErrorsOfATextAreToldInOrder) {
  EXPECT_THAT(
      told("overlap = 5\ncolour = 'red'\n[[step]]\nname = 'x'\nrun = ['y']\ntimeout = 'z'\n[[step]]\nname = 'x'\n"),
      testing::ElementsAre(testing::StartsWith("1:11 overlap:"), testing::StartsWith("2:1 colour:"),
                           testing::StartsWith("6:11 step[1].timeout:"), testing::StartsWith("7:1 step[2]:"),
                           testing::StartsWith("8:8 step[2].name:")));
}

TEST(Diagnostics, WhatIsNoTomlSaysWhere) {
  EXPECT_THAT(told("a = 1\nb = = 2\n"), testing::ElementsAre(testing::StartsWith("2:5 : not TOML: ")));
  EXPECT_THAT(told("user = 'é\n"), testing::ElementsAre(testing::HasSubstr("not TOML: ")));
  EXPECT_THAT(told("enabled = true\nenabled = false\n"), testing::ElementsAre(testing::HasSubstr("cannot redefine")));
  EXPECT_THAT(told("a = '\xff'\n"), testing::ElementsAre(testing::HasSubstr("not TOML: ")));
}

TEST(Diagnostics, BoundsSizeDepthAndNumber) {
  EXPECT_THAT(told(std::string(limits::definition_bytes + 1, '#')),
              testing::ElementsAre("0:0 : 262145 bytes; at most 262144 are taken"));
  std::string dots = "a";
  for (int i = 0; i < 100'000; ++i) dots += ".a";
  EXPECT_THAT(told(dots + " = 1"), testing::ElementsAre("0:0 : it has a dotted key of more than 16 parts"));
  EXPECT_THAT(told("[" + dots + "]"), testing::ElementsAre("0:0 : it has a dotted key of more than 16 parts"));
  EXPECT_THAT(told("x = \"\"\"a\"\"\"\"\"\n" + dots + " = 1"),
              testing::ElementsAre("0:0 : it has a dotted key of more than 16 parts"));
  EXPECT_THAT(told("description = '" + std::string(1000, '.') + "' # " + std::string(1000, '.') + "\n" + one_step),
              testing::IsEmpty());
  EXPECT_THAT(told("x = " + std::string(100, '[') + std::string(100, ']')),
              testing::Contains(testing::HasSubstr("nested deeper than 64")));
  EXPECT_THAT(told("x = " + std::string(100'000, '[')), testing::ElementsAre(testing::HasSubstr("not TOML")));
  std::string many;
  for (int i = 0; i < 300; ++i) many += fmt::format("k{} = 1\n", i);
  const auto lines = told(many + one_step);
  ASSERT_EQ(lines.size(), limits::diagnostics + 1);
  EXPECT_EQ(lines.back(), "0:0 : 200 more are not told");
}

TEST(Diagnostics, BoundsStepsAndTriggers) {
  std::string steps;
  for (std::size_t i = 0; i <= limits::steps; ++i) steps += fmt::format("[[step]]\nname='s{}'\nrun=['x']\n", i);
  EXPECT_THAT(told(steps), testing::ElementsAre(testing::HasSubstr("1001 steps; at most 1000 are taken")));
  std::string triggers;
  for (std::size_t i = 0; i <= limits::triggers; ++i) triggers += fmt::format("[[trigger]]\nevery={}\n", i + 1);
  EXPECT_THAT(told(triggers + one_step),
              testing::ElementsAre(testing::HasSubstr("1001 triggers; at most 1000 are taken")));
}

TEST(Diagnostics, TextShowsTheLineAndACaret) {
  EXPECT_EQ(all_text(parse("tags = ['é', 1]\n" + one_step).diagnostics),
            "/x/job.toml:1:15: error: tags[2]: expected a string, got an integer\n"
            "  tags = ['é', 1]\n"
            "               ^\n");
  EXPECT_EQ(all_text(parse("\tenabled = 1\n" + one_step).diagnostics),
            "/x/job.toml:1:12: error: enabled: expected true or false, got an integer\n"
            "  \tenabled = 1\n"
            "  \t          ^\n");
  EXPECT_EQ(to_text({Severity::warning, "f", 0, 0, "", "w", ""}), "f: warning: w\n");
}

TEST(Diagnostics, NothingThatATerminalWouldObeyIsShown) {
  const auto text = all_text(parse("\"\\u001b[31m\" = 1\n" + one_step).diagnostics);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_THAT(text, HasSubstr("?[31m: unknown key"));
}

TEST(Diagnostics, ALongLineIsCutBetweenCharacters) {
  std::string line = "description = '";
  for (int i = 0; i < 500; ++i) line += "é";
  const auto outcome = parse(line + "'\n" + one_step + "x = '" + line.substr(15) + "' ");
  ASSERT_FALSE(outcome.diagnostics.empty());
  const auto& excerpt = outcome.diagnostics.front().excerpt;
  EXPECT_LE(excerpt.size(), 240U);
  EXPECT_TRUE(parse_value(value_text(Value(excerpt))).value() == Value(excerpt));
}

TEST(Diagnostics, TheNameIsChecked) {
  Evaluator evaluator;
  const ParseContext context{evaluator, test_environment, Zone::utc(), "root"};
  for (const std::string name : {"", "A", ".a", "-a", "a/b", "a b", "ä"})
    EXPECT_THAT(all_text(parse_definition(name, {"f", one_step}, {}, context).diagnostics),
                HasSubstr("is not the name of a process"))
        << name;
  EXPECT_TRUE(parse_definition("a.b-c_1", {"f", one_step}, {}, context).definition);
}

}  // namespace
}  // namespace takt
