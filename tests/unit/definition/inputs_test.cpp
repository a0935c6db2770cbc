// The inputs of a start, judged by their declarations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "definition/definition.h"
#include "definition/limits.h"
#include "definition/pattern.h"
#include "support.h"

namespace takt {
namespace {

ProcessDefinition declared() {
  return *parse(
              "[inputs.s]\ndefault='x'\nmax=5\n[inputs.i]\ntype='integer'\nmin=1\n[inputs.n]\ntype='number'\ndefault="
              "1\n"
              "[inputs.b]\ntype='boolean'\ndefault=false\n[inputs.a]\ntype='array'\ndefault=[]\nmax=2\n"
              "[inputs.o]\ntype='object'\ndefault={}\n[inputs.c]\nchoices=['red','blue']\ndefault='red'\n"
              "[inputs.p]\npattern='^[a-z]+$'\ndefault='abc'\n" +
              one_step)
              .definition;
}

struct InputCase {
  const char* given;
  const char* expected;  // the message, or the inputs
};
class Inputs : public testing::TestWithParam<InputCase> {};

TEST_P(Inputs, AreJudged) {
  const auto inputs = check_inputs(declared(), Value::parse(GetParam().given));
  if (inputs) {
    EXPECT_EQ(value_text(*inputs), GetParam().expected);
  } else {
    EXPECT_EQ(inputs.error().message, GetParam().expected);
    EXPECT_EQ(inputs.error().code, ErrorCode::invalid_input);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, Inputs,
    testing::Values(InputCase{R"({"i": 5})", R"({"a":[],"b":false,"c":"red","i":5,"n":1,"o":{},"p":"abc","s":"x"})"},
                    InputCase{R"({"i": 5, "n": 2.5, "a": [1, {}], "o": {"k": null}, "b": true, "s": ""})",
                              R"({"a":[1,{}],"b":true,"c":"red","i":5,"n":2.5,"o":{"k":null},"p":"abc","s":""})"},
                    InputCase{R"({})", "input i: it is required (an integer)"},
                    InputCase{R"([])", "inputs: expected an object, got []"},
                    InputCase{R"({"i": 1.5})", "input i: expected an integer, got 1.5"},
                    InputCase{R"({"i": "5"})", "input i: expected an integer, got \"5\""},
                    InputCase{R"({"i": null})", "input i: expected an integer, got null"},
                    InputCase{R"({"i": 0})", "input i: expected at least 1, got 0"},
                    InputCase{R"({"i": 1, "s": "ääääää"})", "input s: expected at most 5 characters, got 6"},
                    InputCase{R"({"i": 1, "a": [1,2,3]})", "input a: expected at most 2 elements, got 3"},
                    InputCase{R"({"i": 1, "b": 1})", "input b: expected true or false, got 1"},
                    InputCase{R"({"i": 1, "o": []})", "input o: expected an object, got []"},
                    InputCase{R"({"i": 1, "c": "green"})", "input c: expected one of \"red\", \"blue\", got \"green\""},
                    InputCase{R"({"i": 1, "p": "ABC"})", "input p: expected a text that matches ^[a-z]+$, got \"ABC\""},
                    InputCase{R"({"i": 1, "p": "a\u0000;"})", "input p: it holds a NUL character"},
                    InputCase{R"({"i": 1, "zzzz": 1})", "input \"zzzz\": job declares no such input"}));

TEST(Inputs, ALongWrongValueIsShownInPart) {
  const auto inputs = check_inputs(declared(), Value{{"i", std::string(1000, 'x')}});
  EXPECT_LT(inputs.error().message.size(), 120U);
}

TEST(Inputs, AreBoundedTogether) {
  const auto process = *parse("inputs.a = {}\ninputs.b = {}\n" + one_step).definition;
  const std::string half(limits::value_bytes / 2, 'x');
  EXPECT_THAT(check_inputs(process, Value{{"a", half}, {"b", half}}).error().message, testing::HasSubstr("more than"));
}

TEST(Pattern, IsBounded) {
  EXPECT_TRUE(Pattern::compile("^[a-z]{1,64}-[0-9]{1,64}$"));
  EXPECT_FALSE(Pattern::compile("(x{1000}){1000}"));
  EXPECT_FALSE(Pattern::compile("x{999999999999999999999999}"));
  EXPECT_FALSE(Pattern::compile("(a)\\1"));
  EXPECT_TRUE(Pattern::compile("a\\\\1"));
  EXPECT_FALSE(Pattern::compile("("));
  const auto pattern = Pattern::compile("^(a|b)+$");
  EXPECT_TRUE(pattern->matches("abab").value());
  EXPECT_FALSE(pattern->matches("abc").value());
  EXPECT_FALSE(pattern->matches(std::string(limits::pattern_subject_bytes + 1, 'a')).has_value());
}

}  // namespace
}  // namespace takt
