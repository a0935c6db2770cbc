#include "bus/definition_rows.h"

#include <algorithm>

#include "base/limits.h"
#include "definition/definition.h"

namespace takt {

namespace {

std::string step_name(const ProcessDefinition& definition, std::uint32_t place) {
  return place < definition.steps.size() ? definition.steps[place].name : std::string();
}

void put_route(const char* key, const ProcessDefinition& definition, const std::optional<Route>& route,
               Filler& filler) {
  if (route) filler.text(key, route->end ? "end" : step_name(definition, route->step), limits::name_bytes);
}

std::uint64_t usec_of(Duration span) {
  return static_cast<std::uint64_t>(
      std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::microseconds>(span).count(), 0));
}

Dict describe_defined_step(const ProcessDefinition& definition, const Step& step, Filler filler) {
  filler.text("Name", step.name, limits::name_bytes);
  filler.text("Description", step.description, limits::message_bytes);
  if (const StepAction* action = action_in_use(step, "")) filler.put("Action", std::string(action_word(*action)));
  describe_order(definition, step, filler);
  if (!step.for_each.empty()) filler.put("MaxParallel", step.max_parallel);
  filler.flag("Generate", step.generate);
  filler.flag("Cached", step.cache.has_value());
  std::vector<std::string> variants;
  for (const Variant& variant : step.variants) variants.push_back(variant.name);
  filler.texts("Variants", variants, limits::name_bytes);
  return filler.take();
}

Dict describe_trigger(const Trigger& trigger, Filler filler) {
  filler.text("Trigger", trigger.key, limits::message_bytes);
  filler.put("Kind", std::string(trigger_word(trigger)));
  filler.put("Enabled", trigger.enabled);
  if (trigger.debounce) filler.put("DebounceUSec", usec_of(*trigger.debounce));
  if (trigger.rate) {
    filler.put("RateLimit", static_cast<std::uint32_t>(trigger.rate->limit));
    filler.put("RateSpanUSec", usec_of(trigger.rate->span));
    filler.put("RateExcess", std::string(to_word(trigger.rate->excess)));
  }
  return filler.take();
}

}  // namespace

const StepAction* action_in_use(const Step& step, const std::string& variant) {
  if (step.variants.empty()) return &step.action;
  const auto chosen = std::find_if(step.variants.begin(), step.variants.end(),
                                   [&variant](const Variant& one) { return one.name == variant; });
  return chosen == step.variants.end() ? nullptr : &chosen->action;
}

void describe_order(const ProcessDefinition& definition, const Step& step, Filler& filler) {
  std::vector<std::string> after;
  for (const std::uint32_t place : step.after) after.push_back(step_name(definition, place));
  filler.texts("After", after, limits::name_bytes);
  put_route("OnSuccess", definition, step.on_success, filler);
  put_route("OnFailure", definition, step.on_failure, filler);
  filler.flag("Routed", step.routed);
  if (step.max_visits > 1) filler.put("MaxVisits", step.max_visits);
  filler.text("ParallelGroup", step.parallel_group, limits::name_bytes);
  filler.flag("Finally", step.finally);
  filler.flag("ForEach", !step.for_each.empty());
  filler.flag("Undo", step.undo.has_value());
  filler.text("Pool", step.pool, limits::name_bytes);
  if (!step.pool.empty()) filler.put("Slots", step.slots);
}

Dict describe_process(const ProcessDefinition& definition) {
  ReplyBudget budget;
  bool truncated = false;
  std::vector<Dict> steps;
  for (const Step& step : definition.steps) {
    truncated = truncated || !budget.take(dictionary_bytes);
    if (truncated) break;
    steps.push_back(describe_defined_step(definition, step, Filler(budget, truncated)));
  }
  std::vector<Dict> triggers;
  for (const Trigger& trigger : definition.triggers) {
    truncated = truncated || !budget.take(dictionary_bytes);
    if (truncated) break;
    triggers.push_back(describe_trigger(trigger, Filler(budget, truncated)));
  }
  Dict description{{"Steps", steps}, {"Triggers", triggers}};
  if (truncated) description["Truncated"] = true;
  return description;
}

}  // namespace takt
