#include "store/executions.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <set>
#include <utility>

#include "base/limits.h"

namespace takt {

namespace {

// In the order of the table, which every query here keeps to.
template <class Row>
auto execution_columns(Row& row) {
  return std::tie(row.id, row.process, row.version, row.state, row.run, row.priority, row.trigger_kind, row.trigger_key,
                  row.nominal_at, row.trigger, row.inputs, row.requested_by, row.queued_at, row.started_at,
                  row.ended_at, row.deadline_at, row.paused_at, row.ending, row.reason, row.error_step, row.result,
                  row.phase, row.undo, row.start_at, row.idempotency_key, row.parent, row.parent_token, row.depth);
}

// An upsert and not INSERT OR REPLACE, which would delete the execution that holds the same firing, and all steps.
constexpr const char* write_execution_sql = R"sql(
INSERT INTO executions
VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24,?25,?26,?27,?28)
ON CONFLICT (id) DO UPDATE SET
  (process, version, state, run, priority, trigger_kind, trigger_key, nominal_at_us, trigger_context, inputs,
   requested_by, queued_at_us, started_at_us, ended_at_us, deadline_at_us, paused_at_us, ending, reason, error_step,
   result, phase, undo, start_at_us, idempotency_key, parent, parent_token, depth) =
  (?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24,?25,?26,?27,?28)
)sql";

}  // namespace

Status write_execution(Database& database, const ExecutionRow& row) {
  TAKT_ASSIGN(Query query, database.query(write_execution_sql));
  query.bind(execution_columns(row));
  return query.run();
}

// Steps and attempts go with it (ON DELETE CASCADE).
constexpr const char* forget_execution_sql = "DELETE FROM executions WHERE id = ?1";

Status forget_execution(Database& database, ExecutionId id) {
  TAKT_ASSIGN(Query query, database.query(forget_execution_sql));
  query.bind(id);
  return query.run();
}

// ---- For the start

constexpr const char* live_executions_sql = R"sql(
SELECT * FROM executions WHERE state IN ('queued', 'running', 'paused', 'interrupted') ORDER BY id
)sql";

Result<std::vector<ExecutionRow>> live_executions(Database& database) {
  TAKT_ASSIGN(Query query, database.query(live_executions_sql));
  std::vector<ExecutionRow> rows;
  while (true) {
    TAKT_ASSIGN(const bool there, query.next());
    if (!there) return rows;
    TAKT_TRY(query.take(execution_columns(rows.emplace_back())));
  }
}

constexpr const char* last_id_sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'executions'";

Result<ExecutionId> last_execution_id(Database& database) {
  TAKT_ASSIGN(const std::int64_t id, database.integer(last_id_sql));
  return static_cast<ExecutionId>(id);
}

// SQLite lets sqlite_sequence be written to for this very purpose (sqlite.org/autoinc.html).
constexpr const char* reserve_sql = "INSERT INTO sqlite_sequence (name, seq) VALUES ('executions', ?1)";

Status reserve_execution_ids(Database& database, ExecutionId last) {
  TAKT_ASSIGN(Query query, database.query(reserve_sql));
  query.bind(last);
  return query.run();
}

// ---- Lists

