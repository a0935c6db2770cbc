#include "store/steps.h"

namespace takt {

namespace {

template <class Row>
auto step_columns(Row& row) {
  return std::tie(row.execution, row.run, row.step, row.name, row.state, row.attempts, row.started_at, row.ended_at,
                  row.retry_at, row.exit_code, row.signal, row.error, row.result, row.visits, row.tries, row.routed,
                  row.order, row.variant, row.to_undo, row.undo_tries, row.items, row.items_ended, row.items_failed,
                  row.deadline_at, row.waits_until, row.message, row.approved_by, row.comment, row.items_stopped);
}

Result<std::vector<StepRow>> take_steps(Query& query) {
  std::vector<StepRow> rows;
  while (true) {
    TAKT_ASSIGN(const bool there, query.next());
    if (!there) return rows;
    TAKT_TRY(query.take(step_columns(rows.emplace_back())));
  }
}

}  // namespace

constexpr const char* write_step_sql = R"sql(
INSERT OR REPLACE INTO steps
VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24,?25,?26,?27,?28,?29)
)sql";

Status write_step(Database& database, const StepRow& row) {
  TAKT_ASSIGN(Query query, database.query(write_step_sql));
  query.bind(step_columns(row));
  return query.run();
}

constexpr const char* live_steps_sql = R"sql(
SELECT steps.* FROM executions JOIN steps ON steps.execution = executions.id AND steps.run = executions.run
WHERE executions.state IN ('queued', 'running', 'paused', 'interrupted')
ORDER BY steps.execution, steps.step
)sql";

Result<std::vector<StepRow>> live_steps(Database& database) {
  TAKT_ASSIGN(Query query, database.query(live_steps_sql));
  return take_steps(query);
}

constexpr const char* steps_of_sql = "SELECT * FROM steps WHERE execution = ?1 AND run = ?2 ORDER BY step";

Result<std::vector<StepRow>> steps_of(Database& database, ExecutionId execution, std::uint32_t run) {
  TAKT_ASSIGN(Query query, database.query(steps_of_sql));
  query.bind(execution, run);
  return take_steps(query);
}

}  // namespace takt
