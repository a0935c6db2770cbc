#include "store/seen_files.h"

namespace takt {

namespace {

template <class Row>
auto seen_file_columns(Row& row) {
  return std::tie(row.process, row.key, row.path, row.folder, row.inode, row.born_at, row.modified_at);
}

}  // namespace

constexpr const char* write_seen_file_sql = "INSERT OR REPLACE INTO seen_files VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

Status write_seen_file(Database& database, const SeenFileRow& row) {
  TAKT_ASSIGN(Query query, database.query(write_seen_file_sql));
  query.bind(seen_file_columns(row));
  return query.run();
}

constexpr const char* forget_seen_file_sql =
    "DELETE FROM seen_files WHERE process = ?1 AND trigger_key = ?2 AND path = ?3";
constexpr const char* forget_seen_files_sql = "DELETE FROM seen_files WHERE process = ?1 AND trigger_key = ?2";

Status forget_seen_files(Database& database, const ForgetSeenFiles& what) {
  TAKT_ASSIGN(Query query, database.query(what.path ? forget_seen_file_sql : forget_seen_files_sql));
  if (what.path)
    query.bind(what.process, what.key, *what.path);
  else
    query.bind(what.process, what.key);
  return query.run();
}

constexpr const char* all_seen_files_sql = "SELECT * FROM seen_files ORDER BY process, trigger_key, path";

Result<std::vector<SeenFileRow>> all_seen_files(Database& database) {
  TAKT_ASSIGN(Query query, database.query(all_seen_files_sql));
  std::vector<SeenFileRow> rows;
  while (true) {
    TAKT_ASSIGN(const bool there, query.next());
    if (!there) return rows;
    TAKT_TRY(query.take(seen_file_columns(rows.emplace_back())));
  }
}

}  // namespace takt
