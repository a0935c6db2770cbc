// How often a step runs, with what it shares, what becomes of its result and of its failure; and what holds triggers
// back: what a good text becomes, and what is told of a wrong one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "definition/limits.h"
#include "support.h"

namespace takt {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(StepKeys, AreAllTaken) {
  const Step step = good_step(R"(
    run          = ["x"]
    for_each     = "steps.list.result"
    max_parallel = 256
    fail_fast    = false
    undo         = { run = ["y", "${item}"], timeout = "1min" }
    cache        = { key = "${inputs.x}", ttl = "1h" }
    pool         = "licences"
    slots        = 10
    retry        = { limit = 3, jitter = 0.5, on = ["timed-out", 75, 1, 255] })");
  EXPECT_EQ(step.for_each, "steps.list.result");
  EXPECT_EQ(step.max_parallel, limits::items_parallel);
  EXPECT_EQ(step.fail_fast, false);
  ASSERT_TRUE(step.undo);
  EXPECT_THAT(step.undo->argv, ElementsAre("y", "${item}"));
  EXPECT_EQ(step.undo->timeout, seconds(60));
  ASSERT_TRUE(step.cache);
  EXPECT_EQ(step.cache->key, "${inputs.x}");
  EXPECT_EQ(step.cache->ttl, hours(1));
  EXPECT_EQ(step.pool, "licences");
  EXPECT_EQ(step.slots, 10U);
  ASSERT_TRUE(step.retry);
  EXPECT_EQ(step.retry->jitter, 0.5);
  EXPECT_THAT(step.retry->on, ElementsAre(Outcome::timed_out));
  EXPECT_THAT(step.retry->exit_codes, ElementsAre(75, 1, 255));
}

TEST(StepKeys, HaveDefaults) {
  const Step step = good_step("run = ['x']");
  EXPECT_EQ(step.for_each, "");
  EXPECT_EQ(step.max_parallel, 1U);
  EXPECT_FALSE(step.fail_fast);
  EXPECT_FALSE(step.undo);
  EXPECT_FALSE(step.cache);
  EXPECT_THAT(step.variants, IsEmpty());
  EXPECT_FALSE(step.generate);
  EXPECT_EQ(step.pool, "");
  EXPECT_EQ(good_step("run = ['x']\npool = 'disk'").slots, 1U);
  const Step retried = good_step("run = ['x']\nretry = { limit = 1, on = [75] }");
  EXPECT_THAT(retried.retry->on, IsEmpty());
  EXPECT_EQ(retried.retry->jitter, 0);
  const Step undone = good_step("run = ['x']\nundo = ['y', 'z']");
  EXPECT_THAT(undone.undo->argv, ElementsAre("y", "z"));
  EXPECT_FALSE(undone.undo->timeout);
}

// The command of `undo` has use for what a command has, whatever its step does.
TEST(StepKeys, AnUndoOfAnyActionIsACommand) {
  const Step step = good_step(R"(
    http        = { url = "https://example.org/", method = "POST" }
    undo        = ["curl", "--request", "DELETE", "https://example.org/${steps.a.result.body.id}"]
    user        = "ada"
    directory   = "/srv"
    environment = { A = "1" }
    kill        = { grace = "1s" })");
  EXPECT_EQ(step.user, "ada");
  EXPECT_EQ(step.directory, "/srv");
  EXPECT_EQ(step.environment.at("A"), "1");
  EXPECT_EQ(step.kill.grace, seconds(1));
}

TEST(StepKeys, AVariantHasAnActionOfAnyKind) {
  const Step step = good_step(R"(
    variant_key = "${inputs.customer}"
    result      = "stdout"

    [[step.variants]]
    name   = "old"
    weight = 0
    run    = ["x"]

    [[step.variants]]
    name        = "new"
    weight      = 1000
    shell       = "y"
    interpreter = "/bin/bash"

    [[step.variants]]
    name    = "nested"
    process = "other"
    inputs  = { n = 5 })");
  EXPECT_EQ(step.variant_key, "${inputs.customer}");
  EXPECT_EQ(step.result, ResultSource::standard_output);
  ASSERT_EQ(step.variants.size(), 3U);
  EXPECT_EQ(step.variants[0].name, "old");
  EXPECT_EQ(step.variants[0].weight, 0);
  EXPECT_THAT(std::get<RunAction>(step.variants[0].action).argv, ElementsAre("x"));
  EXPECT_EQ(step.variants[1].weight, 1000);
  EXPECT_EQ(std::get<ShellAction>(step.variants[1].action).interpreter, "/bin/bash");
  EXPECT_EQ(step.variants[2].weight, 1);
  EXPECT_EQ(std::get<ProcessAction>(step.variants[2].action).inputs, Value({{"n", 5}}));
}

TEST(StepKeys, AStepMayGenerateOthers) {
  EXPECT_TRUE(good_step("run = ['x']\ngenerate = true").generate);
}

// A text that comes without the settings, as one that is only looked at, may name any pool.
TEST(StepKeys, AnyPoolIsGoodWhereNoneIsKnown) {
  Evaluator evaluator;
  const ParseContext context{evaluator, test_environment, Zone::utc(), "root"};
  const auto outcome =
      parse_definition("job", {"f", "pool = 'p'\nslots = 5\n" + one_step + "pool = 'q'\nslots = 7"}, {}, context);
  ASSERT_TRUE(outcome.definition) << all_text(outcome.diagnostics);
  EXPECT_EQ(outcome.definition->pool, "p");
  EXPECT_EQ(outcome.definition->slots, 5U);
  EXPECT_EQ(outcome.definition->steps[0].pool, "q");
  EXPECT_EQ(outcome.definition->steps[0].slots, 7U);
}

TEST(TriggerKeys, HoldFiringsBack) {
  const auto outcome = parse(
      "[[trigger]]\nevery = '1h'\ndebounce = '5s'\nrate = { limit = 3, span = '1h' }\n"
      "[[trigger]]\nevery = '2h'\nrate = { limit = 10000, span = 1, excess = 'coalesce' }\n"
      "[[trigger]]\nevery = '3h'\n" +
      one_step);
  ASSERT_TRUE(outcome.definition) << all_text(outcome.diagnostics);
  const auto& triggers = outcome.definition->triggers;
  EXPECT_EQ(triggers[0].debounce, seconds(5));
  ASSERT_TRUE(triggers[0].rate);
  EXPECT_EQ(triggers[0].rate->limit, 3);
  EXPECT_EQ(triggers[0].rate->span, hours(1));
  EXPECT_EQ(triggers[0].rate->excess, Excess::skip);
  EXPECT_EQ(triggers[1].rate->limit, 10'000);
  EXPECT_EQ(triggers[1].rate->span, seconds(1));
  EXPECT_EQ(triggers[1].rate->excess, Excess::coalesce);
  EXPECT_FALSE(triggers[1].debounce);
  EXPECT_FALSE(triggers[2].rate);
  // They are no part of what a trigger is known by: its history goes on when they change.
  EXPECT_EQ(triggers[0].key, "every 1h");
}

struct WrongKey {
  const char* text;      // what stands below a step with `name` and `run`, from line 4 on
  const char* expected;  // the one diagnostic
};
class ToldOfKeys : public testing::TestWithParam<WrongKey> {};

TEST_P(ToldOfKeys, ExactlyThis) {
  EXPECT_THAT(told(std::string("[[step]]\nname = 'a'\nrun = ['x']\n") + GetParam().text),
              ElementsAre(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Repetition, ToldOfKeys,
    testing::Values(
        WrongKey{"for_each = ['x']", "4:12 step[1].for_each: expected a string, got an array"},
        WrongKey{"for_each = 'x ='", "4:12 step[1].for_each: expression `x =`: <eof> expected near '='"},
        WrongKey{"for_each = '{}'\nmax_parallel = 0",
                 "5:16 step[1].max_parallel: expected an integer from 1 to 256, got 0"},
        WrongKey{"for_each = '{}'\nmax_parallel = 257",
                 "5:16 step[1].max_parallel: expected an integer from 1 to 256, got 257"},
        WrongKey{"for_each = '{}'\nfail_fast = 'no'", "5:13 step[1].fail_fast: expected true or false, got a string"},
        WrongKey{"max_parallel = 2", "4:1 step[1].max_parallel: it has no meaning here; it goes with `for_each`"},
        WrongKey{"fail_fast = true", "4:1 step[1].fail_fast: it has no meaning here; it goes with `for_each`"},
        WrongKey{"for_each = '{}'\ngenerate = true",
                 "5:12 step[1].generate: a step with for_each gives a list of results, not of steps"},
        WrongKey{"generate = 1", "4:12 step[1].generate: expected true or false, got an integer"}),
    [](const auto& one) { return std::to_string(one.index); });

INSTANTIATE_TEST_SUITE_P(
    Retry, ToldOfKeys,
    testing::Values(
        WrongKey{"retry = 3", "4:9 step[1].retry: expected a table, got an integer"},
        WrongKey{"retry = { limit = 1, jitter = 1.5 }",
                 "4:31 step[1].retry.jitter: expected a number from 0 to 1, got 1.5"},
        WrongKey{"retry = { limit = 1, jitter = -0.1 }",
                 "4:31 step[1].retry.jitter: expected a number from 0 to 1, got -0.1"},
        WrongKey{"retry = { limit = 1, on = 75 }",
                 "4:27 step[1].retry.on: expected a list of outcomes (\"failed\", \"timed-out\") and exit codes"},
        WrongKey{"retry = { limit = 1, on = [] }",
                 "4:27 step[1].retry.on: expected a list of outcomes (\"failed\", \"timed-out\") and exit codes"},
        WrongKey{"retry = { limit = 1, on = [0] }",
                 "4:28 step[1].retry.on[1]: expected an exit code from 1 to 255, got 0"},
        WrongKey{"retry = { limit = 1, on = ['failed', 256] }",
                 "4:38 step[1].retry.on[2]: expected an exit code from 1 to 255, got 256"},
        WrongKey{"retry = { limit = 1, on = [true] }",
                 "4:28 step[1].retry.on[1]: expected \"failed\", \"timed-out\" or an exit code"},
        WrongKey{"retry = { limit = 1, on = ['interrupted'] }",
                 "4:28 step[1].retry.on[1]: expected \"failed\", \"timed-out\" or an exit code, got \"interrupted\""},
        WrongKey{"retry = { limit = 1, jiter = 1 }",
                 "4:22 step[1].retry.jiter: unknown key (did you mean \"jitter\"?)"}),
    [](const auto& one) { return std::to_string(one.index); });

INSTANTIATE_TEST_SUITE_P(
    UndoAndCache, ToldOfKeys,
    testing::Values(
        WrongKey{"undo = 'rm x'", "4:8 step[1].undo: expected an array of strings, got a string"},
        WrongKey{"undo = []", "4:8 step[1].undo: it names no program"},
        WrongKey{"undo = ['']", "4:9 step[1].undo[1]: it names no program"},
        WrongKey{"undo = ['rm', '${x']", "4:15 step[1].undo[2]: \"${\" at byte 1 has no \"}\""},
        WrongKey{"undo = { timeout = '1s' }",
                 "4:8 step[1].undo: expected `run`, the program that takes back what the step did"},
        WrongKey{"undo = { run = ['rm', 5] }", "4:23 step[1].undo.run[2]: expected a string, got an integer"},
        WrongKey{"undo = { run = ['rm'], timeout = 0 }", "4:34 step[1].undo.timeout: expected a span of at least 1us"},
        WrongKey{"undo = { run = ['rm'], user = 'ada' }", "4:24 step[1].undo.user: unknown key"},
        WrongKey{"cache = '1h'", "4:9 step[1].cache: expected a table, got a string"},
        WrongKey{"cache = { ttl = '1h' }", "4:9 step[1].cache: expected `key`"},
        WrongKey{"cache = { key = 'x' }", "4:9 step[1].cache: expected `ttl`"},
        WrongKey{"cache = { key = '${1 +}', ttl = '1h' }",
                 "4:17 step[1].cache.key: expression `1 +`: unexpected symbol near <eof>"},
        WrongKey{"cache = { key = 'x', ttl = 0 }", "4:28 step[1].cache.ttl: expected a span of at least 1us"},
        WrongKey{"cache = { key = 'x', ttl = '1h', scope = 'y' }", "4:34 step[1].cache.scope: unknown key"}),
    [](const auto& one) { return std::to_string(one.index); });

INSTANTIATE_TEST_SUITE_P(
    VariantsAndPools, ToldOfKeys,
    testing::Values(
        WrongKey{"variants = 2", "4:1 step[1].variants: expected an array of tables, each begun by [[step.variants]]"},
        WrongKey{"variant_key = 'x'", "4:1 step[1].variant_key: it has no meaning here; it goes with `variants`"},
        WrongKey{"[[step.variants]]\nname = 'v'\nrun = ['y']",
                 "3:1 step[1].run: it has no meaning here; it goes with one of the variants"},
        WrongKey{"pool = 'dsk'",
                 "4:8 step[1].pool: taktd.toml has no pool \"dsk\" in [pools] (did you mean \"disk\"?)"},
        WrongKey{"pool = ''", "4:8 step[1].pool: it is empty"},
        WrongKey{"pool = 'disk'\nslots = 3", "5:9 step[1].slots: the pool \"disk\" has 2 slots, fewer than 3"},
        WrongKey{"pool = 'disk'\nslots = 0", "5:9 step[1].slots: expected an integer from 1 to 100000, got 0"},
        WrongKey{"slots = 2", "4:1 step[1].slots: it has no meaning here; it goes with `pool`"}),
    [](const auto& one) { return std::to_string(one.index); });

TEST(StepKeys, OfVariantsEachErrorIsTold) {
  const std::string step = "[[step]]\nname = 'a'\n";
  const auto with = [&](const std::string& text) { return told(step + text); };
  EXPECT_THAT(with("[[step.variants]]\nrun = ['x']"),
              ElementsAre("3:1 step[1].variants[1]: expected `name`, by which its result and its history are known"));
  EXPECT_THAT(with("[[step.variants]]\nname = 'v'\nrun = ['x']\nweight = 1001"),
              ElementsAre("6:10 step[1].variants[1].weight: expected an integer from 0 to 1000, got 1001"));
  EXPECT_THAT(with("[[step.variants]]\nname = 'v'\nrun = ['x']\nweight = 0"),
              ElementsAre("3:1 step[1].variants: none of them has a weight, so that none could be taken"));
  EXPECT_THAT(with("[[step.variants]]\nname = 'v'\nweight = 1"),
              ElementsAre("3:1 step[1].variants[1]: it says not what it is: expected one of the keys \"run\", "
                          "\"shell\", \"process\", \"call\", \"http\", \"emit\", \"approve\", \"wait\" or \"set\""));
  EXPECT_THAT(with("[[step.variants]]\nname = 'v'\nrun = ['x']\ntimeout = 1"),
              ElementsAre("6:1 step[1].variants[1].timeout: unknown key"));
  EXPECT_THAT(with("[[step.variants]]\nname = 'v'\nrun = ['x']\n[[step.variants]]\nname = 'v'\nrun = ['y']"),
              ElementsAre("7:8 step[1].variants[2].name: another variant is named \"v\""));
  EXPECT_THAT(with("[[step.variants]]\nname = 'v'\nshell = 'x'\ninterpreter = 'bash'"),
              ElementsAre("6:15 step[1].variants[1].interpreter: expected an absolute path"));
  EXPECT_THAT(with("result = 'none'\n[[step.variants]]\nname = 'v'\nwait = 1"),
              ElementsAre("3:1 step[1].result: it has no meaning here; it goes with `run` and `shell`"));
  std::string many;
  for (std::size_t i = 0; i <= limits::variants; ++i)
    many += fmt::format("[[step.variants]]\nname = 'v{}'\nwait = 1\n", i);
  EXPECT_THAT(with(many), ElementsAre("3:1 step[1].variants: expected 1 to 16 variants"));
}

struct WrongTriggerKey {
  const char* text;      // what stands below a trigger with `every`, from line 3 on
  const char* expected;  // the one diagnostic
};
class ToldOfTriggerKeys : public testing::TestWithParam<WrongTriggerKey> {};

TEST_P(ToldOfTriggerKeys, ExactlyThis) {
  EXPECT_THAT(told(std::string("[[trigger]]\nevery = '1h'\n") + GetParam().text + "\n" + one_step),
              ElementsAre(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Triggers, ToldOfTriggerKeys,
    testing::Values(
        WrongTriggerKey{"debounce = 0", "3:12 trigger[1].debounce: expected a span of at least 1us"},
        WrongTriggerKey{
            "debounce = 'a while'",
            "3:12 trigger[1].debounce: \"a while\" is not a time span: a number is expected at \"a while\""},
        WrongTriggerKey{"debounce = '${env.NONE}'",
                        "3:12 trigger[1].debounce: expression `env.NONE`: its value is nil, which has no text"},
        WrongTriggerKey{"rate = 3", "3:8 trigger[1].rate: expected a table, got an integer"},
        WrongTriggerKey{"rate = { span = '1h' }",
                        "3:8 trigger[1].rate: expected `limit`: at most so many executions in so long"},
        WrongTriggerKey{"rate = { limit = 3 }",
                        "3:8 trigger[1].rate: expected `span`: at most so many executions in so long"},
        WrongTriggerKey{"rate = { limit = 0, span = '1h' }",
                        "3:18 trigger[1].rate.limit: expected an integer from 1 to 10000, got 0"},
        WrongTriggerKey{"rate = { limit = 10001, span = '1h' }",
                        "3:18 trigger[1].rate.limit: expected an integer from 1 to 10000, got 10001"},
        WrongTriggerKey{"rate = { limit = 3, span = 0 }", "3:28 trigger[1].rate.span: expected a span of at least 1us"},
        WrongTriggerKey{"rate = { limit = 3, span = '1h', excess = 'drop' }",
                        "3:43 trigger[1].rate.excess: expected \"skip\" or \"coalesce\", got \"drop\""},
        WrongTriggerKey{"rate = { limit = 3, span = 1, per = 1 }", "3:31 trigger[1].rate.per: unknown key"}),
    [](const auto& one) { return std::to_string(one.index); });

}  // namespace
}  // namespace takt
