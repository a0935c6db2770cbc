// Chains: executions that the end of another sets off (`after`), or an event (`event`). The firing is recorded in the
// turn of what set it off, so that nothing comes between the two. A chain is bounded by its depth, which each link
// hands on in its context: a cycle of processes ends, with a row that says why.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "engine/limits.h"
#include "engine/state.h"

namespace takt {

namespace {

constexpr const char* any = "*";

// Whether an `after` trigger names this process itself, beside or instead of any.
bool names_it(const TriggerRef& follower, const std::string& process) {
  return std::ranges::binary_search(std::get<AfterTrigger>(follower.trigger->kind).processes, process);
}

}  // namespace

std::uint32_t chain_depth(const ExecutionRow& row) {
  const Value* depth = row.trigger.member("depth");
  return depth != nullptr && depth->is_unsigned() ? depth->get<std::uint32_t>() : 0;
}

std::string Engine::Impl::too_deep(const ExecutionRow& row) {
  if (chain_depth(row) <= limits::chain) return "";
  return fmt::format("depth: {} executions have set each other off, one after another", limits::chain);
}

// The instant is after that of the trigger's last firing: two in one microsecond are two.
void Engine::Impl::on(const TriggerSeen& event) {
  Firing firing;
  firing.process = event.process;
  firing.key = event.key;
  firing.nominal = now.wall;
  if (const auto mark = marks.find({event.process, event.key}); mark != marks.end())
    firing.nominal = std::max(firing.nominal, mark->second.fired_at + Duration(1));
  const auto known = definitions.find(event.process);
  const Trigger* trigger = known == definitions.end() ? nullptr : find_trigger(*known->second, event.key);
  if (trigger == nullptr) return;  // it went as its source saw it go off
  firing.fields = event.fields;
  firing.fields["kind"] = trigger_word(*trigger);
  firing.fields["at"] = format_utc(now.wall);
  on(TriggerFired{std::move(firing)});
}

void Engine::Impl::index_chains() {
  after_triggers.clear();
  event_triggers.clear();
  for (const auto& [name, definition] : definitions) {
    if (!definition->enabled) continue;
    for (const Trigger& trigger : definition->triggers) {
      if (!trigger.enabled) continue;
      if (const auto* after = std::get_if<AfterTrigger>(&trigger.kind))
        for (const std::string& process : after->processes) after_triggers.insert({process, {name, &trigger}});
      if (const auto* event = std::get_if<EventTrigger>(&trigger.kind))
        event_triggers.insert({event->event, {name, &trigger}});
    }
  }
}

// Fires the triggers that the ends of this turn concern. "*" is any process but its own, which would never come to
// rest.
void Engine::Impl::follow_ends() {
  for (const ExecutionRow& row : std::exchange(ended, {})) {
    if (!may_chain() || chain_depth(row) > limits::chain) continue;
    std::vector<TriggerRef> followers;
    for (const std::string& process : {row.process, std::string(any)}) {
      const auto [first, last] = after_triggers.equal_range(process);
      for (auto at = first; at != last; ++at)
        if (process != any || (at->second.process != row.process && !names_it(at->second, row.process)))
          followers.push_back(at->second);
    }
    const Outcome outcome = outcome_of(row.state);
    for (const auto& [process, trigger] : followers) {
      const auto& outcomes = std::get<AfterTrigger>(trigger->kind).outcomes;
      if (std::find(outcomes.begin(), outcomes.end(), outcome) == outcomes.end()) continue;
      on(TriggerSeen{process,
                     trigger->key,
                     {{"process", row.process},
                      {"execution", row.id},
                      {"outcome", to_word(outcome)},
                      {"reason", row.reason},
                      {"step", row.error_step},
                      {"result", row.result},
                      {"depth", chain_depth(row) + 1}}});
    }
  }
}

// How many executions that led to.
std::uint32_t Engine::Impl::fire_event(const EmittedEvent& emitted_event) {
  if (!may_chain() || emitted_event.depth > limits::chain + 1) return 0;
  std::uint32_t fired = 0;
  const auto [first, last] = event_triggers.equal_range(emitted_event.event);
  for (auto at = first; at != last; ++at) {
    const auto& [process, trigger] = at->second;
    if (!matches(std::get<EventTrigger>(trigger->kind).match, emitted_event.payload)) continue;
    ++fired;
    Value fields{{"event", emitted_event.event}, {"payload", emitted_event.payload}, {"depth", emitted_event.depth}};
    if (emitted_event.execution != 0) {
      fields["process"] = emitted_event.process;
      fields["execution"] = emitted_event.execution;
    }
    on(TriggerSeen{process, trigger->key, std::move(fields)});
  }
  return fired;
}

}  // namespace takt
