// The table `steps`.
#pragma once

#include <vector>

#include "base/result.h"
#include "engine/records.h"
#include "store/database.h"

namespace takt {

Status write_step(Database& database, const StepRow& row);
// Of the current run of each live execution.
Result<std::vector<StepRow>> live_steps(Database& database);
// Of one run, in order.
Result<std::vector<StepRow>> steps_of(Database& database, ExecutionId execution, std::uint32_t run);

}  // namespace takt
