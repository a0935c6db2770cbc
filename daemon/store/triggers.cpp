#include "store/triggers.h"

namespace takt {

namespace {

template <class Row>
auto trigger_columns(Row& row) {
  return std::tie(row.process, row.key, row.fired_at, row.boot_id);
}

}  // namespace

constexpr const char* write_trigger_sql = "INSERT OR REPLACE INTO triggers VALUES (?1, ?2, ?3, ?4)";

Status write_mark(Database& database, const TriggerMark& mark) {
  TAKT_ASSIGN(Query query, database.query(write_trigger_sql));
  query.bind(trigger_columns(mark));
  return query.run();
}

constexpr const char* forget_trigger_sql = "DELETE FROM triggers WHERE process = ?1 AND trigger_key = ?2";

Status forget_mark(Database& database, const ForgetMark& what) {
  TAKT_ASSIGN(Query query, database.query(forget_trigger_sql));
  query.bind(std::tie(what.process, what.key));
  return query.run();
}

constexpr const char* all_triggers_sql = "SELECT * FROM triggers ORDER BY process, trigger_key";

Result<std::vector<TriggerMark>> all_marks(Database& database) {
  TAKT_ASSIGN(Query query, database.query(all_triggers_sql));
  std::vector<TriggerMark> marks;
  while (true) {
    TAKT_ASSIGN(const bool there, query.next());
    if (!there) return marks;
    TAKT_TRY(query.take(trigger_columns(marks.emplace_back())));
  }
}

}  // namespace takt
