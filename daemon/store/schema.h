// The tables as SQL, and how a database of any age comes to have them.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "store/database.h"

namespace takt {

// The newest schema this program knows: the number of migrations.
std::int64_t schema_version();

// Writes nothing. ErrorCode::not_supported: the database is a newer taktd's, or another program's.
Status check_schema(Database& database);

// Brings a database that check_schema let pass to schema_version(), one transaction a migration.
Status migrate(Database& database);

}  // namespace takt
