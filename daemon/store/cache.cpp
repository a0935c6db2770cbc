#include "store/cache.h"

namespace takt {

namespace {

template <class Row>
auto cache_columns(Row& row) {
  return std::tie(row.process, row.step, row.key, row.result, row.stored_at, row.expires_at);
}

}  // namespace

constexpr const char* write_cache_sql = "INSERT OR REPLACE INTO cache VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

Status write_cached(Database& database, const CacheRow& row) {
  TAKT_ASSIGN(Query query, database.query(write_cache_sql));
  query.bind(cache_columns(row));
  return query.run();
}

// Each result that makes way for another is forgotten so: by the primary key.
constexpr const char* forget_one_cached_sql = "DELETE FROM cache WHERE process = ?1 AND step = ?2 AND key = ?3";
constexpr const char* forget_cache_sql = "DELETE FROM cache WHERE (?1 = '' OR process = ?1) AND (?2 = '' OR step = ?2)";

Status forget_cached(Database& database, const ForgetCache& what) {
  TAKT_ASSIGN(Query query, database.query(what.key ? forget_one_cached_sql : forget_cache_sql));
  if (what.key)
    query.bind(what.process, what.step, *what.key);
  else
    query.bind(what.process, what.step);
  return query.run();
}

constexpr const char* all_cache_sql = "SELECT * FROM cache ORDER BY stored_at_us";

Result<std::vector<CacheRow>> all_cached(Database& database) {
  TAKT_ASSIGN(Query query, database.query(all_cache_sql));
  std::vector<CacheRow> rows;
  while (true) {
    TAKT_ASSIGN(const bool there, query.next());
    if (!there) return rows;
    TAKT_TRY(query.take(cache_columns(rows.emplace_back())));
  }
}

constexpr const char* expired_cache_sql = "DELETE FROM cache WHERE expires_at_us <= ?1";

Status forget_expired_cached(Database& database, WallTime now) {
  TAKT_ASSIGN(Query query, database.query(expired_cache_sql));
  query.bind(now);
  return query.run();
}

}  // namespace takt
