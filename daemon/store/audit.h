// The table `audit`.
#pragma once

#include "base/result.h"
#include "engine/records.h"
#include "store/database.h"

namespace takt {

// Appends. Beyond limits::audit_rows the oldest go.
Status write_audit(Database& database, const AuditRow& row);

}  // namespace takt
