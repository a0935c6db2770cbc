// Whatever a user, a caller or a child can make grow has its limit here. Settings may lower or raise those that
// taktd.toml(5) names; these are then the defaults.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace takt::limits {

inline constexpr std::size_t definition_bytes = 256 * 1024;    // one file, or one text over D-Bus
inline constexpr std::size_t definitions = 10'000;             // files in all folders
inline constexpr std::size_t drop_ins = 64;                    // of one process
inline constexpr std::size_t steps = 1'000;                    // of one process
inline constexpr std::uint32_t visits = 1'000;                 // of one step in one run: the greatest max_visits
inline constexpr std::size_t items = 10'000;                   // of one for_each
inline constexpr std::uint32_t items_parallel = 256;           // of them at a time
inline constexpr std::uint32_t nesting = 16;                   // of executions that `process` steps start
inline constexpr std::uint32_t chain = 16;                     // of executions that set each other off
inline constexpr std::size_t variants = 16;                    // of one step
inline constexpr std::size_t generated_steps = 1'000;          // that one step gives
inline constexpr std::size_t pools = 256;                      // of taktd.toml
inline constexpr std::uint32_t slots = 100'000;                // of one pool
inline constexpr std::size_t versions = 20;                    // of one process, kept though nothing ran with them
inline constexpr std::size_t cache_entries = 10'000;           // results kept, of all processes
inline constexpr std::size_t cache_bytes = 64 * 1024 * 1024;   // of them together
inline constexpr std::size_t key_bytes = 1'024;                // a cache, variant or idempotency key
inline constexpr std::size_t rate = 10'000;                    // the greatest `limit` of a trigger's rate
inline constexpr std::size_t triggers = 1'000;                 // of one process
inline constexpr std::size_t constraints = 64;                 // of one process
inline constexpr std::size_t diagnostics = 100;                // told of one file
inline constexpr std::size_t key_parts = 16;                   // of one dotted TOML key
inline constexpr std::size_t name_bytes = 128;                 // a process, step, input or tag
inline constexpr std::size_t value_bytes = 1024 * 1024;        // inputs, a result, a context value
inline constexpr int value_depth = 64;                         // nesting of a JSON value
inline constexpr std::size_t argument_bytes = 128 * 1024 - 1;  // one argument: Linux's MAX_ARG_STRLEN, less its NUL
inline constexpr std::size_t expression_bytes = 4 * 1024;      // the text of one expression
inline constexpr int expression_instructions = 1'000'000;      // of one evaluation
inline constexpr std::size_t expression_memory = 16 * 1024 * 1024;
inline constexpr std::size_t pattern_size = 200'000;  // characters of an input's pattern, its repetitions written out
inline constexpr std::size_t pattern_subject_bytes = 16 * 1024;  // of a text that a pattern is tried on
inline constexpr std::int64_t priority = 1'000;                  // of an execution, up or down
inline constexpr std::uint32_t interrupted_attempts = 10;        // of a step that may be tried again when interrupted
inline constexpr int lost_orders = 10;                           // of one attempt, each of which is given again
inline constexpr std::size_t context_bytes = 8 * 1024 * 1024;    // of the context that a child is given
inline constexpr std::size_t max_concurrent = 64;                // executions that run at once, by default
inline constexpr std::size_t max_queued = 10'000;                // executions that wait, of all processes
inline constexpr std::size_t max_queued_process = 1'000;         // and of one
inline constexpr std::uint64_t log_bytes = 16 * 1024 * 1024;  // of one attempt's output; the rest is counted, not kept
inline constexpr std::size_t log_line_bytes = 48 * 1024;      // a longer line is split
inline constexpr std::size_t tail_bytes = 4 * 1024;           // the end of an attempt's output, kept in its record
inline constexpr std::size_t message_bytes = 4 * 1024;        // a reason or an error in a record
inline constexpr std::size_t packet_bytes = 64 * 1024;        // of the runner's protocol; a larger one goes by memfd
inline constexpr std::size_t runner_message_bytes = 16 * 1024 * 1024;  // of the runner's protocol, however it goes
inline constexpr std::size_t runner_queue = 20'000;          // messages that wait for a peer that does not read
inline constexpr std::size_t runner_attempts = 10'000;       // that the runner knows, ended ones included
inline constexpr std::size_t page_rows = 1'000;              // of one D-Bus list
inline constexpr std::size_t page_bytes = 8 * 1024 * 1024;   // of one D-Bus reply (the bus ends us at 32 MiB)
inline constexpr std::int64_t audit_rows = 100'000;          // of the audit trail; the oldest go
inline constexpr std::int64_t wal_bytes = 64 * 1024 * 1024;  // what the write-ahead log shrinks to once it was larger
inline constexpr std::size_t waiters = 4'096;                // WaitExecution calls under way
inline constexpr std::size_t subscribers = 256;
inline constexpr std::size_t requests = 1'000;                         // calls and HTTP requests of steps at once
inline constexpr long redirects = 10;                                  // that one HTTP request follows
inline constexpr int bus_messages = 256;                               // that one turn of the loop takes from the bus
inline constexpr std::size_t error_bytes = 64 * 1024;                  // of one error message on the bus
inline constexpr Duration bus_retry = std::chrono::milliseconds(250);  // between tries to reach a bus that went
inline constexpr Duration bus_listen_retry = std::chrono::seconds(5);  // and to one that is only listened to
inline constexpr std::size_t bus_rules = 480;  // match rules on one bus, which takes 512 of a client
inline constexpr Duration zones_settle = std::chrono::milliseconds(200);  // of quiet after a change of the tz database
inline constexpr std::size_t path_events = 1'000;                  // that one turn of the loop takes from inotify
inline constexpr std::size_t path_pending = 10'000;                // files that settle at once, of one trigger
inline constexpr std::size_t path_names = 2'000;                   // that one turn of the loop reads in folders
inline constexpr std::size_t path_seen = 200'000;                  // files remembered, of one trigger
inline constexpr std::size_t path_batch = 1'000;                   // files in one firing of a batch
inline constexpr std::size_t path_batch_bytes = 256 * 1024;        // and of their paths together
inline constexpr std::size_t catch_up = 1'000;                     // firings made up for by `catch_up = "all"`
inline constexpr std::size_t instants_counted = 10'000;            // that passed, of one trigger, into `stands_for`
inline constexpr std::size_t instants_due = 100'000;               // that one look at the schedule works through
inline constexpr Duration lateness = std::chrono::minutes(1);      // a firing that late is still on time, not caught up
inline constexpr Duration clock_set_back = std::chrono::hours(3);  // so far back, what fired does not fire again
inline constexpr Duration path_found_settle = std::chrono::milliseconds(500);  // of files that came before their watch
inline constexpr Duration path_batch_settle = std::chrono::seconds(1);         // of a burst, without `settle`
inline constexpr std::size_t path_watches = 10'000;                            // folders watched, of all path triggers
inline constexpr int device_events = 64;                            // that one turn of the loop takes from udev
inline constexpr std::size_t device_properties = 256;               // of one device, that a firing tells
inline constexpr int journal_entries = 256;                         // that one turn of the loop takes from the journal
inline constexpr std::size_t journal_marked = 10'000;               // read at most twice when the daemon dies
inline constexpr Duration journal_delay = std::chrono::minutes(1);  // between an entry's time and its being there
inline constexpr int network_events = 64;                           // that one turn of the loop takes from the kernel
inline constexpr Duration condition_period = std::chrono::seconds(10);     // between looks at what changes in silence
inline constexpr std::size_t path_looks = 64;                              // of `path_exists`, that have not come back
inline constexpr Duration path_patience = std::chrono::seconds(1);         // until one of them is said not to
inline constexpr Duration constraint_patience = std::chrono::seconds(10);  // until the first word of a constraint
inline constexpr Duration every_min = std::chrono::milliseconds(100);      // the shortest period of `every`
inline constexpr std::size_t calendar_bytes = 2 * 1024;            // the text of one cron line or calendar expression
inline constexpr std::size_t calendar_question_bytes = 16 * 1024;  // a line for `taktctl calendar --batch`
inline constexpr std::size_t calendar_instants = 10'000;           // of one answer, or shown at once

}  // namespace takt::limits
