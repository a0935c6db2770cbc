// The harness over definitions as people write them, with what tests of workflows ask again and again.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "definition/definition.h"
#include "definition/parser.h"
#include "harness.h"

namespace takt::test {

// The process `name` from its TOML; its failure to be read is the test's.
inline ProcessDefinition written(const std::string& name, const std::string& text) {
  Evaluator evaluator;
  const std::map<std::string, std::string> none;
  const ParseContext context{evaluator, none, Zone::utc(), "root"};
  ParseOutcome outcome = parse_definition(name, {"/x/" + name + ".toml", text}, {}, context);
  for (const Diagnostic& one : outcome.diagnostics) ADD_FAILURE() << to_text(one);
  return outcome.definition ? *outcome.definition : ProcessDefinition();
}

// [[step]] with these keys; with a program that the test ends when they say no action.
inline std::string step(const std::string& name, const std::string& keys = "") {
  bool acts = false;
  for (const char* action : {"run =", "set =", "http =", "wait =", "approve =", "process =", "emit =", "variants ="})
    acts = acts || ("\n" + keys).find("\n" + std::string(action)) != std::string::npos;
  return "[[step]]\nname = \"" + name + "\"\n" + (acts ? "" : "run = [\"true\"]\n") + keys + "\n";
}

class Workflow : public testing::Test {
 protected:
  void with(const std::string& text, Settings settings = {}) { with_all({{"p", text}}, std::move(settings)); }
  void with_all(const std::vector<std::pair<std::string, std::string>>& texts, Settings settings = {}) {
    std::vector<ProcessDefinition> definitions;
    for (const auto& [name, text] : texts) definitions.push_back(written(name, text));
    harness.emplace(std::move(definitions), std::move(settings));
  }
  // "a succeeded, b pending" of an execution's last run.
  [[nodiscard]] std::string states(ExecutionId id = 1) const {
    std::string text;
    std::vector<StepRow> rows = harness->steps_of(id);
    std::sort(rows.begin(), rows.end(), [](const StepRow& a, const StepRow& b) { return a.step < b.step; });
    for (const StepRow& row : rows)
      text += (text.empty() ? "" : ", ") + row.name + " " + std::string(to_word(row.state));
    return text;
  }
  [[nodiscard]] StepRow row_of(const std::string& name, ExecutionId id = 1) const {
    for (const StepRow& row : harness->steps_of(id))
      if (row.name == name) return row;
    ADD_FAILURE() << "no row of " << name;
    return {};
  }
  // Null while it lives.
  [[nodiscard]] std::optional<ExecutionRow> ended_row(ExecutionId id = 1) const {
    for (const ExecutionRow& row : harness->ended_rows())
      if (row.id == id) return row;
    return std::nullopt;
  }
  // "succeeded", or "failed: step: reason".
  [[nodiscard]] std::string outcome(ExecutionId id = 1) const {
    const auto row = ended_row(id);
    if (!row) return "lives";
    std::string text(to_word(row->state));
    if (!row->error_step.empty()) text += " at " + row->error_step;
    if (!row->reason.empty()) text += ": " + row->reason;
    return text;
  }
  std::vector<std::string> start(Value inputs = Value::object()) { return harness->start("p", std::move(inputs)); }
  std::vector<std::string> ended(const std::string& token, int code = 0, Value result = nullptr) {
    return harness->ended(token, code, std::move(result));
  }
  std::vector<std::string> cancel(ExecutionId id = 1) { return harness->request(ExecutionVerb::cancel, id); }
  // Tokens of attempts that the runner or the performer of actions was told to start.
  static std::vector<std::string> started(const std::vector<std::string>& lines) {
    std::vector<std::string> found;
    for (const std::string& line : lines)
      for (const std::string prefix : {"> start ", "> act "})
        if (line.starts_with(prefix)) found.push_back(line.substr(prefix.size()));
    return found;
  }
  RetryRequested retry_of(ExecutionId id, const std::string& from = "", std::optional<std::uint32_t> item = {}) {
    RetryRequested request;
    request.execution = *ended_row(id);
    request.steps = harness->steps_of(id);
    request.items = harness->items_of(id);
    request.definition = harness->engine().definitions().at(request.execution.process);
    request.step = from;
    request.item = item;
    return request;
  }
  RollbackRequested rollback_of(ExecutionId id, const std::string& to = "") {
    RollbackRequested request;
    request.execution = *ended_row(id);
    request.steps = harness->steps_of(id);
    request.items = harness->items_of(id);
    request.definition = harness->engine().definitions().at(request.execution.process);
    request.to = to;
    return request;
  }

  std::optional<Harness> harness;
};

}  // namespace takt::test
