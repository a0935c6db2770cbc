#include "definition/words.h"

#include "base/assert.h"

namespace takt {
namespace {

template <class E, std::size_t N>
std::string_view find_word(const std::array<Word<E>, N>& words, E value) {
  for (const auto& [word, known] : words)
    if (known == value) return word;
  TAKT_ASSERT(false);
  return {};
}

}  // namespace

std::string_view to_word(Outcome value) {
  return find_word(outcome_words, value);
}
std::string_view to_word(InputType value) {
  return find_word(input_type_words, value);
}
std::string_view to_word(CatchUp value) {
  return find_word(catch_up_words, value);
}
std::string_view to_word(PathEvent value) {
  return find_word(path_event_words, value);
}
std::string_view to_word(ResultSource value) {
  return find_word(result_words, value);
}
std::string_view to_word(Overlap value) {
  return find_word(overlap_words, value);
}
std::string_view to_word(Excess value) {
  return find_word(excess_words, value);
}
std::string_view to_word(BusKind value) {
  return find_word(bus_words, value);
}
std::string_view to_word(UnitState value) {
  return find_word(unit_state_words, value);
}
std::string_view to_word(PressureResource value) {
  return find_word(pressure_words, value);
}

std::optional<Outcome> outcome_from_word(std::string_view word) {
  for (const auto& [known, value] : outcome_words)
    if (known == word) return value;
  return std::nullopt;
}

std::string_view trigger_word(const Trigger& trigger) {
  struct Namer {
    std::string_view operator()(const CalendarTrigger& calendar) const { return calendar.cron ? "cron" : "calendar"; }
    std::string_view operator()(const EveryTrigger&) const { return "every"; }
    std::string_view operator()(const AtTrigger&) const { return "at"; }
    std::string_view operator()(const BootTrigger&) const { return "boot"; }
    std::string_view operator()(const PathTrigger&) const { return "path"; }
    std::string_view operator()(const AfterTrigger&) const { return "after"; }
    std::string_view operator()(const EventTrigger&) const { return "event"; }
    std::string_view operator()(const BusTrigger&) const { return "dbus"; }
    std::string_view operator()(const UnitTrigger&) const { return "unit"; }
    std::string_view operator()(const JournalTrigger&) const { return "journal"; }
    std::string_view operator()(const DeviceTrigger&) const { return "device"; }
    std::string_view operator()(const PressureTrigger&) const { return "pressure"; }
  };
  return std::visit(Namer{}, trigger.kind);
}

std::string_view action_word(const StepAction& action) {
  struct Namer {
    std::string_view operator()(const RunAction&) const { return "run"; }
    std::string_view operator()(const ShellAction&) const { return "shell"; }
    std::string_view operator()(const ProcessAction&) const { return "process"; }
    std::string_view operator()(const CallAction&) const { return "call"; }
    std::string_view operator()(const HttpAction&) const { return "http"; }
    std::string_view operator()(const EmitAction&) const { return "emit"; }
    std::string_view operator()(const ApproveAction&) const { return "approve"; }
    std::string_view operator()(const WaitAction&) const { return "wait"; }
    std::string_view operator()(const SetAction&) const { return "set"; }
  };
  return std::visit(Namer{}, action);
}

bool is_command(const StepAction& action) {
  return std::holds_alternative<RunAction>(action) || std::holds_alternative<ShellAction>(action);
}

}  // namespace takt
