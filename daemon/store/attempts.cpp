#include "store/attempts.h"

namespace takt {

namespace {

template <class Row>
auto attempt_columns(Row& row) {
  return std::tie(row.token, row.execution, row.run, row.step, row.attempt, row.outcome, row.started_at, row.ended_at,
                  row.deadline_at, row.kill_at, row.ending, row.exit_code, row.signal, row.error, row.usage.cpu_user_us,
                  row.usage.cpu_system_us, row.usage.memory_peak_bytes, row.usage.io_read_bytes,
                  row.usage.io_write_bytes, row.output_bytes, row.output_cut, row.output_tail, row.kind, row.item,
                  row.runner);
}

Result<std::vector<AttemptRow>> take_attempts(Query& query) {
  std::vector<AttemptRow> rows;
  while (true) {
    TAKT_ASSIGN(const bool there, query.next());
    if (!there) return rows;
    TAKT_TRY(query.take(attempt_columns(rows.emplace_back())));
  }
}

constexpr const char* write_attempt_sql = R"sql(
INSERT OR REPLACE INTO attempts
VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24,?25)
)sql";

}  // namespace

Status write_attempt(Database& database, const AttemptRow& row) {
  TAKT_ASSIGN(Query query, database.query(write_attempt_sql));
  query.bind(attempt_columns(row));
  return query.run();
}

constexpr const char* live_attempts_sql = R"sql(
SELECT attempts.* FROM executions JOIN attempts ON attempts.execution = executions.id
WHERE executions.state IN ('queued', 'running', 'paused', 'interrupted') AND attempts.outcome IS NULL
ORDER BY attempts.execution, attempts.run, attempts.step, attempts.attempt
)sql";

Result<std::vector<AttemptRow>> live_attempts(Database& database) {
  TAKT_ASSIGN(Query query, database.query(live_attempts_sql));
  return take_attempts(query);
}

// Each write makes the row the table's last.
constexpr const char* last_runner_sql = "SELECT runner FROM attempts ORDER BY rowid DESC LIMIT 1";

Result<std::string> last_runner(Database& database) {
  TAKT_ASSIGN(Query query, database.query(last_runner_sql));
  std::string runner;
  TAKT_ASSIGN(const bool there, query.next());
  if (there) TAKT_TRY(query.take(runner));
  return runner;
}

constexpr const char* attempts_of_sql = "SELECT * FROM attempts WHERE execution = ?1 ORDER BY run, step, attempt";

Result<std::vector<AttemptRow>> attempts_of(Database& database, ExecutionId execution) {
  TAKT_ASSIGN(Query query, database.query(attempts_of_sql));
  query.bind(execution);
  return take_attempts(query);
}

}  // namespace takt
