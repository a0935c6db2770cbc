// The engine under a clock that the test moves, its actions as lines: "these events -> these actions, in this order".
#pragma once

#include <fmt/core.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "support/definitions.h"

namespace takt::test {

// What the tests compare: each action as one short line, records first.
std::vector<std::string> lines(const Actions& actions);

// The states that rows were seen to go from and to, by all harnesses.
struct StatesSeen {
  std::set<std::pair<ExecutionState, ExecutionState>> executions;
  std::set<std::pair<StepState, StepState>> steps;
};
StatesSeen& states_seen();

class Harness {
 public:
  explicit Harness(std::vector<ProcessDefinition> definitions, Settings settings = {});

  std::vector<std::string> handle(const Event& event);
  std::vector<std::string> start(const std::string& process, Value inputs = Value::object());
  std::vector<std::string> fire(const std::string& process, const std::string& key);
  std::vector<std::string> ended(const std::string& token, int exit_code, Value result = nullptr);
  std::vector<std::string> request(ExecutionVerb verb, ExecutionId id);
  void set_wall(WallTime wall) { now_.wall = wall; }
  // Moves both clocks on, without a tick.
  void advance(Duration span);
  // Moves to the next instant the engine asked for, and ticks.
  std::vector<std::string> tick();

  // A new engine from the rows that this one has given out, as after a crash at this moment.
  std::vector<std::string> restart();

  Engine& engine() { return *engine_; }
  Now now() const { return now_; }
  const Actions& last() const { return last_; }
  const AttemptSpec& spec() const;  // of the last StartAttempt
  const LiveRows& rows() const { return rows_; }
  std::vector<ExecutionRow> ended_rows() const { return ended_; }
  std::vector<StepRow> steps_of(ExecutionId id) const;
  std::vector<ItemRow> items_of(ExecutionId id) const;  // of its last run

 private:
  void keep(const Actions& actions);
  std::vector<std::string> take(const Actions& actions);

  Settings settings_;
  Evaluator evaluator_;
  std::map<std::string, Definition> definitions_;
  std::map<std::pair<std::string, std::string>, Definition> versions_;
  std::unique_ptr<Engine> engine_;
  Now now_{wall_from_us(1'800'000'000'000'000), boot_from_us(1'000'000'000)};
  Actions last_;
  AttemptSpec spec_;
  // What a store would hold.
  LiveRows rows_;
  std::vector<ExecutionRow> ended_;
  std::map<std::pair<ExecutionId, std::uint32_t>, std::vector<StepRow>> all_steps_;
  RequestId request_ = 0;
};

}  // namespace takt::test
