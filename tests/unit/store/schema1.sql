-- The first schema, as version 0.1.0 made it.
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
PRAGMA application_id = 1413565268;
PRAGMA user_version = 1;
