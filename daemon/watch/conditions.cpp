#include "watch/conditions.h"

#include <algorithm>

#include "base/assert.h"

namespace takt {

Conditions::Conditions(Loop& loop, const Buses& buses, std::function<void(const ConstraintSeen&)> seen,
                       ConditionPlaces places)
    : loop_(loop),
      buses_(buses),
      seen_(std::move(seen)),
      places_(std::move(places)),
      path_looks_(loop),
      timer_(loop, [this] { look_at_silent(); }) {}

void Conditions::await(const Constraint& constraint) {
  const std::uint64_t number = ++last_number_;
  auto tell = [this, key = constraint.key, number](const std::string& missing) {
    loop_.defer([this, key, number, missing] {
      const auto still = followed_.find(key);
      if (still != followed_.end() && still->second.number == number) seen_({key, missing});
    });
  };
  Condition& condition = *(followed_[constraint.key] = Followed{make(constraint, std::move(tell)), number}).condition;
  condition.look();
  set_timer();
}

std::unique_ptr<Condition> Conditions::make(const Constraint& constraint, Condition::Tell tell) {
  struct Maker {
    Conditions& self;
    Condition::Tell tell;
    std::unique_ptr<Condition> operator()(const AcPowerConstraint& one) {
      return make_ac_power(self.loop_, one, self.places_.power, std::move(tell));
    }
    std::unique_ptr<Condition> operator()(const IdleConstraint& one) {
      return make_idle(self.buses_.system, one, std::move(tell));
    }
    std::unique_ptr<Condition> operator()(const NetworkConstraint& one) {
      return make_network(self.loop_, one, std::move(tell));
    }
    std::unique_ptr<Condition> operator()(const StallConstraint& one) {
      return make_stall(one, self.places_.pressure, std::move(tell));
    }
    std::unique_ptr<Condition> operator()(const BlackoutConstraint&) {
      TAKT_ASSERT(false);  // a calendar is the engine's
    }
    std::unique_ptr<Condition> operator()(const PathExistsConstraint& one) {
      return make_path_exists(self.path_looks_, one, std::move(tell));
    }
    std::unique_ptr<Condition> operator()(const UnitActiveConstraint& one) {
      return make_unit_active(self.buses_.manager, one, std::move(tell));
    }
  };
  return std::visit(Maker{*this, std::move(tell)}, constraint.kind);
}

void Conditions::look() {
  for (const auto& [key, followed] : followed_) followed.condition->look();
}

void Conditions::look_at_silent() {
  for (const auto& [key, followed] : followed_)
    if (followed.condition->is_silent()) followed.condition->look();
  set_timer();
}

// Rings only while somebody waits for what changes in silence.
void Conditions::set_timer() {
  const bool silent = std::any_of(followed_.begin(), followed_.end(),
                                  [](const auto& one) { return one.second.condition->is_silent(); });
  if (!silent) return timer_.cancel();
  // Without a descriptor for it the next await() tries again.
  if (!timer_.is_set()) static_cast<void>(timer_.set(places_.period));
}

}  // namespace takt
