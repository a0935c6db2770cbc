#include "judge.h"

#include <algorithm>

#include "definition/definition.h"
#include "trigger/limits.h"
#include "trigger/timed.h"

namespace takt::test {

namespace {

bool begins(const std::string& text, std::string_view with) {
  return text.starts_with(with);
}

bool is_let_go(const ExecutionRow& row) {
  return begins(row.reason, "catch_up");
}

}  // namespace

Judge::Judge(Findings& findings, const Disk& disk, const std::map<std::string, Definition>& definitions,
             const std::string& machine_id)
    : findings_(findings), disk_(disk) {
  for (const auto& [name, definition] : definitions) {
    for (const Trigger& trigger : definition->triggers) {
      Line& line = lines_[{name, trigger.key}];
      line.key = {name, trigger.key};
      line.calendar = &std::get<CalendarTrigger>(trigger.kind);
      line.place = jitter_place(machine_id, name, trigger.key);
    }
  }
}

// ---- What is due

std::optional<WallTime> Judge::after(const Line& line, WallTime at) const {
  const auto next = line.calendar->calendar.next(at, line.calendar->zone, line.calendar->dst);
  return next ? std::optional(next->at) : std::nullopt;
}

// Jitter never reaches the instant that follows.
std::optional<WallTime> Judge::due(const Line& line, std::optional<WallTime> nominal) const {
  if (!nominal || line.calendar->jitter == Duration(0)) return nominal;
  const auto following = after(line, *nominal);
  const Duration most = following ? std::min(*following - *nominal, line.calendar->jitter) : line.calendar->jitter;
  return *nominal + Duration(static_cast<std::int64_t>(static_cast<double>(most.count()) * line.place));
}

void Judge::move(Line& line, WallTime upto, bool begun) {
  line.upto = upto;
  line.begun = begun;
  line.next = after(line, upto);
  line.next_due = due(line, line.next);
}

void Judge::nothing_is_owed(WallTime now) {
  for (auto& [key, line] : lines_) {
    if (!line.upto)
      findings_.add("'{}' of {} is not followed", key.second, key.first);
    else if (line.next_due && *line.next_due <= now)
      findings_.add("'{}' of {}: {} has passed, and has no row", key.second, key.first, format_utc(*line.next));
    else if (*line.upto - now > limits::clock_set_back)
      findings_.add("'{}' of {} waits for the time after {}, though the clock was set back to {}", key.second,
                    key.first, format_utc(*line.upto), format_utc(now));
    else if (line.marked != line.upto)
      findings_.add("'{}' of {} stands at {}; its mark says otherwise", key.second, key.first, format_utc(*line.upto));
  }
}

// ---- What the disk is told

void Judge::writing(const Record& record) {
  if (const auto* mark = std::get_if<TriggerMark>(&record)) on(*mark);
  if (const auto* row = std::get_if<ExecutionRow>(&record); row != nullptr && row->id > last_id_) {
    last_id_ = row->id;
    on(*row);
  }
}

void Judge::written() {
  for (Line* line : marked_) {
    if (line->mark) mark_without_row(*line, *line->mark);
    line->mark.reset();
  }
  marked_.clear();
}

// Its row comes in the same batch, after it.
void Judge::on(const TriggerMark& mark) {
  const auto at = lines_.find({mark.process, mark.key});
  if (at == lines_.end()) return findings_.add("a mark of nobody's trigger '{}' of {}", mark.key, mark.process);
  Line& line = at->second;
  if (line.mark) mark_without_row(line, *line.mark);
  line.mark = line.marked = mark.fired_at;
  marked_.insert(&line);
}

// A beginning, a new one after the clock was set far back, or an instant that has had its row for long.
void Judge::mark_without_row(Line& line, WallTime mark) {
  const auto& [process, key] = line.key;
  if (!line.upto) return move(line, mark, true);
  if (mark < *line.upto) {
    if (!line.begun && *line.upto - mark <= limits::clock_set_back)
      findings_.add("'{}' of {} goes back from {} to {}", key, process, format_utc(*line.upto), format_utc(mark));
    ++count_.set_back;
    return move(line, mark, true);
  }
  if (mark == *line.upto) return;
  if (!line.rows.contains(mark))
    findings_.add("'{}' of {} steps over {} to {} without a row", key, process, format_utc(*line.upto),
                  format_utc(mark));
  ++count_.again;
  move(line, mark, false);
}

void Judge::on(const ExecutionRow& row) {
  if (!row.nominal_at) return;
  const auto at = lines_.find({row.process, row.trigger_key});
  if (at == lines_.end()) return findings_.add("'{}' of {} is nobody's trigger", row.trigger_key, row.process);
  Line& line = at->second;
  const WallTime nominal = *row.nominal_at;
  if (line.mark != row.nominal_at)
    findings_.add("'{}' of {}: the row of {} has no mark with it", row.trigger_key, row.process, format_utc(nominal));
  line.mark.reset();
  if (!line.rows.insert(nominal).second || (line.upto && nominal <= *line.upto))
    return findings_.add("'{}' of {} fired again at {}", row.trigger_key, row.process, format_utc(nominal));

  ++count_.rows;
  line.in_look = line.look == row.queued_at ? line.in_look + 1 : 1;
  line.look = row.queued_at;
  const std::uint64_t passed = walk(line, nominal);
  judge_count(line, row, passed);
  move(line, nominal, false);
  judge_time(line, nominal, row.queued_at, is_let_go(row));
  judge_reason(row);
}

// How many instants there are after the last row's, up to this one's.
std::uint64_t Judge::walk(Line& line, WallTime nominal) {
  std::uint64_t passed = 1;
  auto at = line.next;
  for (; at && *at < nominal; at = after(line, *at)) ++passed;
  if (at != nominal)
    findings_.add("'{}' of {} fired at {}, which is none of its instants", line.key.second, line.key.first,
                  format_utc(nominal));
  count_.instants += passed;
  return passed;
}

void Judge::judge_count(Line& line, const ExecutionRow& row, std::uint64_t passed) {
  const CatchUp catch_up = line.calendar->catch_up;
  if (is_let_go(row)) {
    ++count_.let_go;
    if (catch_up != CatchUp::none) findings_.add("'{}' of {} lets instants go", row.trigger_key, row.process);
    return;
  }
  const auto stands_for = row.trigger.value("stands_for", std::uint64_t{0});
  if (passed > 1) ++count_.caught_up;
  if (stands_for != passed)
    findings_.add("'{}' of {}: the row of {} stands for {}; since the last one there were {}", row.trigger_key,
                  row.process, format_utc(*row.nominal_at), stands_for, passed);
  const bool may_gather = catch_up == CatchUp::latest || (catch_up == CatchUp::all && line.in_look == limits::catch_up);
  if (passed > 1 && !may_gather)
    findings_.add("'{}' of {}: the row of {} stands for {}, against its catch_up", row.trigger_key, row.process,
                  format_utc(*row.nominal_at), passed);
}

// `line` has moved on to `nominal`.
void Judge::judge_time(Line& line, WallTime nominal, WallTime decided, bool let_go) {
  const auto wrong = [&](std::string_view what) {
    findings_.add("'{}' of {}: {} at {} {}", line.key.second, line.key.first, format_utc(nominal), format_utc(decided),
                  what);
  };
  const WallTime at = *due(line, nominal);
  if (decided < at) wrong("is too early");
  if (decided > at && !looks_.contains(decided)) wrong("is late, and nobody was away");
  const bool more = line.next_due && *line.next_due <= decided;
  switch (line.calendar->catch_up) {
    case CatchUp::latest:
      if (more) wrong("is not the latest");
      return;
    case CatchUp::all:
      if (more && line.in_look == limits::catch_up) wrong("is not the last of all");
      return;
    case CatchUp::none:
      // Only what was on time fires; the row of those before it comes first.
      if (!let_go && more) wrong("fires, and is not the latest");
      if (!let_go && decided - at > limits::lateness) wrong("fires late, against its catch_up");
      if (let_go && !more && decided - at <= limits::lateness) wrong("is let go, though it was on time");
      if (let_go && more && decided - *line.next_due > limits::lateness) wrong("is let go, and not the latest");
      return;
  }
}

void Judge::judge_reason(const ExecutionRow& row) {
  const auto wrong = [&] {
    findings_.add("execution {} of {} is {}: {}", row.id, row.process, to_word(row.state), row.reason);
  };
  if (is_let_go(row)) return row.state == ExecutionState::skipped ? void() : wrong();
  const auto process = disk_.processes.find(row.process);
  const bool paused = process != disk_.processes.end() && process->second.paused;
  if (paused != begins(row.reason, "the process is paused")) return wrong();
  if (paused) ++count_.paused;
  if (paused || row.state == ExecutionState::queued || row.state == ExecutionState::running ||
      row.state == ExecutionState::succeeded)
    return;
  if (row.state == ExecutionState::skipped && begins(row.reason, "limit: ")) return;
  ExecutionId other = 0;
  if (row.state != ExecutionState::skipped ||
      std::sscanf(row.reason.c_str(), "overlap: execution %lu is ", &other) != 1)
    return wrong();
  ++count_.overlaps;
  const auto in_the_way = disk_.executions.find(other);
  if (in_the_way == disk_.executions.end() || in_the_way->second.process != row.process) wrong();
}

}  // namespace takt::test
