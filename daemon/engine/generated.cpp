// The steps that a step's result adds to its execution (takt.process(5), GENERATED STEPS). They are part of no text:
// each time the execution is taken up they are made again from that result.
#include <algorithm>

#include "definition/parser.h"
#include "engine/state.h"

namespace takt {

Status Engine::Impl::add_generated(Execution& execution, std::uint32_t place) {
  if (!execution.definition->steps[place].generate) return {};
  auto longer = with_generated_steps(*execution.definition, place, execution.steps[place].result, evaluator);
  if (!longer) return tl::unexpected(std::move(longer).error().in("generate"));
  execution.definition = *std::move(longer);
  add_step_rows(execution);
  return {};
}

// A row for each step that has none yet.
void Engine::Impl::add_step_rows(Execution& execution) {
  for (std::size_t place = execution.steps.size(); place < execution.definition->steps.size(); ++place) {
    StepRow step;
    step.execution = execution.row.id;
    step.run = execution.row.run;
    step.step = static_cast<std::uint32_t>(place);
    step.name = execution.definition->steps[place].name;
    execution.steps.push_back(std::move(step));
  }
}

void Engine::Impl::take_steps(Execution& execution, std::vector<StepRow> rows) {
  std::map<std::string, std::uint32_t> places;
  const auto learn_places = [&] {
    for (std::size_t place = places.size(); place < execution.steps.size(); ++place)
      places[execution.steps[place].name] = static_cast<std::uint32_t>(place);
  };
  const auto take = [&](StepRow& row) {  // the same version has it at its place, another perhaps elsewhere
    const auto place = places.find(row.name);
    if (place == places.end()) return false;
    row.step = place->second;
    execution.steps[row.step] = row;
    return true;
  };
  // One that was generated ended after the one that generated it.
  std::stable_sort(rows.begin(), rows.end(), [](const StepRow& a, const StepRow& b) { return a.order < b.order; });
  learn_places();
  for (StepRow& row : rows) {
    if (row.run != execution.row.run || !take(row)) continue;
    const bool gave = row.state == StepState::succeeded || row.state == StepState::undone;
    // A list that was taken once is taken again; one that is not, for the rules have become stricter, adds nothing.
    if (gave && add_generated(execution, row.step)) learn_places();
  }
  for (StepRow& row : rows)
    if (row.run == execution.row.run) take(row);  // those that have not ended yet were sorted before their generators
}

}  // namespace takt
