#include "base/value.h"

#include <gmock/gmock.h>

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

}  // namespace
}  // namespace takt
