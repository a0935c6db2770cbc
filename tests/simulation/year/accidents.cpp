// What befalls the machine of a simulated year: clocks that are set, suspends, downtimes of all sorts.
#include "life.h"
#include "trigger/limits.h"

namespace takt::test {

using namespace std::chrono_literals;

Duration YearMachine::some_time() {
  return dice_.between(1s, Duration(1s) * (std::int64_t{1} << dice_.between(0, 15)));
}

void YearMachine::accident() {
  switch (dice_.between(0, 15)) {
    case 0:
    case 1:
    case 2:
      set_clock_forward();
      break;
    case 3:
    case 4:
    case 5:
      set_clock_back();
      break;
    case 6:
    case 7:
    case 8:
    case 9:
      sleep();
      break;
    case 10:
      stop_daemon();
      break;
    case 11:
      die_in_commit();
      break;
    case 12:
      lose_power();
      break;
    case 13:
      change_zones();
      break;
    case 14:
      hang_disk();
      break;
    default:
      be_down();
  }
  while (daemon_ && findings_.all.empty() && sound_alarms()) continue;
  if (!daemon_) start_daemon();
}

// ---- The clock

void YearMachine::set_clock(WallTime to) {
  ++count_.jumps;
  clock_.value.wall = to;
  trace("the clock is set");
  judge_->looked(to);
  if (daemon_) in_daemon([](Runtime& runtime) { runtime.clock_changed(); });
}

void YearMachine::set_clock_forward() {
  const Duration far = dice_.once_in(50) ? Duration(dice_.between(1h, Duration(72h))) : some_time();
  set_clock(clock_.value.wall + far);
}

// As far and as often as forward, or the wall clock would not come out of its year. Several in a row may add up to more
// than three hours.
void YearMachine::set_clock_back() {
  const Duration far = dice_.once_in(50) ? Duration(dice_.between(limits::clock_set_back, Duration(72h)))
                                         : std::min(some_time(), limits::clock_set_back);
  set_clock(clock_.value.wall - far);
}

// ---- Suspend: both clocks go on. Of the two things that wake the daemon either may come first.

void YearMachine::sleep() {
  ++count_.suspends;
  trace("the machine sleeps");
  pass(some_time());
  judge_->looked(clock_.value.wall);
  if (dice_.percent(50)) sound_alarms();
  in_daemon([](Runtime& runtime) { runtime.clock_changed(); });
}

// ---- Downtimes, in which the clock may be set

void YearMachine::be_down() {
  if (daemon_) kill_daemon();
  ++count_.downtimes;
  pass(some_time());
  if (dice_.percent(20)) set_clock_forward();
  if (dice_.percent(20)) set_clock_back();
  start_daemon();
}

void YearMachine::stop_daemon() {
  daemon_->runtime.stop([this] { daemon_->stopped = true; });
  settle();
  if (!daemon_->stopped) findings_.add("the daemon does not stop");
  if (daemon_->store.waiting() != 0) findings_.add("the daemon stops before all is written");
  be_down();
}

// At the next commit, whatever it is of: a firing, the end of a run, the start.
void YearMachine::die_in_commit() {
  next_commit_is_ = dice_.percent(50) ? Death::before_durable : Death::before_effects;
  for (int hours = 0; daemon_ && hours < 24 && findings_.all.empty(); ++hours) live_until(moment_ + 1h);
  be_down();  // or of the next start
  next_commit_is_ = Death::none;
}

void YearMachine::lose_power() {
  kill_daemon();
  clock_.value.boot = boot_from_us(1'000'000);
  boot_id_ += "'";
  be_down();
}

// The tz database is another, and says the same.
void YearMachine::change_zones() {
  judge_->looked(clock_.value.wall);
  in_daemon([](Runtime& runtime) { runtime.zones_changed(); });
  if (dice_.percent(50)) return sleep();
  be_down();
}

// What the daemon decides meanwhile is not durable; it may die with it.
void YearMachine::hang_disk() {
  disk_hangs_ = true;
  trace("the disk hangs");
  live_until(moment_ + some_time());
  if (dice_.percent(50)) kill_daemon();
  disk_hangs_ = false;
  if (daemon_) settle();
  if (!daemon_ || dice_.percent(50)) be_down();
}

void YearMachine::pause_somebody() {
  const auto at =
      std::next(definitions_.texts.begin(), dice_.between(0, static_cast<std::int64_t>(definitions_.texts.size()) - 1));
  in_daemon([&](Runtime& runtime) {
    runtime.pause_process({}, at->first, dice_.percent(15), std::nullopt, [](const auto&) {});
  });
}

}  // namespace takt::test
