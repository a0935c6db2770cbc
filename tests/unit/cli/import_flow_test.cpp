// Flows of the Flow Manager, as definitions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/import_flow.h"

namespace takt {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// "a: on_success=b on_failure=end", a line for each step.
std::string routes(const DraftProcess& draft) {
  std::string text;
  for (const DraftStep& step : draft.steps) {
    text += step.name + ":";
    for (const auto& [key, value] : step.keys) {
      if (key.starts_with("on_") || key == "max_visits") text += " " + key + "=" + value;
    }
    text += "\n";
  }
  return text;
}

Value condition(const std::string& source, const std::string& outcome, const std::string& success,
                const std::string& failure) {
  return {{"name", source + " " + outcome},
          {"source_task", source},
          {"outcome", outcome},
          {"target_task_success", success},
          {"target_task_failure", failure}};
}

Value flow(const std::string& tasks, const std::vector<Value>& conditions) {
  Value flow{{"id", "f"}, {"name", "F"}, {"start_task", "a"}, {"tasks", Value::array()}, {"conditions", conditions}};
  for (const char task : tasks) flow["tasks"].push_back({{"name", std::string(1, task)}});
  return {{"flow", flow}};
}

DraftProcess flow_turned(const Value& document) {
  Result<DraftProcess> draft = draft_of_flow(document, "");
  EXPECT_TRUE(draft.has_value()) << draft.error().message;
  return draft ? *std::move(draft) : DraftProcess{};
}

struct RouteCase {
  const char* name;
  std::string tasks;
  std::vector<Value> conditions;
  std::string routes;
};

TEST(ImportFlow, ConditionsBecomeRoutes) {
  const RouteCase cases[] = {
      {"the three tasks of the example",
       "abc",
       {condition("a", "success", "b", "end"), condition("b", "success", "c", "end")},
       "a: on_success=\"b\" on_failure=\"end\"\nb: on_success=\"c\" on_failure=\"end\"\nc:\n"},
      {"any leads on from both",
       "abc",
       {condition("a", "any", "b", "c")},
       "a: on_success=\"b\" on_failure=\"c\"\nb:\nc:\n"},
      {"the condition of an outcome goes before others",
       "abcd",
       {condition("a", "failure", "d", "c"), condition("a", "success", "b", "d")},
       "a: on_success=\"b\" on_failure=\"c\"\nb:\nc:\n"},
      {"a way back is a loop with a bound",
       "ab",
       {condition("a", "any", "b", "a"), condition("b", "any", "end", "a")},
       "a: on_success=\"b\" on_failure=\"a\" max_visits=1000\nb: on_success=\"end\" on_failure=\"a\"\n"},
      {"ways that meet are none",
       "abcd",
       {condition("a", "any", "b", "c"), condition("b", "any", "d", ""), condition("c", "any", "d", "")},
       "a: on_success=\"b\" on_failure=\"c\"\nb: on_success=\"d\"\nd:\nc: on_success=\"d\"\n"}};
  for (const RouteCase& one : cases) {
    EXPECT_EQ(routes(flow_turned(flow(one.tasks, one.conditions))), one.routes) << one.name;
  }
}

TEST(ImportFlow, WhatHasNoCounterpartIsNoted) {
  Value document = flow("abz", {condition("a", "success", "b", "end"), condition("nobody", "any", "a", "a"),
                                condition("b", "sometimes", "end", "end"), condition("a", "failure", "z", "end")});
  document["flow"]["owner"] = "ann";
  document["flow"]["tasks"][0]["queue"] = 7;
  const DraftProcess draft = flow_turned(document);
  for (const char* note : {"owner = \"ann\"", "task a: queue = 7", "nobody", "sometimes", "leads to the task z",
                           "target_task_success z is not taken"}) {
    EXPECT_THAT(draft.notes, Contains(HasSubstr(note)));
    EXPECT_THAT(draft_text(draft), HasSubstr(note));
  }
  EXPECT_THAT(flow_turned(flow("ab", {condition("a", "success", "b", "end")})).notes, IsEmpty());
}

TEST(ImportFlow, NamesAreMadeFitAndStayApart) {
  Value document = flow("a", {condition("a", "success", "Get it!", "end")});
  document["flow"]["id"] = "Flow No. 1";
  for (const char* name : {"Get it!", "Get it?", "end of all"}) document["flow"]["tasks"].push_back({{"name", name}});
  document["flow"]["conditions"].push_back(condition("Get it!", "any", "Get it?", "end of all"));
  const DraftProcess draft = flow_turned(document);
  EXPECT_EQ(draft.name, "flow-no.-1");
  EXPECT_EQ(routes(draft),
            "a: on_success=\"Get_it\" on_failure=\"end\"\nGet_it: on_success=\"Get_it_2\" "
            "on_failure=\"end_of_all\"\nGet_it_2:\nend_of_all:\n");
  EXPECT_THAT(draft_text(draft), HasSubstr("[\"Get it!\"]"));
}

TEST(ImportFlow, WhatTheFlowManagerRefusesIsRefused) {
  Value twice = flow("aa", {});
  Value nowhere = flow("a", {condition("a", "success", "b", "end")});
  Value no_start = flow("b", {});
  Value no_tasks = flow("", {});
  const std::pair<Value, const char*> cases[] = {{twice, "two tasks"},
                                                 {nowhere, "b is no task"},
                                                 {no_start, "start_task"},
                                                 {no_tasks, "no tasks"},
                                                 {Value(7), "JSON object"}};
  for (const auto& [document, message] : cases) {
    const Result<DraftProcess> draft = draft_of_flow(document, "");
    ASSERT_FALSE(draft.has_value()) << message;
    EXPECT_EQ(draft.error().code, ErrorCode::invalid_input);
    EXPECT_THAT(draft.error().message, HasSubstr(message));
  }
}

TEST(ImportFlow, TextsStayTexts) {
  Value document = flow("a", {});
  document["flow"]["tasks"][0]["description"] = "say \"hi\"\n\\ ${inputs.x}\t";
  document["flow"]["name"] = "line\nkey = 1";
  const std::string text = draft_text(flow_turned(document));
  EXPECT_THAT(text, HasSubstr("\"say \\\"hi\\\"\\n\\\\ ${inputs.x}\\u0009\""));
  EXPECT_THAT(text, Not(HasSubstr("\nkey = 1")));
  EXPECT_EQ(literal_text("${a} $${b}"), "$${a} $$${b}");
}

}  // namespace
}  // namespace takt
