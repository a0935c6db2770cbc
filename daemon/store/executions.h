// The table `executions`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/ports.h"
#include "store/database.h"

namespace takt {

// already_exists: another execution stands for the same (process, trigger_key, nominal_at).
Status write_execution(Database& database, const ExecutionRow& row);
// With its steps, items and attempts. One that is not there is no error.
Status forget_execution(Database& database, ExecutionId id);

Result<std::vector<ExecutionRow>> live_executions(Database& database);
// The highest id ever used, also by one that is forgotten; 0: none was.
Result<ExecutionId> last_execution_id(Database& database);
// No execution gets an id up to this one.
Status reserve_execution_ids(Database& database, ExecutionId last);

// As RecordStore has them.
Result<ExecutionPage> list_executions(Database& database, const ExecutionFilter& filter, ExecutionId before,
                                      std::size_t limit);
Result<ExecutionRow> execution(Database& database, ExecutionId id);
Result<std::optional<ExecutionRow>> last_execution_of(Database& database, const std::string& process);
Result<bool> has_fired(Database& database, const std::string& process, const std::string& key, WallTime nominal);
Result<std::optional<ExecutionId>> execution_with_key(Database& database, const std::string& process,
                                                      const std::string& key);
Result<std::vector<ExecutionId>> expired_executions(Database& database, const std::string& process, const Keep& keep,
                                                    WallTime now, std::size_t limit);

}  // namespace takt
