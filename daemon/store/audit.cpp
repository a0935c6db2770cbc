#include "store/audit.h"

#include "store/limits.h"

namespace takt {

constexpr const char* append_sql = "INSERT INTO audit VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6)";
constexpr const char* bound_sql = "DELETE FROM audit WHERE id <= last_insert_rowid() - ?1";

Status write_audit(Database& database, const AuditRow& row) {
  TAKT_ASSIGN(Query append, database.query(append_sql));
  append.bind(row.at, row.uid, row.method, row.process, row.execution, row.detail);
  TAKT_TRY(append.run());
  TAKT_ASSIGN(Query bound, database.query(bound_sql));
  bound.bind(limits::audit_rows);
  return bound.run();
}

}  // namespace takt
