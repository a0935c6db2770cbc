// The machine of a simulated year: two clocks, a disk, and a daemon, the product's Runtime on fakes. Time goes from
// alarm to alarm; in between the clock is set, the machine sleeps, the daemon dies and comes back, as one seed decides.
//
// Steps need no runner here: what happens to children is the other simulation's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "judge.h"
#include "runtime/runtime.h"
#include "simulation/dice.h"
#include "support/fake_ports.h"
#include "support/memory_store.h"

namespace takt::test {

struct YearPlan {
  std::uint64_t seed = 1;
  int schedules = 1000;
  int accidents = 300;
  Duration between_accidents = Duration(std::chrono::days(365)) / 10'000;
  bool trace = false;
};

class YearMachine {
 public:
  explicit YearMachine(const YearPlan& plan);
  ~YearMachine();
  YearMachine(const YearMachine&) = delete;
  YearMachine& operator=(const YearMachine&) = delete;

  // Lives through all of it. Returns what the judge found: nothing, when all is well.
  std::vector<std::string> run();

  struct Count {
    std::uint64_t jumps = 0, suspends = 0, downtimes = 0, commits = 0;
  };
  [[nodiscard]] const Count& count() const { return count_; }
  [[nodiscard]] const Judge::Count& judged() const { return judge_->count(); }
  [[nodiscard]] WallTime now() const { return clock_.value.wall; }

 private:
  struct Daemon;  // one life of it
  enum class Death { none, before_durable, before_effects };

  void trace(const std::string& line) const;
  void live_until(Duration moment);
  void pass(Duration span);
  bool sound_alarms();
  void in_daemon(const std::function<void(Runtime&)>& what);
  void settle();
  void write_batch();
  void forget_ended();

  void start_daemon();
  void kill_daemon();

  void accident();
  void set_clock(WallTime to);
  void set_clock_forward();
  void set_clock_back();
  void sleep();
  void be_down();
  void stop_daemon();
  void die_in_commit();
  void lose_power();
  void change_zones();
  void hang_disk();
  void pause_somebody();
  // Mostly short, at times hours.
  Duration some_time();

  YearPlan plan_;
  Dice dice_;
  VirtualClock clock_;
  Duration moment_{0};
  Findings findings_{moment_};
  Disk disk_;
  MemoryDefinitions definitions_;
  Evaluator evaluator_;
  Settings settings_;
  std::unique_ptr<Judge> judge_;
  std::unique_ptr<Daemon> daemon_;
  std::string boot_id_ = "boot";
  Death next_commit_is_ = Death::none;
  bool disk_hangs_ = false;
  std::vector<ExecutionId> ended_;  // of the batch that is being written
  Count count_;
};

}  // namespace takt::test
