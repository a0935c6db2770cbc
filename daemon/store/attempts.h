// The table `attempts`.
#pragma once

#include <vector>

#include "base/result.h"
#include "engine/records.h"
#include "store/database.h"

namespace takt {

Status write_attempt(Database& database, const AttemptRow& row);
// Those without an outcome, of live executions.
Result<std::vector<AttemptRow>> live_attempts(Database& database);
// Of the row that was written last; empty: there is none.
Result<std::string> last_runner(Database& database);
// Of all runs of an execution, in order.
Result<std::vector<AttemptRow>> attempts_of(Database& database, ExecutionId execution);

}  // namespace takt
