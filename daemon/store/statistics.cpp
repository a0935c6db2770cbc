#include "store/statistics.h"

#include <fmt/core.h>

#include <limits>
#include <map>
#include <string>
#include <tuple>

#include "base/limits.h"

namespace takt {

namespace {

// ?1 to ?3 are the span and the process. With a process, an index has both. Materialized: else SQLite looks the span up
// again for each row that is joined to it.
constexpr std::string_view span_sql = R"sql(
WITH span AS MATERIALIZED (
  SELECT id, process, run, state, queued_at_us, started_at_us, ended_at_us FROM executions
  WHERE queued_at_us >= ?1 AND queued_at_us < ?2 AND {}
    AND state NOT IN ('queued', 'running', 'paused', 'interrupted')))sql";

constexpr std::string_view outcomes_sql = "SELECT process, state, count(*) FROM span GROUP BY process, state";

// {} is the value that is spread.
constexpr std::string_view spread_sql = R"sql(
SELECT process, max(CASE WHEN rank = (n + 1) / 2 THEN value END), max(CASE WHEN rank = (95 * n + 99) / 100 THEN value END),
  max(value)
FROM (
  SELECT process, {0} AS value, row_number() OVER (PARTITION BY process ORDER BY {0}) AS rank,
    count(*) OVER (PARTITION BY process) AS n
  FROM span WHERE {0} IS NOT NULL AND state <> 'skipped')
GROUP BY process)sql";
constexpr std::string_view duration = "ended_at_us - started_at_us";
constexpr std::string_view queue_time = "started_at_us - queued_at_us";

constexpr std::string_view usage_sql = R"sql(
SELECT span.process, sum(cpu_user_us + cpu_system_us), max(memory_peak_bytes)
FROM span JOIN attempts ON attempts.execution = span.id GROUP BY span.process)sql";

constexpr std::string_view steps_sql = R"sql(, ran AS (
  SELECT span.process, steps.name, steps.variant, steps.state, steps.execution, steps.run, steps.step,
    steps.ended_at_us - steps.started_at_us AS value
  FROM span JOIN steps ON steps.execution = span.id AND steps.run = span.run))sql";
constexpr std::string_view step_outcomes_sql =
    "SELECT process, name, variant, state, count(*) FROM ran GROUP BY process, name, variant, state";
constexpr std::string_view step_spread_sql = R"sql(
SELECT process, name, variant, max(CASE WHEN rank = (n + 1) / 2 THEN value END),
  max(CASE WHEN rank = (95 * n + 99) / 100 THEN value END), max(value)
FROM (
  SELECT process, name, variant, value, row_number() OVER (PARTITION BY process, name, variant ORDER BY value) AS rank,
    count(*) OVER (PARTITION BY process, name, variant) AS n
  FROM ran WHERE value IS NOT NULL AND state <> 'skipped')
GROUP BY process, name, variant)sql";
constexpr std::string_view step_usage_sql = R"sql(
SELECT ran.process, ran.name, ran.variant, sum(cpu_user_us + cpu_system_us), max(memory_peak_bytes)
FROM ran JOIN attempts ON attempts.execution = ran.execution AND attempts.run = ran.run AND attempts.step = ran.step
GROUP BY ran.process, ran.name, ran.variant)sql";

// Asks one question about the span, and hands each row to `take`.
template <class Take>
Status ask(Database& database, const StatisticsFilter& filter, const std::string& question, Take take) {
  const std::string sql =
      fmt::format(fmt::runtime(span_sql), filter.process.empty() ? "?3 = ''" : "process = ?3") + question;
  TAKT_ASSIGN(Query query, database.query(sql));
  query.bind(filter.since ? to_us(*filter.since) : std::numeric_limits<std::int64_t>::min(),
             filter.until ? to_us(*filter.until) : std::numeric_limits<std::int64_t>::max(), filter.process);
  while (true) {
    TAKT_ASSIGN(const bool there, query.next());
    if (!there) return {};
    TAKT_TRY(take(query));
  }
}

using StepKey = std::tuple<std::string, std::string, std::string>;  // (process, step, variant)

Status ask_processes(Database& database, const StatisticsFilter& filter,
                     std::map<std::string, ProcessStatistics>& found) {
  std::string process;
  TAKT_TRY(ask(database, filter, std::string(outcomes_sql), [&](Query& query) {
    std::string state;
    std::uint64_t count = 0;
    Status taken = query.take(process, state, count);
    found[process].outcomes[state] = count;
    return taken;
  }));
  const auto ask_spread = [&](std::string_view value, Spread ProcessStatistics::*member) {
    return ask(database, filter, fmt::format(fmt::runtime(spread_sql), value), [&, member](Query& query) {
      Spread spread;
      Status taken = query.take(process, spread.median, spread.p95, spread.max);
      found[process].*member = spread;
      return taken;
    });
  };
  TAKT_TRY(ask_spread(duration, &ProcessStatistics::duration));
  TAKT_TRY(ask_spread(queue_time, &ProcessStatistics::queue_time));
  return ask(database, filter, std::string(usage_sql), [&](Query& query) {
    std::int64_t cpu = 0;
    std::int64_t memory = 0;
    Status taken = query.take(process, cpu, memory);
    found[process].cpu_us = cpu;
    found[process].memory_peak_bytes = memory;
    return taken;
  });
}

Status ask_steps(Database& database, const StatisticsFilter& filter, std::map<StepKey, StepStatistics>& found) {
  StepKey key;
  std::string& process = std::get<0>(key);
  std::string& step = std::get<1>(key);
  std::string& variant = std::get<2>(key);
  const std::string ran(steps_sql);
  TAKT_TRY(ask(database, filter, ran + std::string(step_outcomes_sql), [&](Query& query) {
    std::string state;
    std::uint64_t count = 0;
    Status taken = query.take(process, step, variant, state, count);
    found[key].outcomes[state] = count;
    return taken;
  }));
  TAKT_TRY(ask(database, filter, ran + std::string(step_spread_sql), [&](Query& query) {
    Spread spread;
    Status taken = query.take(process, step, variant, spread.median, spread.p95, spread.max);
    found[key].duration = spread;
    return taken;
  }));
  return ask(database, filter, ran + std::string(step_usage_sql), [&](Query& query) {
    std::int64_t cpu = 0;
    std::int64_t memory = 0;
    Status taken = query.take(process, step, variant, cpu, memory);
    found[key].cpu_us = cpu;
    found[key].memory_peak_bytes = memory;
    return taken;
  });
}

}  // namespace

Result<Statistics> statistics_of(Database& database, const StatisticsFilter& filter) {
  std::map<std::string, ProcessStatistics> processes;
  std::map<StepKey, StepStatistics> steps;
  TAKT_TRY(ask_processes(database, filter, processes));
  TAKT_TRY(ask_steps(database, filter, steps));
  Statistics statistics;
  for (auto& [name, one] : processes) {
    if (statistics.processes.size() == limits::page_rows) break;
    one.process = name;
    statistics.processes.push_back(std::move(one));
  }
  for (auto& [key, one] : steps) {
    if (statistics.steps.size() == limits::page_rows) break;
    std::tie(one.process, one.step, one.variant) = key;
    statistics.steps.push_back(std::move(one));
  }
  return statistics;
}

}  // namespace takt
