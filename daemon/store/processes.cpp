#include "store/processes.h"

namespace takt {

namespace {

template <class Row>
auto process_columns(Row& row) {
  return std::tie(row.process, row.paused, row.paused_by, row.paused_at, row.paused_until, row.skip_next, row.skip_by);
}

}  // namespace

constexpr const char* write_process_sql = "INSERT OR REPLACE INTO processes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

Status write_process(Database& database, const ProcessRow& row) {
  TAKT_ASSIGN(Query query, database.query(write_process_sql));
  query.bind(process_columns(row));
  return query.run();
}

constexpr const char* all_processes_sql = "SELECT * FROM processes ORDER BY process";

Result<std::vector<ProcessRow>> all_processes(Database& database) {
  TAKT_ASSIGN(Query query, database.query(all_processes_sql));
  std::vector<ProcessRow> rows;
  while (true) {
    TAKT_ASSIGN(const bool there, query.next());
    if (!there) return rows;
    TAKT_TRY(query.take(process_columns(rows.emplace_back())));
  }
}

}  // namespace takt
