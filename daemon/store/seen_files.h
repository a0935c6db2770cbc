// The table `seen_files`: what path triggers have dealt with.
#pragma once

#include <vector>

#include "base/result.h"
#include "engine/records.h"
#include "store/database.h"

namespace takt {

Status write_seen_file(Database& database, const SeenFileRow& row);
Status forget_seen_files(Database& database, const ForgetSeenFiles& what);
// By process, trigger and path.
Result<std::vector<SeenFileRow>> all_seen_files(Database& database);

}  // namespace takt
