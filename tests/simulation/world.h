// A machine to simulate: clocks, a disk, a runner with its children, people who call, and a daemon that is killed and
// started again. What lives on it is the product's own Runtime with its Engine and Schedule; all else is of the test.
//
// One seed decides all that happens. Time goes from event to event; nothing sleeps.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "checkers.h"
#include "dice.h"
#include "runtime/runtime.h"
#include "scenario.h"
#include "support/fake_ports.h"
#include "support/fake_runner.h"
#include "support/memory_store.h"

namespace takt::test {

// Where in the way of a batch the daemon is killed.
enum class CommitPhase { before_durable, before_effects };

struct Plan {
  std::uint64_t seed = 1;
  Duration chaos = std::chrono::minutes(20);  // how long people call and things break
  bool accidents = true;                      // the daemon, the runner, the connection and the clock suffer by chance
  // The daemon is killed at this commit, counted from 1.
  std::optional<std::uint64_t> kill_at_commit;
  CommitPhase kill_phase = CommitPhase::before_durable;
  bool trace = false;  // prints what becomes durable, what the runner is told, and what breaks
};

class World {
 public:
  explicit World(const Plan& plan);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Chaos; then all is left alone for a while; then the triggers are taken away and what lives may come to its end.
  // Returns what the checkers found: nothing, when all is well.
  std::vector<std::string> run();

  [[nodiscard]] std::uint64_t commits() const { return commits_; }
  [[nodiscard]] std::uint64_t deaths() const { return deaths_; }
  [[nodiscard]] const Disk& disk() const { return disk_; }
  [[nodiscard]] const FakeRunner& runner() const { return runner_; }

 private:
  struct Daemon;     // one life of it
  struct Killed {};  // thrown where it dies in the middle of its effects
  using Moment = Duration;

  void trace(const std::string& line) const;
  void trace(const Record& record) const;

  // Time, in world.cpp
  void after(Duration delay, std::function<void()> what);
  void in_this_life(Duration delay, std::function<void()> what);  // nothing comes of it when the daemon dies first
  void run_until(Moment end);
  [[nodiscard]] Moment next_moment() const;
  void move_to(Moment moment);
  void sound_alarms();
  [[nodiscard]] Moment moment_of(BootTime at) const { return moment_ + (at - clock_.value.boot); }

  // The daemon
  void start_daemon();
  void kill_daemon();
  void in_daemon(const std::function<void(Runtime&)>& what);  // it may die in this
  void maybe_die();                                           // between two effects
  void batch_submitted();
  void write_batch();
  void connect_runner();

  // What people do, in people.cpp
  void people_call();
  void call(Runtime& runtime);
  void call_about_execution(Runtime& runtime);
  std::optional<ExecutionId> some_execution(bool live);
  Reply<ExecutionId> promise_of_execution();

  // What breaks, in accidents.cpp
  void accidents_happen();
  void accident();
  void kill_runner();
  void break_connection();
  void jump_clock();
  void cut_power();
  void stop_daemon();

  Plan plan_;
  Dice dice_;
  Scenario scenario_;
  VirtualClock clock_;
  Disk disk_;
  FakeRunner runner_;
  MemoryDefinitions definitions_;
  Evaluator evaluator_;
  Moment moment_{0};
  Findings findings_;
  Checkers checkers_;

  std::map<std::pair<Moment, std::uint64_t>, std::function<void()>> agenda_;
  std::uint64_t last_serial_ = 0;
  bool chaos_ = true;
  std::string boot_id_ = "boot";
  WallTime latest_;  // that the wall clock ever showed

  std::unique_ptr<Daemon> daemon_;
  std::uint64_t lives_ = 0;  // counts deaths too, so that it tells one life from the next
  std::uint64_t deaths_ = 0;
  std::uint64_t commits_ = 0;
};

}  // namespace takt::test