namespace {

// The ids between which a list has to look: an index tells them, so that a span of time long ago, or a short one, does
// not read all the rows that are newer or older.
struct IdRange {
  ExecutionId first = 0;
  ExecutionId end = std::numeric_limits<std::int64_t>::max();
};

// The + keeps SQLite from looking for the least id by reading row after row from the oldest on.
constexpr const char* first_since_sql = "SELECT min(+id) FROM executions WHERE queued_at_us >= ?1";
constexpr const char* last_until_sql = "SELECT max(+id) FROM executions WHERE queued_at_us < ?1";

// Nothing: there is no row on that side.
Result<std::optional<ExecutionId>> bound(Database& database, const char* sql, WallTime at) {
  TAKT_ASSIGN(Query query, database.query(sql));
  query.bind(at);
  TAKT_ASSIGN(const bool there, query.next());
  TAKT_ASSERT(there);
  std::optional<ExecutionId> id;
  TAKT_TRY(query.take(id));
  return id;
}

Result<std::optional<IdRange>> id_range(Database& database, const ExecutionFilter& filter, ExecutionId before) {
  IdRange range;
  if (before != 0) range.end = std::min(range.end, before);
  if (filter.since) {
    TAKT_ASSIGN(const auto first, bound(database, first_since_sql, *filter.since));
    if (!first) return std::nullopt;
    range.first = *first;
  }
  if (filter.until) {
    TAKT_ASSIGN(const auto last, bound(database, last_until_sql, *filter.until));
    if (!last) return std::nullopt;
    range.end = std::min(range.end, *last + 1);
  }
  return range;
}

Status take_ids(Query& query, std::vector<ExecutionId>& ids) {
  while (true) {
    TAKT_ASSIGN(const bool there, query.next());
    if (!there) return {};
    TAKT_TRY(query.take(ids.emplace_back()));
  }
}

// ?3 and ?4 say the span once more, because the ids only enclose it: a clock set back gives a later row an earlier
// time.
constexpr std::string_view list_sql = R"sql(
SELECT id FROM executions
WHERE id >= ?1 AND id < ?2 AND queued_at_us >= ?3 AND queued_at_us < ?4)sql";
constexpr std::string_view list_process_sql = " AND process = ?6";
constexpr std::string_view list_state_sql = " AND state = ?7";
constexpr std::string_view list_order_sql = " ORDER BY id DESC LIMIT ?5";

// Of one state, or of any. Whichever it is, an index gives the newest first, and no more than a page is read.
Status add_ids(Database& database, const ExecutionFilter& filter, std::optional<ExecutionState> state, IdRange range,
               std::size_t limit, std::vector<ExecutionId>& ids) {
  std::string sql(list_sql);
  if (!filter.process.empty()) sql += list_process_sql;
  if (state) sql += list_state_sql;
  sql += list_order_sql;
  TAKT_ASSIGN(Query query, database.query(sql));
  const std::int64_t since = filter.since ? to_us(*filter.since) : std::numeric_limits<std::int64_t>::min();
  const std::int64_t until = filter.until ? to_us(*filter.until) : std::numeric_limits<std::int64_t>::max();
  query.bind(range.first, range.end, since, until, limit);
  if (!filter.process.empty()) query.bind_at(6, filter.process);
  if (state) query.bind_at(7, *state);
  return take_ids(query, ids);
}

constexpr const char* one_sql = "SELECT * FROM executions WHERE id = ?1";

// The bytes of its text are added to `bytes`.
Result<ExecutionRow> load(Database& database, ExecutionId id, std::size_t& bytes) {
  // A caller may name any number; SQLite has no row beyond its own integers.
  if (!std::in_range<std::int64_t>(id)) return fail(ErrorCode::no_such_execution, "no execution {}", id);
  TAKT_ASSIGN(Query query, database.query(one_sql));
  query.bind(id);
  TAKT_ASSIGN(const bool there, query.next());
  if (!there) return fail(ErrorCode::no_such_execution, "no execution {}", id);
  bytes += query.row_bytes();
  ExecutionRow row;
  TAKT_TRY(query.take(execution_columns(row)));
  return row;
}

}  // namespace

Result<ExecutionPage> list_executions(Database& database, const ExecutionFilter& filter, ExecutionId before,
                                      std::size_t limit) {
  limit = std::clamp<std::size_t>(limit, 1, limits::page_rows);
  ExecutionPage page;
  TAKT_ASSIGN(const auto range, id_range(database, filter, before));
  if (!range) return page;
  std::vector<ExecutionId> ids;  // one more than the page, to know whether there is another
  if (filter.states.empty()) TAKT_TRY(add_ids(database, filter, std::nullopt, *range, limit + 1, ids));
  for (const ExecutionState state : std::set(filter.states.begin(), filter.states.end()))
    TAKT_TRY(add_ids(database, filter, state, *range, limit + 1, ids));
  std::sort(ids.begin(), ids.end(), std::greater<>());

  std::size_t bytes = 0;
  for (const ExecutionId id : ids) {
    TAKT_ASSIGN(ExecutionRow row, load(database, id, bytes));
    if (page.rows.size() == limit || (!page.rows.empty() && bytes > limits::page_bytes)) {
      page.next = page.rows.back().id;
      break;
    }
    page.rows.push_back(std::move(row));
  }
  return page;
}

