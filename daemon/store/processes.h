// The table `processes`.
#pragma once

#include <vector>

#include "base/result.h"
#include "engine/records.h"
#include "store/database.h"

namespace takt {

Status write_process(Database& database, const ProcessRow& row);
Result<std::vector<ProcessRow>> all_processes(Database& database);

}  // namespace takt
