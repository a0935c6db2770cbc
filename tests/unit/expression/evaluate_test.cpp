// What an expression gives, as a table; and what it cannot do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "expression/expression.h"

namespace takt {
namespace {

using testing::HasSubstr;

Value sample() {
  return Value::parse(R"({
    "inputs": {"name": "Ada", "count": 3, "ratio": 0.5, "on": true, "off": false, "none": null,
               "list": [10, 20, [30]], "same": [10, 20, [30]], "big": 18446744073709551615,
               "text": "  Häuser\n", "empty": [], "my-key": "dash"},
    "env": {"HOUR": "7"},
    "steps": {"fetch": {"exit_code": 0, "result": {"count": 12, "items": ["a", "b"]}}}
  })");
}

struct Case {
  const char* expression;
  const char* json;
};

class Evaluates : public testing::TestWithParam<Case> {};

TEST_P(Evaluates, To) {
  Evaluator evaluator;
  const Value context = sample();
  for (int again = 0; again < 2; ++again) {  // compiled, then from the cache
    const auto value = evaluator.evaluate(GetParam().expression, context);
    ASSERT_TRUE(value) << value.error().message;
    EXPECT_EQ(value_text(*value), GetParam().json);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, Evaluates,
    testing::Values(
        Case{"1", "1"}, Case{"7 // 2", "3"}, Case{"7 / 2", "3.5"}, Case{"1 + 1 == 2", "true"}, Case{"nil", "null"},
        Case{"inputs.name", "\"Ada\""}, Case{"inputs['my-key']", "\"dash\""}, Case{"inputs.count + 1", "4"},
        Case{"inputs.none", "null"}, Case{"inputs.nothing", "null"}, Case{"env.HOUR or 9", "\"7\""},
        Case{"env.MINUTE or 30", "30"}, Case{"item", "null"}, Case{"item or 'none'", "\"none\""},
        // Arrays count from 1.
        Case{"inputs.list[1]", "10"}, Case{"inputs.list[3][1]", "30"}, Case{"inputs.list[0]", "null"},
        Case{"inputs.list[4]", "null"}, Case{"inputs.list[1.5]", "null"}, Case{"#inputs.list", "3"},
        Case{"inputs.list == inputs.same", "true"}, Case{"inputs.list == inputs.empty", "false"},
        Case{"inputs.list", "[10,20,[30]]"}, Case{"inputs.empty", "[]"}, Case{"inputs.big > 1", "true"},
        Case{"steps.fetch.result.items[2]", "\"b\""}, Case{"steps.fetch.exit_code == 0 and inputs.on", "true"},
        Case{"not inputs.off", "true"}, Case{"inputs.ratio * 4", "2.0"},
        // Tables made on the spot.
        Case{"{1, 'two', {3}}", "[1,\"two\",[3]]"},
        Case{"{count = inputs.count, ['a b'] = inputs.list[3]}", R"({"a b":[30],"count":3})"}, Case{"{}", "[]"},
        Case{"{name = 1}", R"({"name":1})"},
        // The functions.
        Case{"lower('ABC-é')", "\"abc-é\""}, Case{"upper(inputs.name)", "\"ADA\""},
        Case{"trim(inputs.text)", "\"Häuser\""}, Case{"length('Häuser')", "6"}, Case{"#'Häuser'", "7"},
        Case{"length(inputs.list)", "3"}, Case{"length(steps)", "1"}, Case{"contains('abcd', 'bc')", "true"},
        Case{"contains('abcd', 'x')", "false"}, Case{"contains('abc', '')", "true"},
        Case{"contains(inputs.list, 20)", "true"}, Case{"contains(inputs.list, inputs.list[3])", "true"},
        Case{"contains(inputs.list, 99)", "false"}, Case{"starts_with('abc', 'ab')", "true"},
        Case{"ends_with('abc', 'ab')", "false"}, Case{"ends_with('abc', 'bc')", "true"}, Case{"min(3, 1.5, 2)", "1.5"},
        Case{"max(3, 7, 2)", "7"}, Case{"tonumber('12') + 1", "13"}, Case{"tonumber(' 1.5 ')", "1.5"},
        Case{"tonumber('x')", "null"}, Case{"tonumber(inputs.list)", "null"}, Case{"tostring(12) .. 'x'", "\"12x\""},
        Case{"tostring(inputs.list)", "\"[10,20,[30]]\""}, Case{"tostring(nil)", "\"nil\""},
        Case{"'a' .. 1 .. 'b'", "\"a1b\""},
        // Strings that look like code are strings.
        Case{"'function end --'", "\"function end --\""}, Case{"[[while true do]]", "\"while true do\""},
        Case{"'it\\'s'", "\"it's\""}, Case{"[==[a]]b]==]", "\"a]]b\""}));

class Refuses : public testing::TestWithParam<Case> {};

TEST_P(Refuses, WithReason) {
  Evaluator evaluator;
  const Value context = sample();
  const auto value = evaluator.evaluate(GetParam().expression, context);
  ASSERT_FALSE(value) << value_text(*value);
  EXPECT_EQ(value.error().code, ErrorCode::invalid_input);
  EXPECT_THAT(value.error().message, HasSubstr(GetParam().json));
  // Nothing of it is left.
  EXPECT_EQ(evaluator.evaluate("inputs.count", context).value(), 3);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Refuses,
    testing::Values(
        Case{"", "it is empty"}, Case{" \n ", "it is empty"},
        Case{"1 +", "expression `1 +`: unexpected symbol near <eof>"}, Case{"1, 2", "one expression is expected"},
        Case{"1;", "one expression is expected"}, Case{"1) ; tostring(2", "<eof> expected near ')'"},
        Case{"inputs = 1", "<eof> expected near '='"}, Case{"inputs.x = 1", "<eof> expected"},
        Case{"return 1", "belongs to a statement"},
        Case{"(function() while true do end end)()", "\"function\" belongs to a statement"},
        Case{"1 -- 2", "no comments"}, Case{"1 --[[ 2 ]]", "no comments"}, Case{"'abc", "unfinished string"},
        Case{"[[abc", "unfinished long string"},
        // Nothing but the context and the functions can be named.
        Case{"os.execute('true')", "unknown name \"os\""}, Case{"_G", "unknown name \"_G\""},
        Case{"_ENV", "unknown name \"_ENV\""},
        Case{"input.name", "unknown name \"input\": an expression sees inputs, env,"},
        Case{"load('return 1')()", "unknown name \"load\""}, Case{"('x'):rep(1e9)", "attempt to index a string value"},
        Case{"('').format('%d', 1)", "attempt to index a string value"},
        Case{"inputs.name.x", "attempt to index a string value (field 'name')"},
        Case{"inputs.nothing.x", "attempt to index a nil value (field 'nothing')"},
        Case{"inputs.list .. 'x'", "attempt to concatenate a array value (field 'list')"},
        Case{"inputs.count < inputs.name", "attempt to compare number with string"},
        Case{"1 // 0", "attempt to divide by zero"}, Case{"lower()", "bad argument #1 to 'lower'"},
        Case{"min()", "number expected"}, Case{"max(1, 'x')", "bad argument #2"},
        Case{"contains(inputs, 1)", "string or array expected"}, Case{"tostring({})", "a table has no text"},
        // Values that JSON does not have.
        Case{"lower", "its value is a function"}, Case{"{1, 2, x = 3}", "neither an array nor an object"},
        Case{"{[1.5] = 2}", "neither an array nor an object"}, Case{"{[true] = 2}", "neither an array nor an object"},
        Case{"1 / 0", "not a finite number"}, Case{"{0 / 0}", "not a finite number"}));

TEST(Evaluator, ReadsANameOnlyFromTheContextOfItsOwnEvaluation) {
  Evaluator evaluator;
  EXPECT_EQ(evaluator.evaluate("inputs.a", Value{{"inputs", {{"a", 1}}}}).value(), 1);
  EXPECT_EQ(evaluator.evaluate("inputs.a", Value{{"inputs", {{"a", 2}}}}).value(), 2);
  EXPECT_EQ(evaluator.evaluate("inputs", Value::object()).value(), Value());
}

TEST(Evaluator, AMemberOfTheContextHidesNoFunctionButAFunctionNoMember) {
  Evaluator evaluator;
  EXPECT_EQ(evaluator.evaluate("lower", Value{{"lower", 5}}).value(), 5);
}

TEST(Evaluator, TestsTruthAsLuaDoes) {
  Evaluator evaluator;
  const Value context = sample();
  for (const char* truth : {"true", "0", "''", "inputs.empty", "inputs.on"})
    EXPECT_TRUE(evaluator.test(truth, context).value()) << truth;
  for (const char* untruth : {"false", "nil", "inputs.none", "inputs.off", "steps.other"})
    EXPECT_FALSE(evaluator.test(untruth, context).value()) << untruth;
  EXPECT_FALSE(evaluator.test("steps.other.exit_code == 0", context).has_value());
}

TEST(Evaluator, BoundsInstructions) {
  Evaluator evaluator({.instructions = 100});
  std::string long_sum = "inputs.count";
  for (int i = 0; i < 100; ++i) long_sum += "+inputs.count";
  const auto value = evaluator.evaluate(long_sum, sample());
  ASSERT_FALSE(value);
  EXPECT_THAT(value.error().message, HasSubstr("too many instructions"));
  EXPECT_EQ(evaluator.evaluate("inputs.count", sample()).value(), 3);
  EXPECT_EQ(Evaluator().evaluate(long_sum, sample()).value(), 303);
}

TEST(Evaluator, BoundsMemory) {
  Evaluator evaluator;
  const Value context{{"inputs", {{"big", std::string(1024 * 1024, 'x')}}}};
  std::string grows = "inputs.big";
  for (int i = 0; i < 20; ++i) grows += "..inputs.big";
  const auto value = evaluator.evaluate(grows, context);
  ASSERT_FALSE(value);
  EXPECT_THAT(value.error().message, HasSubstr("too much memory"));
  // What was used is free again, again and again.
  for (int i = 0; i < 50; ++i)
    EXPECT_TRUE(evaluator.test("inputs.big .. inputs.big .. inputs.big ~= ''", context).value());
}

TEST(Evaluator, BoundsItsValue) {
  Evaluator evaluator;
  const Value context{
      {"inputs", {{"big", std::string(400 * 1024, 'x')}, {"list", Value::array({std::string(400 * 1024, 'y')})}}}};
  EXPECT_TRUE(evaluator.evaluate("{inputs.big, inputs.list}", context));
  for (const char* much : {"{inputs.big, inputs.big, inputs.big}", "{inputs.list, inputs.list, inputs.list}"})
    EXPECT_THAT(evaluator.evaluate(much, context).error().message, HasSubstr("more than 1048576 bytes")) << much;
  Value deep = Value::array();
  for (int i = 0; i < 60; ++i) deep = Value::array({deep});
  EXPECT_TRUE(evaluator.evaluate("inputs", Value{{"inputs", deep}}));
  EXPECT_THAT(evaluator.evaluate("{{{{{{inputs}}}}}}", Value{{"inputs", deep}}).error().message,
              HasSubstr("nested deeper"));
}

TEST(Evaluator, BoundsWhatIsCompiled) {
  Evaluator evaluator;
  EXPECT_THAT(evaluator.check(std::string(5000, '1')).error().message, HasSubstr("at most 4096"));
  EXPECT_THAT(evaluator.check(std::string(1000, '(') + "1" + std::string(1000, ')')).error().message,
              HasSubstr("overflow"));
  EXPECT_THAT(evaluator.check(std::string(4000, '{')).error().message, HasSubstr("overflow"));
  // More expressions than are kept compiled.
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(evaluator.evaluate(std::to_string(i), Value::object()).value(), i);
}

TEST(Evaluator, ChecksWithoutEvaluating) {
  Evaluator evaluator;
  EXPECT_TRUE(evaluator.check("steps.fetch.result.count > 3"));
  EXPECT_FALSE(evaluator.check("steps.fetch.result.count >"));
}

// Whatever bytes come: a value or an error, and the next evaluation is sound.
TEST(Evaluator, SurvivesRandomBytes) {
  Evaluator evaluator;
  const Value context = sample();
  std::mt19937 random(20261119);
  const std::string_view alphabet =
      "inputs.e{}[]()'\"\\-=~<>+*/%^#,;:. \n\0\x01\xc3\xa9"
      "0129anor$$${{}}"
      "lowertrim";
  int values = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (auto size = random() % 24; size > 0; --size) text += alphabet[random() % alphabet.size()];
    if (evaluator.evaluate(text, context)) ++values;
    (void)evaluator.expand(text, context);
  }
  EXPECT_GT(values, 0);
  EXPECT_EQ(evaluator.evaluate("inputs.count", context).value(), 3);
}

}  // namespace
}  // namespace takt
