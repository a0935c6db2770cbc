#include "bus/dbus_value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/limits.h"
#include "bus/options.h"

namespace takt {
namespace {

using Variant = sdbus::Variant;

struct Case {
  const char* what;
  Variant variant;
  Value value;
};

TEST(DbusValue, EveryTypeHasItsValue) {
  const std::vector<std::vector<std::int32_t>> matrix{{1, 2}, {}, {3}};
  const std::map<std::string, std::vector<std::string>> texts{{"a", {"x", "y"}}, {"b", {}}};
  const Case cases[] = {
      {"s", Variant(std::string("é")), "é"},
      {"o", Variant(sdbus::ObjectPath("/a/b")), "/a/b"},
      {"g", Variant(sdbus::Signature("a{sv}")), "a{sv}"},
      {"b", Variant(true), true},
      {"y", Variant(std::uint8_t{255}), 255},
      {"n", Variant(std::int16_t{-32768}), -32768},
      {"q", Variant(std::uint16_t{65535}), 65535},
      {"i", Variant(std::numeric_limits<std::int32_t>::min()), std::numeric_limits<std::int32_t>::min()},
      {"u", Variant(std::numeric_limits<std::uint32_t>::max()), std::numeric_limits<std::uint32_t>::max()},
      {"x", Variant(std::numeric_limits<std::int64_t>::min()), std::numeric_limits<std::int64_t>::min()},
      {"t", Variant(std::numeric_limits<std::uint64_t>::max()), std::numeric_limits<std::uint64_t>::max()},
      {"d", Variant(0.5), 0.5},
      {"av of av", Variant(std::vector<Variant>{Variant(std::vector<Variant>{Variant(std::string("deep"))})}),
       Value::parse(R"([["deep"]])")},
      {"as", Variant(std::vector<std::string>{"a", ""}), {"a", ""}},
      {"as, empty", Variant(std::vector<std::string>{}), Value::array()},
      {"ay", Variant(std::vector<std::uint8_t>{0, 1}), {0, 1}},
      {"aai", Variant(matrix), Value::parse("[[1,2],[],[3]]")},
      {"av", Variant(std::vector<Variant>{Variant(1), Variant(std::string("b"))}), Value::parse(R"([1,"b"])")},
      {"(sib)", Variant(sdbus::make_struct(std::string("a"), 1, false)), Value::parse(R"(["a",1,false])")},
      {"a(su)", Variant(std::vector<sdbus::Struct<std::string, std::uint32_t>>{{"a", 1U}}),
       Value::parse(R"([["a",1]])")},
      {"a{sas}", Variant(texts), Value::parse(R"({"a":["x","y"],"b":[]})")},
      {"a{sv}", Variant(Dict{{"n", Variant(1)}, {"d", Variant(Dict{})}}), Value::parse(R"({"n":1,"d":{}})")},
  };
  for (const Case& one : cases) {
    const auto value = value_from_variant(one.variant);
    ASSERT_TRUE(value) << one.what << ": " << value.error().message;
    EXPECT_EQ(*value, one.value) << one.what;
  }
}

TEST(DbusValue, RefusesWhatJsonHasNot) {
  const Variant refused[] = {
      Variant(std::nan("")),
      Variant(std::numeric_limits<double>::infinity()),
      Variant(std::vector<double>{1.0, std::nan("")}),
      Variant(std::map<std::int32_t, std::string>{{1, "a"}}),
      Variant(sdbus::UnixFd(0)),
  };
  for (const Variant& variant : refused) {
    const auto value = value_from_variant(variant);
    ASSERT_FALSE(value) << variant.peekValueType();
    EXPECT_EQ(value.error().code, ErrorCode::invalid_input);
  }
}

TEST(DbusValue, RefusesDeepNesting) {
  const auto nested = [](int depth) {
    Variant variant(1);
    for (int i = 0; i < depth; ++i) variant = Variant(std::vector<Variant>{variant});
    return value_from_variant(variant);
  };
  // Each level is an array and a variant.
  EXPECT_TRUE(nested(limits::value_depth / 2 - 2));
  const auto deep = nested(limits::value_depth / 2 + 2);
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().code, ErrorCode::invalid_input);
}

TEST(DbusValue, NamesTheKeyThatIsWrong) {
  const auto value = value_from_dict({{"good", Variant(1)}, {"rate", Variant(std::nan(""))}});
  ASSERT_FALSE(value);
  EXPECT_TRUE(value.error().message.starts_with("rate: ")) << value.error().message;
}

TEST(DbusValue, BoundsWhatADictionaryBrings) {
  EXPECT_TRUE(value_from_dict({{"a", Variant(std::string(limits::value_bytes - 100, 'x'))}}));
  const auto value = value_from_dict({{"a", Variant(std::string(limits::value_bytes, 'x'))}});
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, ErrorCode::invalid_input);
}

TEST(DbusValue, ComesBackFromTheBusAsItWent) {
  for (const char* text : {"true", "-1", "9223372036854775807", "18446744073709551615", "0.25", R"("é")", "[]", "{}",
                           R"([1,"a",[false,{}]])", R"({"a":{"b":[1.5]},"c":""})"}) {
    const auto variant = variant_from_value(Value::parse(text));
    ASSERT_TRUE(variant) << text << ": " << variant.error().message;
    EXPECT_EQ(value_from_variant(*variant), Value::parse(text));
  }
}

TEST(DbusValue, RefusesWhatDbusHasNot) {
  Value deep = 1;
  for (int depth = 0; depth < limits::value_depth + 1; ++depth) deep = Value::array({deep});
  for (const Value& value : {Value(), Value::array({nullptr}), Value(std::nan("")), deep}) {
    const auto variant = variant_from_value(value);
    ASSERT_FALSE(variant) << value;
    EXPECT_EQ(variant.error().code, ErrorCode::invalid_input);
  }
}

TEST(Options, GivesEachKeyItsTypeAndRefusesTheRest) {
  Options options({{"step", Variant(std::string("a"))}, {"current", Variant(true)}, {"priority", Variant(1)}});
  EXPECT_EQ(options.take<std::string>("step"), "a");
  EXPECT_EQ(options.take<std::string>("step"), std::nullopt);
  const auto wrong = options.take<std::string>("current");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(wrong.error().message, "option current is of type 'b', not 's'");
  EXPECT_EQ(options.take<bool>("current"), true);
  const Status rest = options.finish();
  ASSERT_FALSE(rest);
  EXPECT_EQ(rest.error().message, "unknown option priority");
}

}  // namespace
}  // namespace takt
