#include "world.h"

#include <fmt/core.h>

#include "daemon.h"

namespace takt::test {

using namespace std::chrono_literals;

World::World(const Plan& plan)
    : plan_(plan),
      dice_(plan.seed),
      scenario_(Scenario::make(dice_)),
      runner_(clock_),
      findings_(moment_),
      checkers_(findings_, clock_, disk_, runner_, definitions_, scenario_.settings.max_concurrent) {
  disk_.writing = [this](const Record& record) {
    trace(record);
    checkers_.writing(record);
  };
  disk_.written = [this] { checkers_.written(); };
  runner_.starting = [this](const AttemptSpec& spec) { checkers_.starting(spec); };
  runner_.fate = [this](const AttemptSpec& spec) {
    const auto attempt = disk_.attempts.find(spec.token);
    const auto execution = disk_.executions.find(spec.execution);
    const bool guarded = (attempt != disk_.attempts.end() && attempt->second.deadline_at) ||
                         (execution != disk_.executions.end() && execution->second.deadline_at);
    return cast_fate(dice_, guarded);
  };
  definitions_.texts = scenario_.texts;
  latest_ = clock_.value.wall;
}

World::~World() = default;

std::vector<std::string> World::run() {
  for (const Diagnostic& diagnostic : definitions_.load("", {}).diagnostics)
    findings_.add("the scenario is wrong: {}", to_text(diagnostic));
  start_daemon();
  people_call();
  if (plan_.accidents) accidents_happen();
  run_until(plan_.chaos);

  chaos_ = false;
  run_until(moment_ + 3min);  // the last accident is mended
  in_daemon([this](Runtime& runtime) {
    for (const auto& [id, row] : disk_.executions)
      if (row.state == ExecutionState::paused)
        runtime.control({}, ExecutionVerb::resume, id, "", true, [](const auto&) {});
    for (const auto& [name, text] : scenario_.texts)
      runtime.pause_process({}, name, false, std::nullopt, [](const auto&) {});
  });
  run_until(moment_ + 7min);
  std::uint64_t deaths = 0;
  do {  // a death that the plan puts last is mended too, before anybody judges
    deaths = deaths_;
    run_until(moment_ + 3min);
  } while (deaths_ != deaths);
  if (findings_.all.empty()) checkers_.every_trigger_goes_on();

  definitions_.texts = scenario_.quiet();
  in_daemon([](Runtime& runtime) { runtime.reload(); });
  if (!findings_.all.empty()) return findings_.all;
  const Moment patience = moment_ + std::chrono::hours(12);
  do run_until(moment_ + 1min);
  while (moment_ < patience && !checkers_.idle());
  run_until(moment_ + 3min);  // the last end is recorded and acknowledged
  checkers_.all_is_over();
  return findings_.all;
}

void World::trace(const std::string& line) const {
  if (plan_.trace) fmt::print("{:>16}  {}\n", format_duration(moment_), line);
}

void World::trace(const Record& record) const {
  if (const auto* row = std::get_if<ExecutionRow>(&record))
    trace(fmt::format("execution {} of {}, run {}: {} {} {}", row->id, row->process, row->run, to_word(row->state),
                      row->ending ? to_word(*row->ending) : "", row->reason));
  else if (const auto* step = std::get_if<StepRow>(&record))
    trace(fmt::format("step {}/{}: {} {}", step->execution, step->name, to_word(step->state), step->error));
  else if (const auto* attempt = std::get_if<AttemptRow>(&record))
    trace(fmt::format("attempt {}: {}", attempt->token, attempt->outcome ? to_word(*attempt->outcome) : "running"));
}

// ---- Time

void World::after(Duration delay, std::function<void()> what) {
  agenda_[{moment_ + delay, ++last_serial_}] = std::move(what);
}

void World::in_this_life(Duration delay, std::function<void()> what) {
  after(delay, [this, life = lives_, what = std::move(what)] {
    if (daemon_ && life == lives_) what();
  });
}

World::Moment World::next_moment() const {
  Moment next = Moment::max();
  if (!agenda_.empty()) next = agenda_.begin()->first.first;
  if (const auto at = runner_.next_at()) next = std::min(next, moment_of(*at));
  if (!daemon_) return next;
  const FakeAlarms& alarms = daemon_->alarms;
  if (alarms.boot) next = std::min(next, moment_of(*alarms.boot));
  if (alarms.wall) next = std::min(next, moment_ + (*alarms.wall - clock_.value.wall));
  return next;
}

void World::run_until(Moment end) {
  constexpr int endless = 10'000;
  int at_once = 0;
  while (findings_.all.empty()) {  // the first of them tells most
    const Moment next = std::max(next_moment(), moment_);
    if (next > end) break;
    at_once = next == moment_ ? at_once + 1 : 0;
    if (at_once == endless) findings_.add("the daemon turns without end");
    move_to(next);
    runner_.pass_time();
    sound_alarms();
    if (!agenda_.empty() && agenda_.begin()->first.first <= moment_) {
      const auto what = std::move(agenda_.begin()->second);
      agenda_.erase(agenda_.begin());
      what();
    }
  }
  move_to(std::max(end, moment_));
}

void World::move_to(Moment moment) {
  clock_.advance(moment - moment_);
  moment_ = moment;
  latest_ = std::max(latest_, clock_.value.wall);
}

// An alarm that goes off is unset; which one it was, the daemon has to find out.
void World::sound_alarms() {
  if (!daemon_) return;
  FakeAlarms& alarms = daemon_->alarms;
  const bool wall = alarms.wall && *alarms.wall <= clock_.value.wall;
  const bool boot = alarms.boot && *alarms.boot <= clock_.value.boot;
  if (!wall && !boot) return;
  if (wall) alarms.wall.reset();
  if (boot) alarms.boot.reset();
  in_daemon([](Runtime& runtime) { runtime.alarm(); });
}

// ---- The daemon

void World::start_daemon() {
  if (daemon_) return;
  ++lives_;
  trace("the daemon starts");
  daemon_ = std::make_unique<Daemon>(*this);
  daemon_->store.submitted = [this] { batch_submitted(); };
  daemon_->executor.ordering = [this](const std::string& order) {
    maybe_die();
    trace(order);
  };
  daemon_->executor.reported = [this] {
    in_this_life(dice_.between(0us, 5ms), [this] {
      if (daemon_->executor.has_report()) in_daemon([this](Runtime& runtime) { daemon_->executor.deliver(runtime); });
    });
  };
  in_daemon([this](Runtime& runtime) {
    if (const Status started = runtime.start(); !started)
      findings_.add("the daemon does not start: {}", started.error().message);
  });
  in_this_life(dice_.between(0us, 2s), [this] { connect_runner(); });
}

void World::kill_daemon() {
  if (!daemon_) return;
  daemon_.reset();
  ++lives_;
  ++deaths_;
  trace("the daemon dies");
  after(dice_.once_in(4) ? dice_.between(1s, 120s) : dice_.between(1ms, 1s), [this] { start_daemon(); });
}

// Everything that happens in the daemon happens in here: a callback of its loop. Several may make one turn.
void World::in_daemon(const std::function<void(Runtime&)>& what) {
  if (!daemon_) return;
  try {
    what(daemon_->runtime);
  } catch (const Killed&) {
    return kill_daemon();
  }
  if (daemon_->turn_planned || !daemon_->turn.pending()) return;
  daemon_->turn_planned = true;
  in_this_life(dice_.once_in(3) ? dice_.between(0us, 3ms) : 0us, [this] {
    daemon_->turn_planned = false;
    in_daemon([this](Runtime&) { daemon_->turn.end(); });
  });
}

void World::maybe_die() {
  if (chaos_ && plan_.accidents && dice_.once_in(300)) throw Killed{};
}

// The disk is quick, as a rule; sometimes it takes its time.
void World::batch_submitted() {
  if (daemon_->store.waiting() > 1) return;  // it comes after the one before it
  in_this_life(dice_.once_in(30) ? dice_.between(10ms, 3s) : dice_.between(10us, 5ms), [this] { write_batch(); });
}

void World::write_batch() {
  ++commits_;
  const bool fatal = plan_.kill_at_commit == commits_;
  const auto dies = [&](CommitPhase phase) {
    return (fatal && plan_.kill_phase == phase) || (chaos_ && plan_.accidents && dice_.once_in(150));
  };
  if (dies(CommitPhase::before_durable)) return kill_daemon();
  MemoryStore& store = daemon_->store;
  store.write();
  if (dies(CommitPhase::before_effects)) return kill_daemon();
  in_this_life(dice_.between(0us, 2ms), [this] { in_daemon([this](Runtime&) { daemon_->store.report(); }); });
  if (store.waiting() > 0) in_this_life(dice_.between(10us, 5ms), [this] { write_batch(); });
}

void World::connect_runner() {
  if (daemon_->executor.connected()) return;
  in_daemon([this](Runtime& runtime) { daemon_->executor.connect(runtime); });
}

}  // namespace takt::test