Result<ExecutionRow> execution(Database& database, ExecutionId id) {
  std::size_t bytes = 0;
  return load(database, id, bytes);
}

constexpr const char* last_of_sql = R"sql(
SELECT * FROM executions WHERE process = ?1 AND state <> 'skipped' ORDER BY id DESC LIMIT 1
)sql";

Result<std::optional<ExecutionRow>> last_execution_of(Database& database, const std::string& process) {
  TAKT_ASSIGN(Query query, database.query(last_of_sql));
  query.bind(process);
  TAKT_ASSIGN(const bool there, query.next());
  if (!there) return std::nullopt;
  ExecutionRow row;
  TAKT_TRY(query.take(execution_columns(row)));
  return row;
}

constexpr const char* fired_sql = R"sql(
SELECT EXISTS (SELECT 1 FROM executions WHERE process = ?1 AND trigger_key = ?2 AND nominal_at_us = ?3)
)sql";

Result<bool> has_fired(Database& database, const std::string& process, const std::string& key, WallTime nominal) {
  TAKT_ASSIGN(Query query, database.query(fired_sql));
  query.bind(process, key, nominal);
  TAKT_ASSIGN(const bool there, query.next());
  TAKT_ASSERT(there);
  bool fired = false;
  TAKT_TRY(query.take(fired));
  return fired;
}

// The first that was started with it: a later one would be a fault.
constexpr const char* with_key_sql = R"sql(
SELECT id FROM executions WHERE process = ?1 AND idempotency_key = ?2 AND idempotency_key <> '' ORDER BY id LIMIT 1
)sql";

Result<std::optional<ExecutionId>> execution_with_key(Database& database, const std::string& process,
                                                      const std::string& key) {
  TAKT_ASSIGN(Query query, database.query(with_key_sql));
  query.bind(process, key);
  TAKT_ASSIGN(const bool there, query.next());
  if (!there) return std::nullopt;
  ExecutionId id = 0;
  TAKT_TRY(query.take(id));
  return id;
}

// ---- History that is over

// The oldest that ended before ?2; and the oldest of those that ?3 newer ones have ended after. Both sides are bounded,
// so that a long history goes in small pieces.
constexpr const char* expired_executions_sql = R"sql(
SELECT id FROM (
  SELECT id FROM executions
  WHERE process = ?1 AND coalesce(ended_at_us, queued_at_us) < ?2
    AND state NOT IN ('queued', 'running', 'paused', 'interrupted')
  ORDER BY coalesce(ended_at_us, queued_at_us) LIMIT ?4)
UNION
SELECT id FROM (
  SELECT id FROM executions
  WHERE process = ?1 AND state NOT IN ('queued', 'running', 'paused', 'interrupted')
    AND id <= (
      SELECT id FROM executions
      WHERE process = ?1 AND state NOT IN ('queued', 'running', 'paused', 'interrupted')
      ORDER BY id DESC LIMIT 1 OFFSET ?3)
  ORDER BY id LIMIT ?4)
ORDER BY id LIMIT ?4
)sql";

Result<std::vector<ExecutionId>> expired_executions(Database& database, const std::string& process, const Keep& keep,
                                                    WallTime now, std::size_t limit) {
  constexpr std::int64_t for_ever = std::numeric_limits<std::int64_t>::max();
  TAKT_ASSIGN(Query query, database.query(expired_executions_sql));
  query.bind(process, keep.age ? to_us(now - *keep.age) : std::numeric_limits<std::int64_t>::min(),
             keep.runs ? *keep.runs : for_ever, limit);
  std::vector<ExecutionId> ids;
  TAKT_TRY(take_ids(query, ids));
  return ids;
}

}  // namespace takt
