// Workflow templates in YAML, as definitions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/import_workflow.h"
#include "cli/import_yaml.h"

namespace takt {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

DraftProcess turned(const std::string& yaml) {
  const Result<Value> document = parse_yaml(yaml);
  EXPECT_TRUE(document.has_value()) << document.error().message;
  Result<DraftProcess> draft = draft_of_workflow(document.value_or(Value()), "");
  EXPECT_TRUE(draft.has_value()) << draft.error().message;
  return draft ? *std::move(draft) : DraftProcess{};
}

// The keys of the one step, "key=value" each, without its description.
std::vector<std::string> keys_of(const std::string& step) {
  const DraftProcess draft = turned("name: x\nsteps:\n  - " + step + "\n");
  std::vector<std::string> keys;
  for (const auto& [key, value] : draft.steps.at(0).keys) {
    if (key != "description") keys.push_back(key + "=" + value);
  }
  for (const std::string& note : draft.notes) keys.push_back("note " + note);
  return keys;
}

TEST(ImportWorkflow, StepsBecomeTheirActions) {
  const std::pair<const char*, std::vector<std::string>> cases[] = {
      {"{type: ocr, config: {engine: tesseract, languages: [eng, deu]}}",
       {"run=[\"ocr\"]", R"(stdin="{\"engine\":\"tesseract\",\"languages\":[\"eng\",\"deu\"]}")"}},
      {"{type: slack}", {"run=[\"slack\"]"}},
      {"{type: webhook, config: {url: 'https://api.example.com/notify', method: POST, body: {a: 1}}}",
       {R"(http={ body = { a = 1 }, method = "POST", url = "https://api.example.com/notify" })"}},
      {"{type: webhook, config: {url: 'https://x/${y}', body: {a: null}, colour: red}}",
       {R"(http={ body = "{\"a\":null}", url = "https://x/$${y}" })",
        "note config of step webhook: colour = \"red\" has no counterpart"}},
      {"{type: fetch, config: {url: /api/data}}", {"run=[\"fetch\"]", R"(stdin="{\"url\":\"/api/data\"}")"}},
      {"{type: shell, config: {command: 'echo $HOME'}}", {"shell=\"echo $HOME\""}},
      {"{type: command, config: {command: [echo, 1, '${x}']}}", {"run=[\"echo\", \"1\", \"$${x}\"]"}},
      {"{type: delay, config: {seconds: 5}}", {"wait=5"}},
      {"{type: approval, config: {message: Go on}}", {R"(approve={ message = "Go on" })"}},
      {"{type: workflow, config: {workflow: Data Pipeline, inputs: {day: 1}}}",
       {"process=\"data-pipeline\"", "inputs={ day = 1 }"}},
      {"{type: x, parallel_group: 2, retries: 3, retry_delay: 5, timeout: 300}",
       {"run=[\"x\"]", "parallel_group=2", "retry={ delay = 5, limit = 3 }", "timeout=300"}},
      {"{type: x, retry: {count: 2, delay: 1s, backoff: 2, jitter: some}, continue_on_error: true}",
       {"run=[\"x\"]", "retry={ backoff = 2, delay = \"1s\", limit = 2 }", "continue_on_failure=true",
        "note retry of step x: jitter = \"some\" has no counterpart"}},
      {"{type: x, condition: a > 1}", {"run=[\"x\"]", "note step x: condition = \"a > 1\" has no counterpart"}},
      {"{type: x, depends_on: [y]}", {"run=[\"x\"]", "note step x: depends_on = [\"y\"] has no counterpart"}},
      {"{type: x, config: 7}", {"run=[\"x\"]", "note step x: config = 7 is no table"}},
  };
  for (const auto& [step, keys] : cases) EXPECT_EQ(keys_of(step), keys) << step;
}

TEST(ImportWorkflow, TheWorkflowItself) {
  const DraftProcess draft = turned(
      "name: Data Pipeline\ndescription: ETL\ntimeout: 600\nschedule: 0 2 * * *\nversion: 3\ninputs: {day: today, n: "
      "3}\n"
      "steps:\n  - {type: extract, name: Extract Data}\n  - {type: load, name: Load, depends_on: Extract Data}\n");
  EXPECT_EQ(draft.name, "data-pipeline");
  EXPECT_EQ(
      draft_text(draft),
      "# From the workflow template \"Data Pipeline\".\n"
      "# What could not be turned:\n# - the workflow: version = 3 has no counterpart\n"
      "description = \"ETL\"\ntimeout     = 600\n"
      "\n[inputs.day]\ntype    = \"string\"\ndefault = \"today\"\n"
      "\n[inputs.n]\ntype    = \"integer\"\ndefault = 3\n"
      "\n[[trigger]]\ncron = \"0 2 * * *\"\n"
      "\n# Install a program extract that does this step, or name another one here. It gets its config as JSON on\n"
      "# standard input and the results of earlier steps in the file $TAKT_CONTEXT (steps.NAME.result), and leaves its "
      "own in $TAKT_RESULT.\n"
      "[[step]]\nname        = \"Extract_Data\"\ndescription = \"Extract Data\"\nrun         = [\"extract\"]\n"
      "\n# Install a program load that does this step, or name another one here. It gets its config as JSON on\n"
      "# standard input and the results of earlier steps in the file $TAKT_CONTEXT (steps.NAME.result), and leaves its "
      "own in $TAKT_RESULT.\n"
      "[[step]]\nname        = \"Load\"\ndescription = \"Load\"\nrun         = [\"load\"]\nneeds       = "
      "[\"Extract_Data\"]\n");
}

TEST(ImportWorkflow, WhatIsNoWorkflowIsRefused) {
  for (const Value& document : {Value(), Value::array(), Value{{"name", "x"}}, Value{{"steps", Value::array()}},
                                Value{{"steps", {{{"name", "no type"}}}}}}) {
    EXPECT_FALSE(draft_of_workflow(document, "x").has_value()) << document;
  }
}

TEST(ImportYaml, ScalarsHaveTheirTypes) {
  const Result<Value> read =
      parse_yaml("a: 1\nb: '1'\nc: 1.5\nd: true\ne: ~\nf: 0x1f\ng: yes\nh: \"true\"\ni: -3\nj:\nk: {x: [1, {y: z}]}\n");
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(*read,
            Value::parse(R"({"a":1,"b":"1","c":1.5,"d":true,"e":null,"f":"0x1f","g":"yes","h":"true","i":-3,"j":null,)"
                         R"("k":{"x":[1,{"y":"z"}]}})"));
}

TEST(ImportYaml, WhatIsWrongOrGrowsIsRefused) {
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string one = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + one;
    for (int j = 0; j < 9; ++j) laughs += ", " + one;
    laughs += "]\n";
  }
  const std::string deep = "a: " + std::string(100, '[') + std::string(100, ']');
  for (const std::string& text : {std::string("a: ["), std::string("a: 1\na: 2"), std::string("[1]: 2"),
                                  std::string("a: 1\n---\nb: 2"), std::string(), laughs, deep}) {
    EXPECT_FALSE(parse_yaml(text).has_value()) << text.substr(0, 40);
  }
}

}  // namespace
}  // namespace takt
