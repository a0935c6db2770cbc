// What an import writes is TOML that says what was meant, whatever the other system's texts hold.
#include "cli/import_draft.h"
#include "definition/definition.h"

#include <gmock/gmock.h>

#include "definition/folders.h"
#include "definition/toml_tree.h"

namespace takt {
namespace {

TomlTable read_back(const DraftProcess& draft) {
  const SourceText source{"draft.toml", draft_text(draft)};
  Report report({&source});
  auto document = read_toml(report);
  EXPECT_TRUE(document.has_value()) << source.text;
  return document ? std::move(document->root) : TomlTable();
}

std::string text_of(const TomlTable& table, const std::string& key) {
  const auto found = table.find(key);
  const auto* text = found == table.end() ? nullptr : std::get_if<std::string>(&found->second.value);
  return text == nullptr ? "(none)" : *text;
}

TEST(ImportDraft, KeepsEveryTextWhole) {
  std::string all;
  for (int c = 0; c < 0x80; ++c) all += static_cast<char>(c);
  for (const std::string& text :
       {std::string(), std::string("plain"), std::string("it's"), std::string("'first"), std::string("''two"),
        std::string("last'"), std::string("a ''' b"), std::string("two\nlines\n"), std::string("\nan empty line first"),
        std::string("a\tb"), std::string("\r\n"), std::string("a\x7f"), std::string("C:\\path \"x\""),
        std::string("\xc3\xbc"), all}) {
    DraftProcess draft;
    draft.comments = {text};
    draft.notes = {text};
    draft.keys = {{"value", toml_value(text)}, {"script", toml_script(text)}};
    draft.triggers = {{.keys = {{"every", "'1h'"}}, .comments = {text}}};
    draft.steps = {{.name = text, .comments = {text}, .keys = {}}};
    const TomlTable root = read_back(draft);
    EXPECT_EQ(text_of(root, "value"), text);
    EXPECT_EQ(text_of(root, "script"), text);
    EXPECT_THAT(draft_text(draft), testing::Not(testing::HasSubstr("\x7f")));
  }
}

TEST(ImportDraft, WritesAScriptAsItIsReadBest) {
  EXPECT_EQ(toml_script("echo \"a\\n\""), "'''echo \"a\\n\"'''");
  EXPECT_EQ(toml_script("a\nb"), "'''\na\nb'''");
}

TEST(ImportDraft, WritesValuesOnOneLine) {
  EXPECT_EQ(toml_value(Value::parse(R"({"a-b_1": [true, 1.5, "x"], "a b": {}, "": -2})")),
            R"({ "" = -2, "a b" = {}, a-b_1 = [true, 1.5, "x"] })");
  EXPECT_TRUE(has_null(Value::parse(R"({"a": [1, {"b": null}]})")));
  EXPECT_TRUE(has_null(Value()));
  EXPECT_FALSE(has_null(Value::parse(R"({"a": [1, "null"]})")));
}

TEST(ImportDraft, LetsAReferenceStandForItself) {
  EXPECT_EQ(literal_text("a ${b} $${c} $d ${"), "a $${b} $$${c} $d $${");
}

TEST(ImportDraft, FindsTheNearestNames) {
  EXPECT_EQ(process_name_like("Document  Processing (v2)!"), "document-processing-v2");
  EXPECT_EQ(process_name_like("._-a.b"), "a.b");
  EXPECT_EQ(process_name_like("???"), "");
  const std::string longest = process_name_like(std::string(1000, 'a'));
  EXPECT_TRUE(valid_process_name(longest + "-1000"));
  std::set<std::string> taken;
  EXPECT_EQ(process_name_like("a b", taken), "a-b");
  EXPECT_EQ(process_name_like("A/B", taken), "a-b-2");
  EXPECT_EQ(process_name_like("?", taken), "process");
  taken.clear();
  EXPECT_EQ(step_name_like("Copy to /srv", taken), "Copy_to_srv");
  EXPECT_EQ(step_name_like("Copy-to", taken), "Copy-to");
  EXPECT_EQ(step_name_like("Copy to srv!", taken), "Copy_to_srv_2");
  EXPECT_EQ(step_name_like("end", taken), "step_end");  // the word of a route that ends
  EXPECT_EQ(step_name_like("1st", taken), "step_1st");
  EXPECT_EQ(step_name_like("_x", taken), "_x");
  EXPECT_EQ(step_name_like("(y)", taken), "y");
  EXPECT_EQ(step_name_like("", taken), "step_");
}

TEST(ImportDraft, KnowsWhichVariablesAChildMayHave) {
  for (const char* name : {"PATH", "_x1", "a"}) EXPECT_TRUE(is_variable_name(name)) << name;
  for (const char* name : {"", "1a", "A-B", "TAKT_RESULT", "a=b"}) EXPECT_FALSE(is_variable_name(name)) << name;
}

}  // namespace
}  // namespace takt
