#include "store/schema.h"

#include <array>

namespace takt {

namespace {

// Append-only: what a release has shipped is never edited. docs/history-schema.md explains the columns.
//
// executions.id is AUTOINCREMENT so that an id is never given twice, not even after the newest row has expired.
// executions_firing is the last word on "no instant fires twice". Indices end in the rowid, which is the id: those on
// one column therefore also give newest first.
constexpr std::array migrations{
    R"sql(
CREATE TABLE executions (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  process         TEXT NOT NULL,
  version         TEXT NOT NULL,
  state           TEXT NOT NULL,
  run             INTEGER NOT NULL,
  priority        INTEGER NOT NULL,
  trigger_kind    TEXT NOT NULL,
  trigger_key     TEXT NOT NULL,
  nominal_at_us   INTEGER,
  trigger_context TEXT,
  inputs          TEXT,
  requested_by    INTEGER,
  queued_at_us    INTEGER NOT NULL,
  started_at_us   INTEGER,
  ended_at_us     INTEGER,
  deadline_at_us  INTEGER,
  paused_at_us    INTEGER,
  ending          TEXT,
  reason          TEXT NOT NULL,
  error_step      TEXT NOT NULL,
  result          TEXT
) STRICT;
CREATE UNIQUE INDEX executions_firing ON executions (process, trigger_key, nominal_at_us) WHERE nominal_at_us IS NOT NULL;
CREATE INDEX executions_process ON executions (process);
CREATE INDEX executions_process_state ON executions (process, state);
CREATE INDEX executions_state ON executions (state);
CREATE INDEX executions_queued ON executions (queued_at_us);
CREATE INDEX executions_over ON executions (process, coalesce(ended_at_us, queued_at_us));

CREATE TABLE steps (
  execution       INTEGER NOT NULL REFERENCES executions (id) ON DELETE CASCADE,
  run             INTEGER NOT NULL,
  step            INTEGER NOT NULL,
  name            TEXT NOT NULL,
  state           TEXT NOT NULL,
  attempts        INTEGER NOT NULL,
  started_at_us   INTEGER,
  ended_at_us     INTEGER,
  retry_at_us     INTEGER,
  exit_code       INTEGER,
  signal          INTEGER,
  error           TEXT NOT NULL,
  result          TEXT,
  PRIMARY KEY (execution, run, step)
) STRICT;

CREATE TABLE attempts (
  token             TEXT PRIMARY KEY NOT NULL,
  execution         INTEGER NOT NULL REFERENCES executions (id) ON DELETE CASCADE,
  run               INTEGER NOT NULL,
  step              INTEGER NOT NULL,
  attempt           INTEGER NOT NULL,
  outcome           TEXT,
  started_at_us     INTEGER NOT NULL,
  ended_at_us       INTEGER,
  deadline_at_us    INTEGER,
  kill_at_us        INTEGER,
  ending            TEXT,
  exit_code         INTEGER,
  signal            INTEGER,
  error             TEXT NOT NULL,
  cpu_user_us       INTEGER NOT NULL,
  cpu_system_us     INTEGER NOT NULL,
  memory_peak_bytes INTEGER NOT NULL,
  io_read_bytes     INTEGER NOT NULL,
  io_write_bytes    INTEGER NOT NULL,
  output_bytes      INTEGER NOT NULL,
  output_cut        INTEGER NOT NULL,
  output_tail       TEXT NOT NULL
) STRICT;
CREATE INDEX attempts_execution ON attempts (execution, run, step, attempt);

CREATE TABLE versions (
  process         TEXT NOT NULL,
  version         TEXT NOT NULL,
  text            TEXT NOT NULL,
  origin          TEXT NOT NULL,
  user            TEXT NOT NULL,
  loaded_at_us    INTEGER NOT NULL,
  PRIMARY KEY (process, version)
) STRICT;

CREATE TABLE processes (
  process         TEXT PRIMARY KEY NOT NULL,
  paused          INTEGER NOT NULL,
  paused_by       INTEGER,
  paused_at_us    INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE triggers (
  process         TEXT NOT NULL,
  trigger_key     TEXT NOT NULL,
  fired_at_us     INTEGER NOT NULL,
  boot_id         TEXT NOT NULL,
  PRIMARY KEY (process, trigger_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  id              INTEGER PRIMARY KEY,
  at_us           INTEGER NOT NULL,
  uid             INTEGER NOT NULL,
  method          TEXT NOT NULL,
  process         TEXT NOT NULL,
  execution       INTEGER,
  detail          TEXT NOT NULL
) STRICT;
)sql",
    R"sql(
ALTER TABLE executions ADD COLUMN phase TEXT NOT NULL DEFAULT 'steps';
ALTER TABLE executions ADD COLUMN undo INTEGER NOT NULL DEFAULT 1;
ALTER TABLE executions ADD COLUMN start_at_us INTEGER;
ALTER TABLE executions ADD COLUMN idempotency_key TEXT NOT NULL DEFAULT '';
ALTER TABLE executions ADD COLUMN parent INTEGER;
ALTER TABLE executions ADD COLUMN parent_token TEXT NOT NULL DEFAULT '';
ALTER TABLE executions ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
CREATE INDEX executions_key ON executions (process, idempotency_key) WHERE idempotency_key <> '';
CREATE INDEX executions_process_queued ON executions (process, queued_at_us);

ALTER TABLE steps ADD COLUMN visits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE steps ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE steps ADD COLUMN routed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE steps ADD COLUMN ended_order INTEGER;
ALTER TABLE steps ADD COLUMN variant TEXT NOT NULL DEFAULT '';
ALTER TABLE steps ADD COLUMN to_undo INTEGER NOT NULL DEFAULT 0;
ALTER TABLE steps ADD COLUMN undo_tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE steps ADD COLUMN items TEXT;
ALTER TABLE steps ADD COLUMN items_ended INTEGER NOT NULL DEFAULT 0;
ALTER TABLE steps ADD COLUMN items_failed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE steps ADD COLUMN deadline_at_us INTEGER;
ALTER TABLE steps ADD COLUMN waits_until_us INTEGER;
ALTER TABLE steps ADD COLUMN message TEXT NOT NULL DEFAULT '';
ALTER TABLE steps ADD COLUMN approved_by INTEGER;
ALTER TABLE steps ADD COLUMN comment TEXT NOT NULL DEFAULT '';
UPDATE steps SET visits = 1, tries = attempts WHERE started_at_us IS NOT NULL;
UPDATE steps SET ended_order = step WHERE started_at_us IS NOT NULL AND ended_at_us IS NOT NULL;

ALTER TABLE attempts ADD COLUMN kind TEXT NOT NULL DEFAULT 'step';
ALTER TABLE attempts ADD COLUMN item INTEGER;

ALTER TABLE processes ADD COLUMN paused_until_us INTEGER;
ALTER TABLE processes ADD COLUMN skip_next INTEGER NOT NULL DEFAULT 0;
ALTER TABLE processes ADD COLUMN skip_by INTEGER;

CREATE TABLE items (
  execution       INTEGER NOT NULL REFERENCES executions (id) ON DELETE CASCADE,
  run             INTEGER NOT NULL,
  step            INTEGER NOT NULL,
  item            INTEGER NOT NULL,
  state           TEXT NOT NULL,
  attempts        INTEGER NOT NULL,
  retry_at_us     INTEGER,
  error           TEXT NOT NULL,
  result          TEXT,
  to_undo         INTEGER NOT NULL,
  PRIMARY KEY (execution, run, step, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE cache (
  process         TEXT NOT NULL,
  step            TEXT NOT NULL,
  key             TEXT NOT NULL,
  result          TEXT,
  stored_at_us    INTEGER NOT NULL,
  expires_at_us   INTEGER NOT NULL,
  PRIMARY KEY (process, step, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX cache_expires ON cache (expires_at_us);
)sql",
    R"sql(
ALTER TABLE steps ADD COLUMN items_stopped INTEGER NOT NULL DEFAULT 0;
)sql",
    R"sql(
CREATE TABLE seen_files (
  process         TEXT NOT NULL,
  trigger_key     TEXT NOT NULL,
  path            TEXT NOT NULL,
  folder          INTEGER NOT NULL,
  inode           INTEGER NOT NULL,
  born_at_us      INTEGER NOT NULL,
  modified_at_us  INTEGER NOT NULL,
  PRIMARY KEY (process, trigger_key, path)
) STRICT, WITHOUT ROWID;
)sql",
    R"sql(
ALTER TABLE attempts ADD COLUMN runner TEXT NOT NULL DEFAULT '';
)sql",
};

// "TAKT", in the header of the file, where file(1) and we look.
constexpr std::int64_t application_id = 0x54414b54;

Status apply(Database& database, std::size_t index) {
  TAKT_TRY(database.execute("BEGIN IMMEDIATE"));
  const std::string version = fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application_id,
                                          static_cast<std::int64_t>(index) + 1);
  Status status = database.execute(migrations[index]);
  if (status) status = database.execute(version.c_str());
  if (status) status = database.execute("COMMIT");
  // What the rollback says is less than what led to it.
  if (!status && database.in_transaction()) (void)database.execute("ROLLBACK");
  return status;
}

}  // namespace

std::int64_t schema_version() {
  return static_cast<std::int64_t>(migrations.size());
}

Status check_schema(Database& database) {
  TAKT_ASSIGN(const std::int64_t version, database.integer("PRAGMA user_version"));
  TAKT_ASSIGN(const std::int64_t owner, database.integer("PRAGMA application_id"));
  if (version > schema_version())
    return fail(ErrorCode::not_supported, "{} was written by a newer taktd (its schema is {}, this one knows {})",
                database.path(), version, schema_version());
  TAKT_ASSIGN(const std::int64_t tables, database.integer("SELECT count(*) FROM sqlite_schema"));
  if (tables != 0 && owner != application_id)
    return fail(ErrorCode::not_supported, "{} is the database of another program", database.path());
  return {};
}

Status migrate(Database& database) {
  TAKT_ASSIGN(const std::int64_t version, database.integer("PRAGMA user_version"));
  for (std::size_t index = static_cast<std::size_t>(version); index < migrations.size(); ++index)
    if (Status status = apply(database, index); !status)
      return tl::unexpected(std::move(status).error().in(fmt::format("bring the history to schema {}", index + 1)));
  return {};
}

}  // namespace takt
