// The constraints that executions wait for, followed for as long as they do.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "engine/engine.h"
#include "loop/timer.h"
#include "watch/condition.h"

namespace takt {

// Owns a Condition for each of them. Nothing of the machine is looked at while nobody waits for anything; the facts
// that change in silence are looked at every ConditionPlaces::period while somebody waits for one of them.
class Conditions {
 public:
  struct Buses {
    BusListener& system;
    BusListener& manager;  // where the service manager is
  };
  // `seen` is called in the loop, never within a call of this. `loop` and the buses must outlive it.
  Conditions(Loop& loop, const Buses& buses, std::function<void(const ConstraintSeen&)> seen,
             ConditionPlaces places = {});

  void await(const Constraint& constraint);
  void forget(const std::string& constraint) { followed_.erase(constraint); }
  // Looks at all of them: a bus came or went.
  void look();

 private:
  struct Followed {
    std::unique_ptr<Condition> condition;
    std::uint64_t number = 0;  // never used twice: what a forgotten one had to say is not the next one's
  };

  std::unique_ptr<Condition> make(const Constraint& constraint, Condition::Tell tell);
  void look_at_silent();
  void set_timer();

  Loop& loop_;
  Buses buses_;
  std::function<void(const ConstraintSeen&)> seen_;
  ConditionPlaces places_;
  PathLooks path_looks_;
  std::map<std::string, Followed> followed_;
  std::uint64_t last_number_ = 0;
  Timer timer_;
};

}  // namespace takt
