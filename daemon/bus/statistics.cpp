// Statistics's reply (lists.h).
#include <algorithm>

#include "base/limits.h"
#include "bus/filler.h"
#include "bus/lists.h"
#include "bus/options.h"

namespace takt {

namespace {

std::uint64_t unsigned_of(std::int64_t number) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
}

Dict spread_dict(const Spread& spread) {
  return {{"MedianUSec", unsigned_of(spread.median)},
          {"P95USec", unsigned_of(spread.p95)},
          {"MaxUSec", unsigned_of(spread.max)}};
}

// What processes and steps have alike.
template <class Row>
void put_counts(const Row& row, Filler& filler) {
  filler.text("Process", row.process, limits::name_bytes);
  filler.put("Outcomes", row.outcomes);
  filler.put("Duration", spread_dict(row.duration));
  filler.put("CPUUSec", unsigned_of(row.cpu_us));
  filler.put("MemoryPeak", unsigned_of(row.memory_peak_bytes));
}

}  // namespace

Result<Dict> count_statistics(Control& control, const Dict& filter) {
  Options given(filter);
  StatisticsFilter parsed;
  TAKT_ASSIGN(parsed.process, given.take_text("process", limits::name_bytes));
  TAKT_ASSIGN(parsed.since, given.take_instant("since_usec"));
  TAKT_ASSIGN(parsed.until, given.take_instant("until_usec"));
  TAKT_TRY(given.finish());
  TAKT_ASSIGN(const Statistics statistics, control.statistics(parsed));
  ReplyBudget budget;
  bool truncated = false;
  std::vector<Dict> processes;
  for (const ProcessStatistics& row : statistics.processes) {
    truncated = truncated || !budget.take(dictionary_bytes);
    if (truncated) break;
    Filler filler(budget, truncated);
    put_counts(row, filler);
    filler.put("QueueTime", spread_dict(row.queue_time));
    processes.push_back(filler.take());
  }
  std::vector<Dict> steps;
  for (const StepStatistics& row : statistics.steps) {
    truncated = truncated || !budget.take(dictionary_bytes);
    if (truncated) break;
    Filler filler(budget, truncated);
    put_counts(row, filler);
    filler.text("Step", row.step, limits::name_bytes);
    filler.text("Variant", row.variant, limits::name_bytes);
    steps.push_back(filler.take());
  }
  Dict reply{{"Processes", processes}, {"Steps", steps}};
  if (truncated) reply["Truncated"] = true;
  return reply;
}

}  // namespace takt
