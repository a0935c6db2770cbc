#include "store/versions.h"

#include "base/limits.h"
#include "store/limits.h"

namespace takt {

namespace {

template <class Row>
auto version_columns(Row& row) {
  return std::tie(row.process, row.version, row.text, row.origin, row.user, row.loaded_at);
}

}  // namespace

constexpr const char* write_version_sql = "INSERT OR REPLACE INTO versions VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

Status write_version(Database& database, const VersionRow& row) {
  TAKT_ASSIGN(Query query, database.query(write_version_sql));
  query.bind(version_columns(row));
  return query.run();
}

constexpr const char* live_versions_sql = R"sql(
SELECT * FROM versions
WHERE (process, version) IN (
  SELECT process, version FROM executions WHERE state IN ('queued', 'running', 'paused', 'interrupted'))
ORDER BY process, version
)sql";

Result<std::vector<VersionRow>> live_versions(Database& database) {
  TAKT_ASSIGN(Query query, database.query(live_versions_sql));
  std::vector<VersionRow> rows;
  while (true) {
    TAKT_ASSIGN(const bool there, query.next());
    if (!there) return rows;
    TAKT_TRY(query.take(version_columns(rows.emplace_back())));
  }
}

constexpr const char* all_versions_sql = R"sql(
SELECT process, version, '', origin, user, loaded_at_us FROM versions WHERE process = ?1
ORDER BY loaded_at_us DESC, rowid DESC LIMIT ?2
)sql";

Result<std::vector<VersionRow>> versions_of(Database& database, const std::string& process) {
  TAKT_ASSIGN(Query query, database.query(all_versions_sql));
  query.bind(process, limits::page_rows);
  std::vector<VersionRow> rows;
  while (true) {
    TAKT_ASSIGN(const bool there, query.next());
    if (!there) return rows;
    TAKT_TRY(query.take(version_columns(rows.emplace_back())));
  }
}

constexpr const char* find_sql = R"sql(
SELECT * FROM versions WHERE process = ?1 AND substr(version, 1, length(?2)) = ?2
ORDER BY loaded_at_us DESC, rowid DESC LIMIT 2
)sql";

Result<VersionRow> find_version(Database& database, const std::string& process, const std::string& version) {
  TAKT_ASSIGN(Query query, database.query(find_sql));
  query.bind(process, version);
  TAKT_ASSIGN(const bool there, query.next());
  if (!there && version.empty()) return fail(ErrorCode::no_such_version, "no version of {} was ever loaded", process);
  if (!there) return fail(ErrorCode::no_such_version, "no version {} of {}", version, process);
  VersionRow row;
  TAKT_TRY(query.take(version_columns(row)));
  TAKT_ASSIGN(const bool another, query.next());
  if (another && !version.empty() && row.version != version)
    return fail(ErrorCode::invalid_argument, "several versions of {} begin with {}; give more of it", process, version);
  return row;
}

constexpr const char* forget_unused_sql = R"sql(
DELETE FROM versions
WHERE (process, version) NOT IN (SELECT process, version FROM executions)
  AND ?1 <= (SELECT count(*) FROM versions AS newer
             WHERE newer.process = versions.process
               AND (newer.loaded_at_us, newer.rowid) > (versions.loaded_at_us, versions.rowid))
)sql";

Status forget_unused_versions(Database& database) {
  TAKT_ASSIGN(Query query, database.query(forget_unused_sql));
  query.bind(limits::versions);
  return query.run();
}

}  // namespace takt
