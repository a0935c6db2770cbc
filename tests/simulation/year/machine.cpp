#include "machine.h"

#include <fmt/core.h>

#include "life.h"
#include "schedules.h"

#include "definition/definition.h"

namespace takt::test {

using namespace std::chrono_literals;

YearMachine::YearMachine(const YearPlan& plan) : plan_(plan), dice_(plan.seed) {
  settings_.keep = {};  // rows that have ended are taken off the disk here, and their instants stay
  settings_.max_concurrent = 10'000;
  clock_.value.wall =
      parse_rfc3339("2026-01-01T00:00:00Z").value() + dice_.between(0us, Duration(std::chrono::days(365)));
  definitions_.texts = make_schedules(dice_, plan.schedules);
  const LoadedDefinitions loaded = definitions_.load("", {});
  for (const Diagnostic& diagnostic : loaded.diagnostics)
    if (diagnostic.severity == Severity::error) findings_.add("a schedule is wrong: {}", to_text(diagnostic));
  judge_ = std::make_unique<Judge>(findings_, disk_, loaded.good, machine_id);
  disk_.writing = [this](const Record& record) {
    judge_->writing(record);
    if (const auto* row = std::get_if<ExecutionRow>(&record); row != nullptr && !is_live(row->state))
      ended_.push_back(row->id);
  };
  disk_.written = [this] {
    judge_->written();
    forget_ended();
  };
}

YearMachine::~YearMachine() = default;

std::vector<std::string> YearMachine::run() {
  start_daemon();
  for (int i = 0; i < plan_.accidents && findings_.all.empty(); ++i) {
    live_until(plan_.between_accidents * i + dice_.between(0us, plan_.between_accidents));
    judge_->nothing_is_owed(clock_.value.wall);
    if (dice_.once_in(10)) pause_somebody();
    accident();
  }
  live_until(moment_ + 1h);
  if (findings_.all.empty()) judge_->nothing_is_owed(clock_.value.wall);
  return findings_.all;
}

void YearMachine::trace(const std::string& line) const {
  if (plan_.trace) fmt::print("{:>16}  {}  {}\n", format_duration(moment_), format_utc(clock_.value.wall), line);
}

// ---- Time

void YearMachine::live_until(Duration moment) {
  constexpr int endless = 10'000;
  int at_once = 0;
  while (daemon_ && findings_.all.empty()) {
    std::optional<Duration> next;
    if (const auto at = daemon_->alarms.wall) next = *at - clock_.value.wall;
    if (const auto at = daemon_->alarms.boot) next = std::min(next.value_or(Duration::max()), *at - clock_.value.boot);
    if (!next || moment_ + *next > moment) break;
    at_once = *next <= 0us ? at_once + 1 : 0;
    if (at_once == endless) findings_.add("the daemon turns without end");
    pass(std::max(*next, Duration(0)));
    sound_alarms();
  }
  if (moment > moment_) pass(moment - moment_);
}

void YearMachine::pass(Duration span) {
  clock_.advance(span);
  moment_ += span;
}

bool YearMachine::sound_alarms() {
  FakeAlarms& alarms = daemon_->alarms;
  const bool wall = alarms.wall && *alarms.wall <= clock_.value.wall;
  const bool boot = alarms.boot && *alarms.boot <= clock_.value.boot;
  if (wall) alarms.wall.reset();
  if (boot) alarms.boot.reset();
  if (wall || boot) in_daemon([](Runtime& runtime) { runtime.alarm(); });
  return wall || boot;
}

// ---- The daemon

void YearMachine::start_daemon() {
  trace("the daemon starts");
  judge_->looked(clock_.value.wall);
  daemon_ = std::make_unique<Daemon>(*this);
  in_daemon([this](Runtime& runtime) {
    if (const Status started = runtime.start(); !started)
      findings_.add("the daemon does not start: {}", started.error().message);
  });
  while (daemon_ && findings_.all.empty() && sound_alarms()) continue;
  if (!daemon_ && findings_.all.empty()) start_daemon();  // it died in its first commit
}

void YearMachine::kill_daemon() {
  trace("the daemon dies");
  daemon_.reset();
}

void YearMachine::in_daemon(const std::function<void(Runtime&)>& what) {
  if (!daemon_) return;
  what(daemon_->runtime);
  settle();
}

// Turns end and commits come back, until nothing is left to do at this moment.
void YearMachine::settle() {
  while (daemon_) {
    if (daemon_->turn.pending())
      daemon_->turn.end();
    else if (daemon_->store.waiting() > 0 && !disk_hangs_)
      write_batch();
    else if (daemon_->store.unreported() > 0)
      daemon_->store.report();
    else
      return;
  }
}

void YearMachine::write_batch() {
  ++count_.commits;
  const Death death = std::exchange(next_commit_is_, Death::none);
  if (death == Death::before_durable) return kill_daemon();
  daemon_->store.write();
  if (death == Death::before_effects) kill_daemon();
}

// The history of a year would make every restart slow, and nobody reads it here. That an instant has had its row, the
// disk goes on to know.
void YearMachine::forget_ended() {
  for (const ExecutionId id : std::exchange(ended_, {})) {
    disk_.executions.erase(id);
    disk_.steps.erase(disk_.steps.lower_bound({id, 0, 0}), disk_.steps.lower_bound({id + 1, 0, 0}));
    const std::string token = fmt::format("{}.", id);
    for (auto at = disk_.attempts.lower_bound(token); at != disk_.attempts.end() && at->first.starts_with(token);)
      at = disk_.attempts.erase(at);
  }
}

}  // namespace takt::test
