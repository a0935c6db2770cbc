// The order of steps: what a text's words become, and what is refused.
#include <gmock/gmock.h>

#include "support.h"

namespace takt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// [[step]] NAME with more keys.
std::string step(const std::string& name, const std::string& keys = "") {
  return "[[step]]\nname = \"" + name + "\"\nrun = [\"true\"]\n" + keys + "\n";
}

// "b after a c; ok -> d; bad -> end; routed" of each step that has any of it.
std::vector<std::string> order_of(const ProcessDefinition& definition) {
  const auto name = [&](std::uint32_t place) { return definition.steps[place].name; };
  std::vector<std::string> lines;
  for (const Step& one : definition.steps) {
    std::string line = one.name;
    if (!one.after.empty()) line += " after";
    for (const std::uint32_t before : one.after) line += " " + name(before);
    if (one.on_success) line += "; ok -> " + (one.on_success->end ? "end" : name(one.on_success->step));
    if (one.on_failure) line += "; bad -> " + (one.on_failure->end ? "end" : name(one.on_failure->step));
    if (one.routed) line += "; routed";
    if (one.max_visits > 1) line += fmt::format("; {} visits", one.max_visits);
    if (one.finally) line += "; finally";
    lines.push_back(std::move(line));
  }
  return lines;
}
std::vector<std::string> order_of(const std::string& text) {
  const auto outcome = parse(text);
  EXPECT_EQ(all_text(outcome.diagnostics), "");
  return outcome.definition ? order_of(*outcome.definition) : std::vector<std::string>();
}

TEST(Order, StepsComeOneAfterAnother) {
  EXPECT_THAT(order_of(step("a") + step("b") + step("c")), ElementsAre("a", "b after a", "c after b"));
}

TEST(Order, NeedsReplaceWhatStandsBefore) {
  EXPECT_THAT(order_of(step("a") + step("b", "needs = [\"a\"]") + step("c", "needs = [\"a\"]") +
                       step("d", "needs = [\"b\", \"c\", \"b\"]") + step("e", "needs = []")),
              ElementsAre("a", "b after a", "c after a", "d after b c", "e"));
}

TEST(Order, AGroupSharesWhatIsBeforeAndAfterIt) {
  EXPECT_THAT(order_of(step("a") + step("b", "parallel_group = 1") + step("c", "parallel_group = 1") +
                       step("d", "parallel_group = \"other\"") + step("e")),
              ElementsAre("a", "b after a", "c after a", "d after b c", "e after d"));
}

TEST(Order, ARoutedStepStandsBesideTheSequence) {
  EXPECT_THAT(order_of(step("a", "on_failure = \"mend\"") + step("mend", "on_success = \"end\"") + step("b")),
              ElementsAre("a; bad -> mend", "mend; ok -> end; routed", "b after a"));
}

TEST(Order, AFlowOfRoutesAlone) {
  EXPECT_THAT(order_of(step("fetch", "on_success = \"check\"\non_failure = \"end\"") +
                       step("check", "on_success = \"store\"\non_failure = \"end\"") +
                       step("store", "on_success = \"end\"\non_failure = \"end\"")),
              ElementsAre("fetch; ok -> check; bad -> end", "check; ok -> store; bad -> end; routed",
                          "store; ok -> end; bad -> end; routed"));
}

TEST(Order, ALoopsHeadKeepsItsPlace) {
  EXPECT_THAT(
      order_of(step("a") + step("check", "max_visits = 3\non_failure = \"mend\"") + step("done") +
               step("mend", "on_success = \"check\"")),
      ElementsAre("a", "check after a; bad -> mend; 3 visits", "done after check", "mend; ok -> check; routed"));
  EXPECT_THAT(order_of(step("poll", "max_visits = 9\non_failure = \"poll\"") + step("done")),
              ElementsAre("poll; bad -> poll; 9 visits", "done after poll"));
}

TEST(Order, FinallyStandsBehindAllAndIsNobodysSuccessor) {
  EXPECT_THAT(order_of(step("a") + "[[finally]]\nname = \"f\"\nrun = [\"true\"]\n" + step("b")),
              ElementsAre("a", "b after a", "f; finally"));
}

struct Wrong {
  std::string text;
  std::string message;
};
class RefusedOrder : public testing::TestWithParam<Wrong> {};

