// Unit files and the command lines in them, as systemd.syntax(7) and systemd.service(5) have them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/unit_command.h"
#include "cli/unit_file.h"

namespace takt {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

SystemdUnit unit_of(const std::string& text, const std::string& name = "a-b@c\\x2dd-e.service") {
  auto settings = read_unit_file(text, "file");
  EXPECT_TRUE(settings.has_value()) << settings.error().message;
  return {name, settings ? *std::move(settings) : std::vector<UnitSetting>{}, {{'h', "/root"}}};
}

TEST(UnitFile, LinesAreJoinedAndCommentsLeftOut) {
  const auto settings = read_unit_file(
      "# one\n; two\n\n[A]\nk = v w \nlong=a \\\n# between\n  b\\\n\tc\n[B C]\nempty=\nequals=a=b\n", "file");
  ASSERT_TRUE(settings.has_value());
  std::vector<std::string> told;
  for (const UnitSetting& one : *settings)
    told.push_back(fmt::format("{} {}: {}={}", one.line, one.section, one.key, one.value));
  EXPECT_THAT(told, ElementsAre("5 A: k=v w", "6 A: long=a  b c", "11 B C: empty=", "12 B C: equals=a=b"));
}

TEST(UnitFile, WhatIsNoSettingIsAnErrorWithFileAndLine) {
  const std::pair<const char*, const char*> cases[] = {{"[A]\nk=v\nnonsense\n", "file: line 3: expected [SECTION] or"},
                                                       {"k=v\n", "file: line 1: a setting before the first"},
                                                       {"[A\n", "file: line 1: expected"}};
  for (const auto& [text, message] : cases) {
    const auto settings = read_unit_file(text, "file");
    ASSERT_FALSE(settings.has_value()) << text;
    EXPECT_EQ(settings.error().code, ErrorCode::invalid_input);
    EXPECT_THAT(settings.error().message, HasSubstr(message));
  }
}

TEST(UnitFile, AnEmptyValueForgetsAndTheLastOneCounts) {
  SystemdUnit one = unit_of("[S]\nL=a\nL=b\nL=\nL=c\nL=d\nV=x\nV=y\nW=x\nW=\n");
  std::vector<std::string> values;
  for (const UnitSetting& setting : one.take_list("S", "L")) values.push_back(setting.value);
  EXPECT_THAT(values, ElementsAre("c", "d"));
  EXPECT_EQ(one.take("S", "V"), "y");
  EXPECT_EQ(one.take("S", "W"), std::nullopt);
  EXPECT_EQ(one.take("S", "V"), std::nullopt);
  EXPECT_THAT(one.notes(), IsEmpty());
}

TEST(UnitFile, WhatNobodyTookIsNoted) {
  EXPECT_THAT(unit_of("[S]\nA=b\n[Unit]\nAfter=x y\n", "u.timer").notes(),
              ElementsAre("u.timer: [S] A = b has no counterpart", "u.timer: [Unit] After = x y has no counterpart"));
}

TEST(UnitFile, SpecifiersAreReplaced) {
  SystemdUnit one = unit_of("");
  const std::pair<const char*, const char*> cases[] = {{"%n", "a-b@c\\x2dd-e.service"},
                                                       {"%N", "a-b@c\\x2dd-e"},
                                                       {"%p", "a-b"},
                                                       {"%i", "c\\x2dd-e"},
                                                       {"%I", "c-d/e"},
                                                       {"%P", "a/b"},
                                                       {"%j", "b"},
                                                       {"%f", "/c-d/e"},
                                                       {"%h/x", "/root/x"},
                                                       {"100%%", "100%"},
                                                       {"%%i", "%i"},
                                                       {"%", "%"}};
  for (const auto& [text, expanded] : cases) EXPECT_EQ(one.expanded(text), expanded) << text;
  EXPECT_THAT(one.notes(), IsEmpty());
  EXPECT_EQ(unit_of("", "a@b\\x2d.timer").expanded("%I"), "b-");
  EXPECT_EQ(one.expanded("on %H"), "on %H");
  EXPECT_THAT(one.notes(), ElementsAre(HasSubstr("%H in \"on %H\" is not known here")));
}

TEST(UnitCommand, WordsAreInSystemdsQuoting) {
  const std::pair<const char*, std::vector<std::string>> cases[] = {
      {"  a  b\tc ", {"a", "b", "c"}},
      {"\"a b\" 'c \"d\"' e\"f g\"", {"a b", "c \"d\"", "ef g"}},
      {"a\\sb \\x41\\102 \\u00e9 'it\\'s' \\\\", {"a b", "AB", "\xc3\xa9", "it's", "\\"}},
      {"'' x", {"", "x"}},
      {"", {}}};
  for (const auto& [text, words] : cases) {
    const auto read = unit_words(text);
    ASSERT_TRUE(read.has_value()) << text;
    EXPECT_EQ(*read, words) << text;
  }
  for (const char* text : {"'a", "\"", "\\q", "\\x0", "\\", "\\000"})
    EXPECT_FALSE(unit_words(text).has_value()) << text;
}

// "-/bin/a|b;+/bin/c": prefixes and words.
std::string commands(const std::string& text) {
  const auto read = unit_commands(text, {{"ONE", "1"}, {"TWO", "a 'b c'"}},
                                  [](std::string_view word) { return std::string(word == "%i" ? "inst ance" : word); });
  if (!read) return read.error().message;
  std::string told;
  for (const UnitCommand& command : *read) {
    told += told.empty() ? "" : " ; ";
    told += command.may_fail ? "-" : "";
    told += command.as_root ? "+" : "";
    told += command.other_name ? "@" : "";
    told += command.some_privileges ? "!" : "";
    told += fmt::format("{}", fmt::join(command.argv, "|"));
    if (!command.empty.empty()) told += fmt::format(" (no {})", fmt::join(command.empty, ", "));
  }
  return told;
}

TEST(UnitCommand, CommandsAreDividedAndVariablesPutIn) {
  const std::pair<const char*, const char*> cases[] = {
      {"/bin/a b 'c d'", "/bin/a|b|c d"},
      {"-/bin/a ; @/bin/b name x ; +!/bin/c", "-/bin/a ; @/bin/b|x ; +!/bin/c"},
      {"/bin/a x;y \\; z", "/bin/a|x;y|;|z"},
      {"/bin/a ${ONE} x${ONE}y $TWO ${TWO} \"$TWO\"", "/bin/a|1|x1y|a|b c|a 'b c'|a|b c"},
      {"/bin/a $$ONE $ONE.", "/bin/a|$ONE|$ONE."},
      {"/bin/a $NONE ${NONE}x", "/bin/a|x (no NONE, NONE)"},
      {":/bin/a $ONE ${ONE}", "/bin/a|$ONE|${ONE}"},
      {"/bin/a %i", "/bin/a|inst ance"},
      {"-", "it names no program"},
      {"/bin/a 'b", "a quote does not end"}};
  for (const auto& [text, told] : cases) EXPECT_EQ(commands(text), told) << text;
}

}  // namespace
}  // namespace takt
