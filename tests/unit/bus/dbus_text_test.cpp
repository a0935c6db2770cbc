#include "bus/dbus_text.h"

#include <gtest/gtest.h>

using namespace std::string_view_literals;

namespace takt {
namespace {

constexpr std::string_view wrong = "\xef\xbf\xbd";

TEST(DbusText, LeavesWhatIsRight) {
  for (const std::string_view text : {""sv, "plain"sv, "é ☃ 𝄞"sv, "\x7f\t\n"sv, "\xef\xbf\xbf"sv, "\xf4\x8f\xbf\xbf"sv})
    EXPECT_EQ(dbus_text(text), text);
}

TEST(DbusText, ReplacesWhatTheBusDoesNotTake) {
  const std::string one(wrong);
  EXPECT_EQ(dbus_text("a\0b"sv), "a" + one + "b");
  EXPECT_EQ(dbus_text("\xff"), one);
  EXPECT_EQ(dbus_text("\xc3"), one);                                // cut short
  EXPECT_EQ(dbus_text("\xc3("), one + "(");                         // not continued
  EXPECT_EQ(dbus_text("\xc0\xaf"), one + one);                      // longer than need be
  EXPECT_EQ(dbus_text("\xe0\x80\xaf"), one + one + one);            // the same
  EXPECT_EQ(dbus_text("\xed\xa0\x80"), one + one + one);            // a surrogate
  EXPECT_EQ(dbus_text("\xf4\x90\x80\x80"), one + one + one + one);  // beyond the last
  EXPECT_EQ(dbus_text("\xf0\x8f\xbf\xbf"), one + one + one + one);
}

TEST(DbusText, CutsBetweenCharacters) {
  EXPECT_EQ(dbus_text("abcdef", 6), "abcdef");
  EXPECT_EQ(dbus_text("abcdefg", 6), "abc…");
  EXPECT_EQ(dbus_text("éééé", 6), "é…");
  EXPECT_EQ(dbus_text("☃☃☃", 8), "☃…");
  EXPECT_LE(dbus_text(std::string(10'000, '\xff'), 100).size(), 100u);
}

}  // namespace
}  // namespace takt
