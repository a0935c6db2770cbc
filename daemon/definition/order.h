// Which step comes after which: the names of a text become places (takt.process(5), ORDER).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "definition/step.h"
#include "definition/table_reader.h"

namespace takt {

// A name in a text, where diagnostics find it.
struct NamedPlace {
  std::string name;
  Place place;
  std::string path;
};

// What the text of one step says of its order.
struct StepOrder {
  NamedPlace step;
  std::optional<std::vector<NamedPlace>> needs;
  std::optional<NamedPlace> parallel_group;
  std::optional<NamedPlace> on_success;
  std::optional<NamedPlace> on_failure;
  std::optional<std::uint32_t> max_visits;
};

// Reads `needs parallel_group on_success on_failure max_visits`; before parse_step(), which ends the reading.
StepOrder parse_order(TableReader& reader);

// Sets after, routed, on_success, on_failure, max_visits and parallel_group of the steps, and reports what cannot be:
// names of no step, cycles that nothing ends, steps that nothing leads to. `orders` are those of the steps, one each;
// `finally` are the names of steps that are none of them. Gives the places behind which something that is added at the
// end has to wait: the last step of the sequence, or its last group.
std::vector<std::uint32_t> resolve_order(std::vector<Step>& steps, const std::vector<StepOrder>& orders,
                                         const std::vector<std::string>& finally, Report& report);

}  // namespace takt
