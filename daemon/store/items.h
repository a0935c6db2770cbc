// The table `items`.
#pragma once

#include <vector>

#include "base/result.h"
#include "engine/records.h"
#include "store/database.h"

namespace takt {

Status write_item(Database& database, const ItemRow& row);
// Of the current run of each live execution.
Result<std::vector<ItemRow>> live_items(Database& database);
// By step and item.
Result<std::vector<ItemRow>> items_of(Database& database, ExecutionId execution, std::uint32_t run);

}  // namespace takt
