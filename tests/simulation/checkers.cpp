#include "checkers.h"

#include <algorithm>

namespace takt::test {

namespace {

using namespace std::chrono_literals;

constexpr Duration slack = 60s;  // for slow disks, and for whatever else takes time

// How far a run has come: what a listener hears may be behind the disk, never ahead of it.
int rank(ExecutionState state) {
  return state == ExecutionState::queued ? 0 : is_live(state) ? 1 : 2;
}
int rank(StepState state) {
  return state == StepState::pending ? 0 : is_ended(state) ? 2 : 1;
}

// The states of one run, several of which may pass in one batch: what can be reached along the arrows.
bool may_become(ExecutionState from, ExecutionState to) {
  if (from == to) return true;
  if (!is_live(from) || to == ExecutionState::queued) return false;
  return to != ExecutionState::skipped || from == ExecutionState::queued;
}
bool may_become(StepState from, StepState to) {
  if (from == to) return true;
  if (is_ended(from)) return from == StepState::succeeded && to == StepState::undone;
  if (to == StepState::pending) return false;
  return (to != StepState::skipped && to != StepState::cached) || from == StepState::pending;
}

bool well(StepState state) {
  return state == StepState::succeeded || state == StepState::skipped || state == StepState::cached;
}

}  // namespace

Checkers::Checkers(Findings& findings, const Clock& clock, const Disk& disk, const FakeRunner& runner,
                   MemoryDefinitions& definitions, std::size_t max_concurrent)
    : findings_(findings),
      clock_(clock),
      disk_(disk),
      runner_(runner),
      definitions_(definitions),
      max_concurrent_(max_concurrent) {}

Definition Checkers::definition_of(ExecutionId id) {
  const ExecutionRow& row = disk_.executions.at(id);
  for (const VersionRow& version : disk_.versions)
    if (version.process == row.process && version.version == row.version)
      return definitions_.parse_version(version).value_or(nullptr);
  findings_.add("execution {} runs with version {} of '{}', which the disk does not hold", id, row.version,
                row.process);
  return nullptr;
}

// ---- As records become durable

void Checkers::writing(const Record& record) {
  std::visit([this](const auto& row) { on(row); }, record);
}

// Page 3, "States"; and no instant of a trigger twice.
void Checkers::on(const ExecutionRow& row) {
  const auto old = disk_.executions.find(row.id);
  if (old != disk_.executions.end()) {
    const ExecutionRow& before = old->second;
    const bool next_run = row.run == before.run + 1 && !is_live(before.state);
    if (row.run == before.run ? !may_become(before.state, row.state) : !next_run)
      findings_.add("execution {} went from run {} {} to run {} {}", row.id, before.run, to_word(before.state), row.run,
                    to_word(row.state));
  } else if (forgotten_.contains(row.id) && row.run == 1) {
    findings_.add("execution {} was forgotten and is there again", row.id);
  }
  if (row.state == ExecutionState::skipped && row.started_at)
    findings_.add("execution {} was skipped after it had started", row.id);
  if (!is_live(row.state)) {
    ended_.insert(row.id);
    if (row.started_at) last_end_[row.process] = findings_.moment();
  }
  if (!row.nominal_at) return;
  const auto [at, is_new] = firings_[{row.process, row.trigger_key}].try_emplace(
      *row.nominal_at, Fired{row.id, row.trigger.value("stands_for", std::uint64_t{1}), findings_.moment()});
  if (!is_new && at->second.id != row.id)
    findings_.add("the instant {} of '{}' fired twice: executions {} and {}", format_utc(*row.nominal_at),
                  row.trigger_key, at->second.id, row.id);
}

void Checkers::on(const StepRow& row) {
  const auto old = disk_.steps.find({row.execution, row.run, row.step});
  if (old == disk_.steps.end()) return;
  if (!may_become(old->second.state, row.state))
    findings_.add("step {}/{}/{} went from {} to {}", row.execution, row.run, row.name, to_word(old->second.state),
                  to_word(row.state));
  if (row.attempts < old->second.attempts)
    findings_.add("step {}/{}/{} lost an attempt", row.execution, row.run, row.name);
}

void Checkers::on(const AttemptRow& row) {
  const auto [at, is_new] = attempts_.try_emplace(row.token, row);
  if (is_new) begun_.push_back(row.token);
  const std::optional<Outcome> before = is_new ? std::nullopt : at->second.outcome;
  at->second = row;
  if (is_new && row.outcome) {  // it could not be started: nobody was asked to
    if (row.exit_code || row.signal) findings_.add("attempt {} ran before it was recorded as started", row.token);
    return;
  }
  if (before && before != row.outcome) findings_.add("attempt {} ended twice, in different ways", row.token);
  if (!row.outcome || before) return;
  if (runner_.alive().contains(row.token)) findings_.add("attempt {} was ended while its child lives", row.token);
  if (row.outcome == Outcome::interrupted && row.runner == runner_.name())
    findings_.add("attempt {} was interrupted, and the runner that it began with lives", row.token);
  const bool good = row.exit_code == 0 && !row.signal && row.error.empty();
  const Outcome expected = row.ending                    ? *row.ending
                           : good                        ? Outcome::succeeded
                           : row.exit_code || row.signal ? Outcome::failed
                                                         : Outcome::interrupted;
  if (*row.outcome != expected)
    findings_.add("attempt {} ended as {}, and its row speaks of {}", row.token, to_word(*row.outcome),
                  to_word(expected));
}

void Checkers::on(const TriggerMark& mark) {
  first_followed_.try_emplace({mark.process, mark.key}, mark.fired_at);
}

void Checkers::on(const ForgetExecution& row) {
  if (const auto at = disk_.executions.find(row.id); at != disk_.executions.end() && is_live(at->second.state))
    findings_.add("execution {} was forgotten while it lives", row.id);
  forgotten_.insert(row.id);
}

void Checkers::written() {
  for (const std::string& token : std::exchange(begun_, {})) {
    const AttemptRow& attempt = attempts_.at(token);
    if (!disk_.executions.contains(attempt.execution)) continue;
    may_be_tried_again(attempt);
    predecessors_have_ended(attempt);
  }
  overlap_rules_hold();
}

// Page 2, "Steps": retry, on_interrupt.
void Checkers::may_be_tried_again(const AttemptRow& attempt) {
  if (attempt.attempt == 1) return;
  const auto last =
      attempts_.find(fmt::format("{}.{}.{}.{}", attempt.execution, attempt.run, attempt.step, attempt.attempt - 1));
  const Definition definition = definition_of(attempt.execution);
  if (!definition) return;
  if (last == attempts_.end() || !last->second.outcome)
    return findings_.add("attempt {} begins before the one before it has ended", attempt.token);
  const Step& step = definition->steps.at(attempt.step);
  const Outcome outcome = *last->second.outcome;
  if (outcome == Outcome::interrupted && step.on_interrupt == OnInterrupt::fail)
    findings_.add("attempt {} does again what may have been done", attempt.token);
  if (outcome == Outcome::succeeded || outcome == Outcome::cancelled)
    findings_.add("attempt {} comes after one that {}", attempt.token, to_word(outcome));
  if (step.retry && outcome != Outcome::interrupted && attempt.attempt > static_cast<unsigned>(step.retry->limit) + 1)
    findings_.add("attempt {} is beyond the limit of {} retries", attempt.token, step.retry->limit);
}

// Page 2, "Order". What an earlier run has left may have failed: a person may name the step to go on from.
void Checkers::predecessors_have_ended(const AttemptRow& attempt) {
  const Definition definition = definition_of(attempt.execution);
  for (std::uint32_t place = 0; definition && place < attempt.step; ++place) {
    const auto step = disk_.steps.find({attempt.execution, attempt.run, place});
    if (step == disk_.steps.end() || !is_ended(step->second.state)) {
      findings_.add("attempt {} begins before step {} has ended", attempt.token, place);
      continue;
    }
    const bool of_this_run =
        attempt.run == 1 || attempts_.contains(fmt::format("{}.{}.{}.1", attempt.execution, attempt.run, place));
    if (of_this_run && !well(step->second.state) && !definition->steps[place].continue_on_failure)
      findings_.add("attempt {} begins after step {} has {}", attempt.token, place, to_word(step->second.state));
  }
}

// Page 3, "Starting".
void Checkers::overlap_rules_hold() {
  struct Count {
    std::size_t running = 0;
    std::size_t live = 0;
    ExecutionId one = 0;
  };
  std::map<std::string, Count> counts;
  std::size_t running = 0;
  for (const auto& [id, row] : disk_.executions) {
    if (!is_live(row.state)) continue;
    Count& count = counts[row.process];
    ++count.live;
    count.one = id;
    if (row.state == ExecutionState::queued) continue;
    ++count.running;
    ++running;
  }
  if (running > max_concurrent_) findings_.add("{} executions run, {} may", running, max_concurrent_);
  for (const auto& [name, count] : counts) {
    const Definition definition = definition_of(count.one);
    if (!definition) continue;
    const std::size_t may_run =
        definition->overlap == Overlap::allow ? static_cast<std::size_t>(definition->max_instances) : 1;
    if (count.running > may_run) findings_.add("{} executions of '{}' run, {} may", count.running, name, may_run);
    if (definition->overlap == Overlap::skip && count.live > 1)
      findings_.add("'{}' skips what overlaps, and {} live", name, count.live);
    if (definition->overlap == Overlap::replace && count.live > 2)
      findings_.add("'{}' replaces what lives, and {} live", name, count.live);
  }
}

// ---- What children and listeners see. Page 3, "The rule of durability".

void Checkers::starting(const AttemptSpec& spec) {
  const auto life = runner_.journal.find(spec.token);
  if (life != runner_.journal.end() && life->second.starts > 0)
    findings_.add("attempt {} is started a second time", spec.token);
  const auto row = disk_.attempts.find(spec.token);
  if (row == disk_.attempts.end() || row->second.outcome)
    findings_.add("attempt {} is started, and the disk does not say so", spec.token);
  for (const std::string& other : runner_.alive())
    if (runner_.journal.at(other).execution == spec.execution)
      findings_.add("attempt {} is started while {} of the same execution lives", spec.token, other);
  if (runner_.alive().size() >= max_concurrent_)
    findings_.add("attempt {} is started beside {} others, {} may run", spec.token, runner_.alive().size(),
                  max_concurrent_);
}

void Checkers::announce(const Announcement& announcement) {
  std::visit(
      [this](const auto& one) {
        if constexpr (requires { one.step; })
          heard(one.execution, one.step);
        else if constexpr (requires { one.execution.state; })
          heard(one.execution);
        else if constexpr (requires { one.fraction; })
          heard(one);
      },
      announcement);
}

void Checkers::heard(const ExecutionRow& row) {
  if (forgotten_.contains(row.id)) return;
  const auto durable = disk_.executions.find(row.id);
  if (durable == disk_.executions.end()) return findings_.add("execution {} is announced, and is not on disk", row.id);
  const ExecutionRow& on_disk = durable->second;
  if (std::pair(on_disk.run, rank(on_disk.state)) < std::pair(row.run, rank(row.state)))
    findings_.add("execution {} is announced as {}, and is {} on disk", row.id, to_word(row.state),
                  to_word(on_disk.state));
}

void Checkers::heard(const ExecutionRow& row, const StepRow& step) {
  heard_run_[row.id] = row.run;
  if (forgotten_.contains(row.id)) return;
  const auto durable = disk_.steps.find({step.execution, step.run, step.step});
  if (durable == disk_.steps.end())
    return findings_.add("step {}/{} is announced, and is not on disk", row.id, step.name);
  const StepRow& on_disk = durable->second;
  if (std::pair(on_disk.attempts, rank(on_disk.state)) < std::pair(step.attempts, rank(step.state)))
    findings_.add("step {}/{} is announced as {}, and is {} on disk", row.id, step.name, to_word(step.state),
                  to_word(on_disk.state));
}

void Checkers::heard(const Progress& progress) {
  double& last = heard_progress_[{progress.execution, heard_run_[progress.execution]}];
  if (progress.fraction < last || progress.fraction > 1)
    findings_.add("execution {} went back from {} to {}", progress.execution, last, progress.fraction);
  last = progress.fraction;
}

void Checkers::promised(ExecutionId id) {
  if (!disk_.executions.contains(id) && !forgotten_.contains(id))
    findings_.add("a caller was told of execution {}, which is not on disk", id);
}

void Checkers::promised_end(ExecutionId id) {
  if (!ended_.contains(id))
    findings_.add("a caller was told that execution {} has ended, and the disk does not say so", id);
}

// ---- In the end

bool Checkers::idle() const {
  return runner_.alive().empty() && std::none_of(disk_.executions.begin(), disk_.executions.end(),
                                                 [](const auto& one) { return is_live(one.second.state); });
}

// Page 3, "Time": every due instant leaves a row.
void Checkers::every_trigger_goes_on() {
  for (const auto& [name, definition] : definitions_.load("", {}).good) {
    for (const Trigger& trigger : definition->triggers) {
      const std::pair key(name, trigger.key);
      const Firings& fired = firings_[key];
      if (const auto* calendar = std::get_if<CalendarTrigger>(&trigger.kind)) {
        const auto mark = disk_.marks.find(key);
        if (mark == disk_.marks.end())
          findings_.add("'{}' of '{}' has no mark", trigger.key, name);
        else
          calendar_lost_nothing(name, *calendar, fired, mark->second, first_followed_.at(key));
      } else if (const auto* every = std::get_if<EveryTrigger>(&trigger.kind)) {
        span_goes_on(name, *every, fired);
      } else if (fired.empty() || fired.size() > boots_) {
        findings_.add("'{}' of '{}' fired {} times in {} boots", trigger.key, name, fired.size(), boots_);
      }
    }
  }
}

void Checkers::calendar_lost_nothing(const std::string& name, const CalendarTrigger& calendar, const Firings& fired,
                                     const TriggerMark& mark, WallTime followed) {
  const auto instants = [&](WallTime after, WallTime until) {
    std::uint64_t count = 0;
    for (auto next = calendar.calendar.next(after, calendar.zone, calendar.dst); next && next->at <= until;
         next = calendar.calendar.next(next->at, calendar.zone, calendar.dst))
      ++count;
    return count;
  };
  // A clock that is set back to before the trigger was first followed brings instants that are nobody's due.
  std::optional<WallTime> before = clock_went_back_ ? std::nullopt : std::optional(followed);
  for (const auto& [nominal, firing] : fired) {
    if (instants(nominal - Duration(1), nominal) != 1)
      findings_.add("'{}' fired at {}, which is none of its instants", name, format_utc(nominal));
    if (before && *before >= followed && calendar.catch_up != CatchUp::none &&
        instants(*before, nominal) != firing.stands_for)
      findings_.add("'{}' fired at {} for {} instants; from {} on there were {}", name, format_utc(nominal),
                    firing.stands_for, format_utc(*before), instants(*before, nominal));
    before = nominal;
  }
  // Without catch-up only the mark tells how far it has come.
  const WallTime handled = calendar.catch_up == CatchUp::none ? mark.fired_at : before.value_or(followed);
  if (instants(std::max(handled, followed), clock_.now().wall - slack) != 0)
    findings_.add("'{}' has not fired since {}", name, format_utc(handled));
}

void Checkers::span_goes_on(const std::string& name, const EveryTrigger& every, const Firings& fired) {
  Duration last{0};
  for (const auto& [nominal, firing] : fired) last = std::max(last, firing.at);
  if (every.anchor == Anchor::finish) {
    last = std::max(last, last_end_[name]);
    for (const auto& [id, row] : disk_.executions)
      if (row.process == name && is_live(row.state)) return;
  }
  if (findings_.moment() - last > every.period + slack)
    findings_.add("'{}' has not fired for {}", name, format_duration(findings_.moment() - last));
}

void Checkers::all_is_over() {
  for (const auto& [id, row] : disk_.executions)
    if (is_live(row.state)) findings_.add("execution {} of '{}' is {} for ever", id, row.process, to_word(row.state));
  for (const auto& [token, life] : runner_.journal) {
    if (life.alive) findings_.add("the child of attempt {} lives for ever", token);
    if (life.known) findings_.add("the runner keeps the end of attempt {} for ever", token);
    if (!attempts_.contains(token)) findings_.add("attempt {} ran, and the disk never said so", token);
  }
  attempts_tell_the_truth();
}

// Page 3, "Outliving the daemon": the true exit status, unless the runner was killed.
void Checkers::attempts_tell_the_truth() {
  for (const auto& [token, row] : attempts_) {
    if (!row.outcome) {
      findings_.add("attempt {} has no outcome", token);
      continue;
    }
    const bool unknown = !row.exit_code && !row.signal;
    const auto life = runner_.journal.find(token);
    if (life == runner_.journal.end() || life->second.starts == 0) {
      if (!unknown || *row.outcome == Outcome::succeeded)
        findings_.add("attempt {} never ran, and has an exit status", token);
    } else if (const auto& end = life->second.end) {
      const bool same = row.exit_code == end->exit_code && row.signal == end->signal;
      if (!same && !(unknown && life->second.lost))
        findings_.add("attempt {} ended with status {} signal {}; its row says {} {} ({})", token,
                      end->exit_code.value_or(-1), end->signal.value_or(-1), row.exit_code.value_or(-1),
                      row.signal.value_or(-1), row.error);
    } else if (!unknown) {
      findings_.add("attempt {} went with the runner, and has an exit status", token);
    }
  }
}

}  // namespace takt::test