TEST_P(RefusedOrder, IsToldAtItsPlace) {
  EXPECT_THAT(told(GetParam().text), ElementsAre(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedOrder,
    testing::Values(
        Wrong{step("a", "needs = [\"c\"]") + step("b") + step("c"),
              "4:10 step[1].needs[1]: these steps wait for each other: a -> b -> c -> a"},
        Wrong{step("a", "needs = [\"a\"]"), "4:10 step[1].needs[1]: a step cannot need itself"},
        Wrong{step("fetch") + step("b", "needs = [\"fetsh\"]"),
              "8:10 step[2].needs[1]: no step is named \"fetsh\" (did you mean \"fetch\"?)"},
        Wrong{step("a", "on_failure = \"mend\"") + step("b"), "4:14 step[1].on_failure: no step is named \"mend\""},
        Wrong{step("a", "on_failure = \"f\"") + "[[finally]]\nname = \"f\"\nrun = [\"true\"]\n",
              "4:14 step[1].on_failure: step \"f\" is one of [[finally]], which run by themselves at the end"},
        Wrong{step("a", "on_failure = \"b\"") + step("b", "on_success = \"a\""),
              "4:14 step[1].on_failure: a loop that nothing ends: a -> b -> a; give the step that it comes back to a "
              "`max_visits`"},
        Wrong{step("s") + step("a", "needs = [\"s\"]\non_success = \"b\"") + step("b", "on_success = \"c\"") +
                  step("c", "on_failure = \"b\""),
              "13:14 step[3].on_success: a loop that nothing ends: b -> c -> b; give the step that it comes back to a "
              "`max_visits`"},
        Wrong{step("a", "on_success = \"end\"") + step("b"),
              "6:8 step[2].name: nothing leads to this step: \"a\" before it goes to \"end\" instead; name this one in "
              "on_success or on_failure of a step, or say what it needs"},
        Wrong{step("a", "on_failure = \"b\"") + step("b", "needs = [\"a\"]"),
              "6:8 step[2].name: a route leads to this step, so `needs` has no meaning here"},
        Wrong{step("a", "max_visits = 2"),
              "2:8 step[1].name: `max_visits` has no meaning here: no step names this one in on_success or on_failure"},
        Wrong{step("a", "max_visits = 1"), "4:14 step[1].max_visits: expected an integer from 2 to 1000, got 1"},
        Wrong{step("a") + "[[finally]]\nname = \"f\"\nrun = [\"true\"]\nneeds = [\"a\"]\n",
              "8:1 finally[1].needs: it has no meaning here; it goes with [[step]]"},
        Wrong{step("a") + "[[finally]]\nname = \"a\"\nrun = [\"true\"]\n",
              "6:8 finally[1].name: the step at line 1 has this name already"}));

TEST(Order, ALoopThatNothingEntersIsRefused) {
  EXPECT_THAT(told(step("s") + step("a", "on_failure = \"b\"") + step("b", "max_visits = 2\non_success = \"a\"")),
              ElementsAre("6:8 step[2].name: nothing leads to this step: no step that can be reached goes here or is "
                          "followed by it",
                          "10:8 step[3].name: nothing leads to this step: no step that can be reached goes here or is "
                          "followed by it"));
}

// ---- Generated steps

class Generated : public testing::Test {
 protected:
  Generated() : definition_(*parse(step("a", "generate = true") + step("b")).definition) {}
  std::string error_of(const Value& list) {
    const auto longer = with_generated_steps(definition_, 0, list, evaluator_);
    return longer ? "" : longer.error().message;
  }

  Evaluator evaluator_;
  ProcessDefinition definition_;
};

TEST_F(Generated, RunBehindTheirStepAndTheRestWaits) {
  const Value list = {{{"name", "x"}, {"run", {"true"}}},
                      {{"name", "y"}, {"run", {"true"}}, {"on_failure", "z"}},
                      {{"name", "z"}, {"run", {"true"}}}};
  const auto longer = with_generated_steps(definition_, 0, list, evaluator_);
  ASSERT_TRUE(longer) << longer.error().message;
  EXPECT_THAT(order_of(**longer), ElementsAre("a", "b after a y", "x after a", "y after x; bad -> z", "z; routed"));
  EXPECT_EQ(definition_.steps.size(), 2U);
}

TEST_F(Generated, NoneLeaveAllAsItIs) {
  EXPECT_THAT(order_of(**with_generated_steps(definition_, 0, Value::array(), evaluator_)),
              ElementsAre("a", "b after a"));
}

TEST_F(Generated, AreHeldToTheRulesOfAFile) {
  EXPECT_EQ(error_of("x"), "the result is string; expected a list of steps");
  EXPECT_EQ(error_of({1}), "step[1]: expected a table");
  EXPECT_EQ(error_of({{{"name", "b"}, {"run", {"true"}}}}), "step[1].name: a step is named \"b\" already");
  EXPECT_EQ(error_of({{{"name", "x"}, {"rum", {"true"}}}}),
            "step[1]: it says not what it is: expected one of the keys \"run\", \"shell\", \"process\", \"call\", "
            "\"http\", \"emit\", \"approve\", \"wait\" or \"set\"; step[1].rum: unknown key (did you mean \"run\"?)");
  EXPECT_EQ(error_of({{{"name", "x"}, {"run", {"true"}}, {"needs", {"b"}}}}),
            "step[1].needs[1]: no step is named \"b\"");
  EXPECT_EQ(error_of({{{"name", "x"}, {"run", nullptr}}}), "step[1]: null stands for no value; leave the key out");
}

TEST_F(Generated, OfAChildThatIsNotRootsRunAsItAndHaveTheDaemonDoNothing) {
  definition_.steps[0].user = "etl";
  const auto longer = with_generated_steps(
      definition_, 0, {{{"name", "x"}, {"run", {"true"}}}, {{"name", "y"}, {"wait", "1s"}}}, evaluator_);
  ASSERT_TRUE(longer) << longer.error().message;
  EXPECT_EQ((*longer)->steps[2].user, "etl");
  EXPECT_EQ(error_of({{{"name", "x"}, {"run", {"true"}}, {"user", "root"}}}),
            "step[1].user: the step that gives it runs as etl, and so does this one");
  for (const Value& action :
       {Value{{"process", "q"}}, Value{{"emit", {{"event", "e"}}}}, Value{{"http", {{"url", "https://localhost/"}}}},
        Value{{"variants", {{{"name", "v"}, {"process", "q"}}}}}}) {
    Value step = action;
    step["name"] = "x";
    EXPECT_THAT(error_of(Value::array({step})), HasSubstr("expected run, shell, set, wait or approve")) << step;
  }
  definition_.steps[0].user = "";
  definition_.user = "etl";
  EXPECT_THAT(error_of({{{"name", "x"}, {"process", "q"}}}), HasSubstr("runs as etl"));
  definition_.user = "root";
  EXPECT_EQ(error_of({{{"name", "x"}, {"process", "q"}}}), "");
}

}  // namespace
}  // namespace takt
