// What every followed constraint is, and the makers of each kind.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "definition/constraint.h"
#include "loop/loop.h"
#include "watch/bus_listener.h"
#include "watch/limits.h"
#include "watch/path_looks.h"

namespace takt {

// A constraint that is followed, as long as this lives. It decides nothing: it tells whether a fact of the machine is
// as the constraint asks.
class Condition {
 public:
  // Why it does not hold, in words that do not change as long as that does not; empty: it holds.
  using Tell = std::function<void(const std::string& missing)>;

  Condition() = default;
  Condition(const Condition&) = delete;
  Condition& operator=(const Condition&) = delete;
  virtual ~Condition() = default;

  // Finds out how things stand, and tells, now or later. It looks by itself whenever the machine says that they have
  // changed.
  virtual void look() = 0;
  // Of some facts the machine does not say so: then somebody else has to call look() from time to time.
  [[nodiscard]] virtual bool is_silent() const { return false; }
};

// Where facts are found, and how often those are looked at that change in silence; tests have their own.
struct ConditionPlaces {
  std::string power = "/sys/class/power_supply";
  std::string pressure = "/proc/pressure";
  Duration period = limits::condition_period;
};

// `loop`, `looks` and the buses must outlive what is made; nothing is told before look().
std::unique_ptr<Condition> make_ac_power(Loop& loop, const AcPowerConstraint& constraint, std::string folder,
                                         Condition::Tell tell);
std::unique_ptr<Condition> make_network(Loop& loop, const NetworkConstraint& constraint, Condition::Tell tell);
// `system`: the system's bus, on which logind is, also for a user's daemon.
std::unique_ptr<Condition> make_idle(BusListener& system, const IdleConstraint& constraint, Condition::Tell tell);
// `manager`: the bus of the service manager whose units count.
std::unique_ptr<Condition> make_unit_active(BusListener& manager, const UnitActiveConstraint& constraint,
                                            Condition::Tell tell);
std::unique_ptr<Condition> make_stall(const StallConstraint& constraint, const std::string& folder,
                                      Condition::Tell tell);
std::unique_ptr<Condition> make_path_exists(PathLooks& looks, const PathExistsConstraint& constraint,
                                            Condition::Tell tell);

}  // namespace takt
