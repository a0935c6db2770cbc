// What the history tells of a span of time, in numbers.
#pragma once

#include "base/result.h"
#include "runtime/ports.h"
#include "store/database.h"

namespace takt {

// Of executions that have ended, and of the steps of their last runs; at most limits::page_rows of each. The median and
// p95 are by nearest rank: the smallest value that at least so many per cent are no greater than.
Result<Statistics> statistics_of(Database& database, const StatisticsFilter& filter);

}  // namespace takt
