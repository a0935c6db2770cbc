#include "base/value.h"

#include <gmock/gmock.h>

#include <cstdint>
#include <limits>
#include <stdexcept>

#include "base/limits.h"

namespace takt {
namespace {

using testing::HasSubstr;

std::string nested(int depth) {
  const auto count = static_cast<std::size_t>(depth);
  return std::string(count, '[') + std::string(count, ']');
}

TEST(Value, reads_and_writes_compact_json) {
  const std::pair<const char*, const char*> table[] = {
      {" null ", "null"},
      {"{\"b\": 1, \"a\": [true, 2.5, \"x\"]}", "{\"a\":[true,2.5,\"x\"],\"b\":1}"},
      {"18446744073709551615", "18446744073709551615"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"\"\\u00e9\\n\"", "\"é\\n\""},
      {"[]", "[]"},
  };
  for (const auto& [text, compact] : table) {
    const auto value = parse_value(text);
    ASSERT_TRUE(value) << text << ": " << value.error().message;
    EXPECT_EQ(value_text(*value), compact);
  }
}

TEST(Value, refuses_and_says_where) {
  const std::pair<const char*, const char*> table[] = {
      {"", "not JSON: parse error at line 1, column 1"},
      {"{\"a\": }", "column 7"},
      {"[1, 2", "column 6"},
      {"1 2", "column 3"},
      {"nul", "column 4"},
      {"\"\xff\"", "ill-formed UTF-8"},
      {"1e999", "not JSON: number overflow"},
  };
  for (const auto& [text, why] : table) {
    const auto value = parse_value(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, ErrorCode::invalid_input);
    EXPECT_THAT(value.error().message, HasSubstr(why)) << text;
  }
}

TEST(Value, quotes_nothing_of_what_it_refuses) {
  for (const char* text : {"secret", "\"secret", "{\"secret\" 1}", "\"secret\xff\"", "1e98765"}) {
    const std::string message = parse_value(text).error().message;
    EXPECT_THAT(message, testing::Not(testing::AnyOf(HasSubstr("secret"), HasSubstr("98765")))) << message;
  }
}

TEST(Value, is_bounded_in_depth_and_length) {
  EXPECT_TRUE(parse_value(nested(limits::value_depth)));
  const auto deep = parse_value(nested(limits::value_depth + 1));
  ASSERT_FALSE(deep);
  EXPECT_THAT(deep.error().message, HasSubstr("deeper than 64"));
  EXPECT_FALSE(parse_value(nested(limits::value_depth * 5'000)));

  const std::string longest = "\"" + std::string(limits::value_bytes - 2, 'x') + "\"";
  EXPECT_TRUE(parse_value(longest));
  const auto longer = parse_value(longest + " ");
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().code, ErrorCode::invalid_input);
}

TEST(Value, writes_bytes_that_are_not_utf8) {
  EXPECT_EQ(value_text(Value("a\xff")), "\"a\xEF\xBF\xBD\"");
}

TEST(Value, WritesEachElementAndMemberOnALineOfItsOwn) {
  EXPECT_EQ(value_text_indented(Value::parse(R"({"b": [1, [], {}], "a": {"c": "d"}})")),
            "{\n  \"a\": {\n    \"c\": \"d\"\n  },\n  \"b\": [\n    1,\n    [],\n    {}\n  ]\n}");
}

TEST(Value, TheLastOfEqualKeysCounts) {
  EXPECT_EQ(value_text(Value::parse(R"({"a": {"b": 1}, "a": {"c": 2}})")), R"({"a":{"c":2}})");
}

TEST(Value, PairsThatBeginWithATextAreAnObject) {
  EXPECT_EQ(value_text(Value{{"b", 1}, {"a", nullptr}}), R"({"a":null,"b":1})");
  EXPECT_EQ(value_text(Value{{"a", 1}, 2}), R"([["a",1],2])");
  EXPECT_EQ(value_text(Value{{1, "a"}}), R"([[1,"a"]])");
  EXPECT_EQ(value_text(Value::array({"a", "b"})), R"(["a","b"])");
  EXPECT_EQ(value_text(Value::object()), "{}");
}

TEST(Value, NumbersAreEqualByTheirValue) {
  EXPECT_EQ(Value(2), Value(2U));
  EXPECT_EQ(Value(2), Value(2.0));
  EXPECT_NE(Value(-1), Value(std::numeric_limits<std::uint64_t>::max()));  // the same bits
  EXPECT_NE(Value(1), Value(true));
  EXPECT_NE(Value(), Value(0));
  EXPECT_EQ(Value::parse("[1, {\"a\": -1}]"), Value::array({1.0, Value{{"a", -1}}}));
}

TEST(Value, TakesTheTypeThatIsAskedFor) {
  EXPECT_EQ(Value(-3).get<std::int64_t>(), -3);
  EXPECT_EQ(Value(3).get<double>(), 3.0);
  EXPECT_EQ(Value(3.9).get<int>(), 3);
  EXPECT_EQ(Value(-3.9).get<std::int64_t>(), -3);
  EXPECT_EQ(Value::parse(R"(["a", "b"])").get<std::vector<std::string>>(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ((Value{{"n", 7}}.value("n", 0)), 7);
  EXPECT_EQ((Value{{"n", 7}}.value("m", std::string("none"))), "none");
}

TEST(Value, AnotherKindThanIsAskedForThrows) {
  const Value object{{"n", 7}};
  EXPECT_THROW((void)object["m"], std::logic_error);
  EXPECT_THROW((void)object["n"].text(), std::logic_error);
  EXPECT_THROW((void)object.begin(), std::logic_error);
  EXPECT_THROW((void)Value::array({1})[1], std::logic_error);
  EXPECT_THROW((void)Value("x").get<bool>(), std::logic_error);
  EXPECT_THROW((void)Value("x").get<int>(), std::logic_error);
  EXPECT_THROW((void)Value::parse("{"), std::logic_error);
}

TEST(Value, NullIsEmptyAndBecomesWhatIsPutIntoIt) {
  Value value;
  EXPECT_TRUE(value.empty());
  EXPECT_EQ(value.begin(), value.end());
  EXPECT_TRUE(std::as_const(value).items().empty());
  value["a"].push_back(1);
  EXPECT_EQ(value_text(value), R"({"a":[1]})");
}

TEST(Value, APartOfItselfCanTakeItsPlace) {
  Value value = Value::parse(R"({"a": {"b": [1, 2]}})");
  value = std::move(value["a"]);
  EXPECT_EQ(value_text(value), R"({"b":[1,2]})");
  const Value copy = value;
  value = value["b"];
  EXPECT_EQ(value_text(value), "[1,2]");
  EXPECT_EQ(value_text(copy), R"({"b":[1,2]})");
}

TEST(Value, TriesNoTextThatNestsWithoutEnd) {
  EXPECT_TRUE(Value::try_parse(nested(1'000)));
  EXPECT_FALSE(Value::try_parse(nested(1'001)));
  EXPECT_FALSE(Value::try_parse(std::string(1'000'000, '[')));
}

}  // namespace
}  // namespace takt
