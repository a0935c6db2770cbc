// Texts with ${…} in them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "expression/expression.h"

namespace takt {
namespace {

using testing::HasSubstr;

const Value context = Value::parse(
    R"({"inputs": {"url": "http://x/?a=${b}", "n": 5, "f": 2.5, "on": true, "list": [1, "two"], "o": {"k": null}}, "env": {}})");

struct ExpandCase {
  const char* text;
  const char* expanded;
};
class Expands : public testing::TestWithParam<ExpandCase> {};

TEST_P(Expands, To) {
  Evaluator evaluator;
  const auto text = evaluator.expand(GetParam().text, context);
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(*text, GetParam().expanded);
  EXPECT_TRUE(evaluator.check_text(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(
    Table, Expands,
    testing::Values(ExpandCase{"", ""}, ExpandCase{"plain $HOME $ {x}", "plain $HOME $ {x}"},
                    ExpandCase{"${inputs.n}", "5"}, ExpandCase{"a${inputs.n}b${inputs.f}c", "a5b2.5c"},
                    ExpandCase{"${inputs.on}", "true"},
                    // What is pasted in is not looked at again.
                    ExpandCase{"${inputs.url}", "http://x/?a=${b}"}, ExpandCase{"${inputs.list}", "[1,\"two\"]"},
                    ExpandCase{"${inputs.o}", "{\"k\":null}"}, ExpandCase{"$${inputs.n}", "${inputs.n}"},
                    ExpandCase{"$$${inputs.n}", "$${inputs.n}"}, ExpandCase{"$$ $", "$$ $"}, ExpandCase{"100$", "100$"},
                    ExpandCase{"${ '}' }", "}"}, ExpandCase{"${ {1, {2}}}", "[1,[2]]"}, ExpandCase{"${[[}]]}", "}"},
                    ExpandCase{"${env.HOUR or 7} ${env.MINUTE or '30'}", "7 30"}, ExpandCase{"${'\\'}'}", "'}"}));

class RefusesText : public testing::TestWithParam<ExpandCase> {};

TEST_P(RefusesText, WithReason) {
  Evaluator evaluator;
  const auto text = evaluator.expand(GetParam().text, context);
  ASSERT_FALSE(text) << *text;
  EXPECT_THAT(text.error().message, HasSubstr(GetParam().expanded));
}

INSTANTIATE_TEST_SUITE_P(Table, RefusesText,
                         testing::Values(ExpandCase{"${", "\"${\" at byte 1 has no \"}\""},
                                         ExpandCase{"ab${inputs.n", "at byte 3"}, ExpandCase{"${'}", "has no"},
                                         ExpandCase{"${}", "it is empty"}, ExpandCase{"${1 -- }", "no comments"},
                                         ExpandCase{"${inputs.x}", "expression `inputs.x`: its value is nil"},
                                         ExpandCase{"${env.HOUR}", "nil"},
                                         ExpandCase{"${HOUR}", "unknown name \"HOUR\""},
                                         ExpandCase{"${inputs.n} ${1 +}", "expression `1 +`"}));

TEST(Expand, BoundsTheText) {
  Evaluator evaluator;
  const Value big{{"inputs", {{"t", std::string(600 * 1024, 'x')}}}};
  EXPECT_TRUE(evaluator.expand("${inputs.t}", big));
  EXPECT_THAT(evaluator.expand("${inputs.t}${inputs.t}", big).error().message, HasSubstr("grows past"));
}

TEST(ExpandValue, KeepsTheTypeOfALoneExpression) {
  Evaluator evaluator;
  const Value value = Value::parse(
      R"({"n": "${inputs.n}", "t": "n=${inputs.n}", "l": ["${inputs.list}", 7, true, null], "e": "", "none": "${inputs.x}", "${k}": 1})");
  EXPECT_EQ(value_text(evaluator.expand_value(value, context).value()),
            R"({"${k}":1,"e":"","l":[[1,"two"],7,true,null],"n":5,"none":null,"t":"n=5"})");
  EXPECT_FALSE(evaluator.expand_value(Value::parse(R"([["${1 +}"]])"), context).has_value());
}

TEST(ExpandValue, BoundsTheValue) {
  Evaluator evaluator;
  const Value big{{"inputs", {{"t", std::string(600 * 1024, 'x')}}}};
  EXPECT_THAT(evaluator.expand_value(Value::parse(R"(["${inputs.t}", "${inputs.t}"])"), big).error().message,
              HasSubstr("grows past"));
  Value deep = "x";
  for (int i = 0; i < 100; ++i) deep = Value::array({deep});
  EXPECT_THAT(evaluator.expand_value(deep, big).error().message, HasSubstr("nested deeper"));
}

}  // namespace
}  // namespace takt
