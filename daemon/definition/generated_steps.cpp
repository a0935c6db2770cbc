// Steps that a step's result gives (takt.process(5), GENERATED STEPS): JSON in place of TOML, and then as a file's.
#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "definition/limits.h"
#include "definition/order.h"
#include "definition/parts.h"

namespace takt {
namespace {

// Null has no TOML; its place is then empty, and whoever reads it says what is expected there.
Result<TomlNode> node_of(const Value& value, int depth) {
  if (depth > limits::value_depth) return fail(ErrorCode::invalid_definition, "it is nested too deep");
  TomlNode node;
  if (value.is_string()) {
    node.value = value.get<std::string>();
  } else if (value.is_boolean()) {
    node.value = value.get<bool>();
  } else if (value.is_whole()) {
    node.value = value.get<std::int64_t>();
  } else if (value.is_number()) {
    node.value = value.get<double>();
  } else if (value.is_array()) {
    TomlArray array;
    for (const Value& member : value) {
      TAKT_ASSIGN(TomlNode one, node_of(member, depth + 1));
      array.push_back(std::move(one));
    }
    node.value = std::move(array);
  } else if (value.is_object()) {
    TomlTable table;
    for (const auto& [key, member] : value.items()) {
      TAKT_ASSIGN(TomlNode one, node_of(member, depth + 1));
      table.emplace(key, std::move(one));
    }
    node.value = std::move(table);
  } else {
    return fail(ErrorCode::invalid_definition, "null stands for no value; leave the key out");
  }
  return node;
}

struct GeneratedSteps {
  std::vector<Step> steps;
  std::vector<StepOrder> orders;
};

GeneratedSteps parse_all(const Value& list, const ProcessDefinition& definition, const ParseContext& context,
                         Report& report) {
  GeneratedSteps found;
  std::set<std::string> names;
  for (const Step& step : definition.steps) names.insert(step.name);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string path = fmt::format("step[{}]", i + 1);
    const auto node = node_of(list[i], 0);
    if (!node || !list[i].is_object()) {
      report.error({}, path, node ? "expected a table" : node.error().message);
      continue;
    }
    TableReader reader(report, std::get<TomlTable>(node->value), path, {});
    found.orders.push_back(parse_order(reader));
    found.steps.push_back(parse_step(reader, context));
    if (!names.insert(found.steps.back().name).second)
      report.error({}, path + ".name", fmt::format("a step is named \"{}\" already", found.steps.back().name));
  }
  return found;
}

bool runs_as_the_daemon(const StepAction& action) {
  return !is_command(action) && !std::holds_alternative<SetAction>(action) &&
         !std::holds_alternative<WaitAction>(action) && !std::holds_alternative<ApproveAction>(action);
}

// What a child gives, its user decides: the steps run as he does, and none of them is done by the daemon, which may
// more.
void confine(std::vector<Step>& steps, const std::string& user, Report& report) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    Step& step = steps[i];
    const std::string path = fmt::format("step[{}]", i + 1);
    if (!step.user.empty() && step.user != user)
      report.error({}, path + ".user", fmt::format("the step that gives it runs as {}, and so does this one", user));
    step.user = user;
    const bool more = runs_as_the_daemon(step.action) || std::ranges::any_of(step.variants, [](const Variant& variant) {
                        return runs_as_the_daemon(variant.action);
                      });
    if (more)
      report.error({}, path,
                   fmt::format("expected run, shell, set, wait or approve: the step that gives it runs as {}, and only "
                               "what root's give may have the daemon do something",
                               user));
  }
}

std::string all_of(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& one : diagnostics)
    if (one.severity == Severity::error)
      text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", one.key, one.message);
  return text;
}

}  // namespace

Result<Definition> with_generated_steps(const ProcessDefinition& definition, std::uint32_t place, const Value& list,
                                        Evaluator& evaluator) {
  if (!list.is_array())
    return fail(ErrorCode::invalid_definition, "the result is {}; expected a list of steps", list.kind_name());
  if (list.size() + definition.steps.size() > limits::steps)
    return fail(ErrorCode::limit_exceeded, "{} steps; at most {} are taken", list.size() + definition.steps.size(),
                limits::steps);
  const SourceText source;
  Report report({&source});
  const std::map<std::string, std::string> environment;
  auto [steps, orders] =
      parse_all(list, definition, {evaluator, environment, definition.zone, definition.user}, report);
  const std::string& giver = definition.steps[place].user.empty() ? definition.user : definition.steps[place].user;
  if (giver != "root") confine(steps, giver, report);
  std::vector<std::uint32_t> last;
  if (!report.failed()) last = resolve_order(steps, orders, {}, report);
  if (report.failed()) return fail(ErrorCode::invalid_definition, "{}", all_of(report.take()));

  auto longer = std::make_shared<ProcessDefinition>(definition);
  const auto first = static_cast<std::uint32_t>(definition.steps.size());
  for (Step& step : longer->steps)
    if (std::find(step.after.begin(), step.after.end(), place) != step.after.end())
      for (const std::uint32_t one : last) step.after.push_back(first + one);
  for (Step& step : steps) {
    for (std::uint32_t& before : step.after) before += first;
    if (step.after.empty() && !step.routed) step.after.push_back(place);
    for (auto* route : {&step.on_success, &step.on_failure})
      if (*route && !(*route)->end) (*route)->step += first;
    longer->steps.push_back(std::move(step));
  }
  return Definition(std::move(longer));
}

}  // namespace takt
