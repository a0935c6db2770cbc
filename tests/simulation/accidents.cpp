// What breaks in a simulation, by chance: the daemon, the runner, the line between them, the clock, the power.
#include "daemon.h"

namespace takt::test {

using namespace std::chrono_literals;

void World::accidents_happen() {
  after(dice_.between(1s, 100s), [this] {
    if (!chaos_) return;
    accident();
    accidents_happen();
  });
}

void World::accident() {
  switch (dice_.between(0, 9)) {
    case 0:
      return kill_runner();
    case 1:
    case 2:
      return break_connection();
    case 3:
    case 4:
      return jump_clock();
    case 5:
      return cut_power();
    case 6:
      return stop_daemon();
    default:
      return kill_daemon();
  }
}

void World::kill_runner() {
  trace("the runner is killed");
  runner_.die();
  break_connection();
}

// The runner lives on, as it does when it executes itself anew.
void World::break_connection() {
  if (!daemon_ || !daemon_->executor.connected()) return;
  trace("the connection to the runner breaks");
  daemon_->executor.disconnect();
  in_this_life(dice_.between(1ms, 5s), [this] { connect_runner(); });
}

// Forwards by any time, back by at most an hour behind what was ever seen.
void World::jump_clock() {
  WallTime& wall = clock_.value.wall;
  if (dice_.percent(50)) {
    wall += dice_.between(1s, Duration(1h));
    latest_ = std::max(latest_, wall);
  } else {
    wall = std::max(wall - dice_.between(1s, Duration(1h)), latest_ - Duration(1h));
    checkers_.clock_went_back();
  }
  trace("the clock is set to " + format_utc(wall));
  in_daemon([](Runtime& runtime) { runtime.clock_changed(); });
}

// All that lived is gone, and the boot clock begins anew; the wall clock went on.
void World::cut_power() {
  trace("the power is cut");
  kill_daemon();
  runner_.die();
  clock_.value.boot = boot_from_us(1'000'000);
  boot_id_ += "'";
  checkers_.booted();
}

void World::stop_daemon() {
  in_daemon([this](Runtime& runtime) {
    if (std::exchange(daemon_->stopping, true)) return;
    runtime.stop([this] {
      if (daemon_->store.waiting() + daemon_->store.unreported() > 0)
        findings_.add("the daemon stops before all is written");
      in_this_life(0us, [this] { kill_daemon(); });
    });
  });
}

}  // namespace takt::test
