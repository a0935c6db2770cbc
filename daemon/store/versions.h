// The table `versions`.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/records.h"
#include "store/database.h"

namespace takt {

Status write_version(Database& database, const VersionRow& row);
// Those that live executions run with.
Result<std::vector<VersionRow>> live_versions(Database& database);
// The newest first, without their texts.
Result<std::vector<VersionRow>> versions_of(Database& database, const std::string& process);
// `version` empty: the one loaded last; else its beginning is enough. no_such_version when there is none,
// invalid_argument when there are several.
Result<VersionRow> find_version(Database& database, const std::string& process, const std::string& version);
// Forgets those that no execution ran with, but for the newest limits::versions of each process. For the start alone,
// when nobody counts on a version being there yet.
Status forget_unused_versions(Database& database);

}  // namespace takt
