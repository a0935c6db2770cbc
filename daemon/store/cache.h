// The table `cache`.
#pragma once

#include <vector>

#include "base/result.h"
#include "engine/records.h"
#include "store/database.h"

namespace takt {

Status write_cached(Database& database, const CacheRow& row);
Status forget_cached(Database& database, const ForgetCache& what);
// The oldest first.
Result<std::vector<CacheRow>> all_cached(Database& database);
// For the start alone: forgets those whose time is over.
Status forget_expired_cached(Database& database, WallTime now);

}  // namespace takt
