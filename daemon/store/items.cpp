#include "store/items.h"

namespace takt {

namespace {

template <class Row>
auto item_columns(Row& row) {
  return std::tie(row.execution, row.run, row.step, row.item, row.state, row.attempts, row.retry_at, row.error,
                  row.result, row.to_undo);
}

Result<std::vector<ItemRow>> take_items(Query& query) {
  std::vector<ItemRow> rows;
  while (true) {
    TAKT_ASSIGN(const bool there, query.next());
    if (!there) return rows;
    TAKT_TRY(query.take(item_columns(rows.emplace_back())));
  }
}

}  // namespace

constexpr const char* write_item_sql = "INSERT OR REPLACE INTO items VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)";

Status write_item(Database& database, const ItemRow& row) {
  TAKT_ASSIGN(Query query, database.query(write_item_sql));
  query.bind(item_columns(row));
  return query.run();
}

constexpr const char* live_items_sql = R"sql(
SELECT items.* FROM executions JOIN items ON items.execution = executions.id AND items.run = executions.run
WHERE executions.state IN ('queued', 'running', 'paused', 'interrupted')
ORDER BY items.execution, items.step, items.item
)sql";

Result<std::vector<ItemRow>> live_items(Database& database) {
  TAKT_ASSIGN(Query query, database.query(live_items_sql));
  return take_items(query);
}

constexpr const char* items_of_sql = "SELECT * FROM items WHERE execution = ?1 AND run = ?2 ORDER BY step, item";

Result<std::vector<ItemRow>> items_of(Database& database, ExecutionId execution, std::uint32_t run) {
  TAKT_ASSIGN(Query query, database.query(items_of_sql));
  query.bind(execution, run);
  return take_items(query);
}

}  // namespace takt
