#include "bus/lists.h"

#include <fnmatch.h>

#include <algorithm>
#include <charconv>

#include "base/limits.h"
#include "bus/options.h"
#include "definition/definition.h"

namespace takt {

namespace {

constexpr std::uint32_t executions_by_default = 100;
constexpr std::uint32_t upcoming_by_default = 20;

Result<ExecutionId> parse_cursor(const std::string& cursor) {
  ExecutionId before = 0;
  if (cursor.empty()) return before;
  const char* const end = cursor.data() + cursor.size();
  const auto [stop, error] = std::from_chars(cursor.data(), end, before);
  if (error != std::errc() || stop != end || before == 0)
    return fail(ErrorCode::invalid_argument, "the cursor is none that this method gave");
  return before;
}

Result<ExecutionFilter> parse_execution_filter(const Dict& dict) {
  Options given(dict);
  ExecutionFilter filter;
  TAKT_ASSIGN(const auto process, given.take<std::string>("process"));
  TAKT_ASSIGN(const auto states, given.take<std::vector<std::string>>("states"));
  TAKT_ASSIGN(const auto since, given.take<std::uint64_t>("since"));
  TAKT_ASSIGN(const auto until, given.take<std::uint64_t>("until"));
  TAKT_TRY(given.finish());
  filter.process = process.value_or("");
  for (const std::string& word : states.value_or(std::vector<std::string>())) {
    const auto state = execution_state_from_word(word);
    if (!state) return fail(ErrorCode::invalid_argument, "no execution is ever in the state '{}'", word);
    filter.states.push_back(*state);
  }
  // Beyond what an instant can hold there are no executions.
  const auto instant = [](std::uint64_t us) {
    return wall_from_us(static_cast<std::int64_t>(
        std::min<std::uint64_t>(us, static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))));
  };
  if (since) filter.since = instant(*since);
  if (until) filter.until = instant(*until);
  return filter;
}

std::size_t rows_of_page(std::uint32_t asked, std::uint32_t by_default) {
  return std::min<std::size_t>(asked == 0 ? by_default : asked, limits::page_rows);
}

}  // namespace

Result<std::vector<ProcessEntry>> list_processes(Control& control, const Dict& filter) {
  Options given(filter);
  TAKT_ASSIGN(const auto name, given.take<std::string>("name"));
  TAKT_ASSIGN(const auto tag, given.take<std::string>("tag"));
  TAKT_ASSIGN(const auto enabled, given.take<bool>("enabled"));
  TAKT_TRY(given.finish());
  std::vector<ProcessEntry> entries;
  ReplyBudget budget;
  for (const ProcessSummary& summary : control.processes()) {
    const ProcessDefinition& definition = *summary.definition;
    if (name && ::fnmatch(name->c_str(), definition.name.c_str(), 0) != 0) continue;
    if (tag && std::find(definition.tags.begin(), definition.tags.end(), *tag) == definition.tags.end()) continue;
    if (enabled && definition.enabled != *enabled) continue;
    entries.push_back(process_entry(summary));
    if (!budget.take(size_of(entries.back())))
      return fail(ErrorCode::limit_exceeded, "more than {} bytes of processes; a filter makes it less",
                  limits::page_bytes);
  }
  return entries;
}

Result<std::tuple<std::vector<ExecutionEntry>, std::string>> list_executions(Control& control, const Dict& filter,
                                                                             const std::string& cursor,
                                                                             std::uint32_t limit, bool private_too) {
  TAKT_ASSIGN(const ExecutionFilter parsed, parse_execution_filter(filter));
  TAKT_ASSIGN(const ExecutionId before, parse_cursor(cursor));
  TAKT_ASSIGN(const ExecutionPage page,
              control.list_executions(parsed, before, rows_of_page(limit, executions_by_default)));
  std::vector<ExecutionEntry> entries;
  ExecutionId next = page.next;
  ReplyBudget budget;
  for (const ExecutionRow& row : page.rows) {
    ExecutionEntry entry = execution_entry(row, private_too);
    if (!budget.take(size_of(entry))) {
      next = entries.back().get<0>();  // what is left begins below the last row that fits
      break;
    }
    entries.push_back(std::move(entry));
  }
  return std::tuple(std::move(entries), next == 0 ? std::string() : std::to_string(next));
}

Result<std::vector<VersionEntry>> list_versions(Control& control, const std::string& name) {
  TAKT_ASSIGN(const std::vector<VersionRow> rows, control.versions(name));
  const auto process = control.process(name);  // an error: its definition went, its versions have stayed
  std::vector<VersionEntry> entries;
  ReplyBudget budget;
  for (const VersionRow& row : rows) {
    VersionEntry entry = version_entry(row, process && process->definition->version == row.version);
    if (entries.size() >= limits::page_rows || !budget.take(size_of(entry))) break;
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<std::vector<UpcomingEntry>> list_upcoming(Control& control, const Dict& filter, std::uint32_t count) {
  Options given(filter);
  TAKT_ASSIGN(const auto process, given.take<std::string>("process"));
  TAKT_TRY(given.finish());
  if (process) TAKT_TRY(control.process(*process));
  std::vector<UpcomingEntry> entries;
  for (const Upcoming& one : control.upcoming(process.value_or(""), rows_of_page(count, upcoming_by_default)))
    entries.push_back(upcoming_entry(one));
  return entries;
}

}  // namespace takt
