// Constraints on what services say on a bus: that nobody uses the machine (org.freedesktop.login1(5)), and that a unit
// is active (org.freedesktop.systemd1(5)).
#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "watch/bus_property.h"
#include "watch/condition.h"
#include "watch/units.h"

namespace takt {
namespace {

// Owns what it follows of one object, and is told of each property as it is read or changed.
class Idle final : public Condition {
 public:
  Idle(BusListener& system, Duration span, Tell tell)
      : span_(span),
        tell_(std::move(tell)),
        hint_(system,
              {"org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager", "IdleHint"},
              [this](const Result<Value>& hint) { take_hint(hint); }),
        since_(system,
               {"org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager", "IdleSinceHint"},
               [this](const Result<Value>& since) { take(since, since_us_); }) {}

  void look() override { hint_.read(); }
  // Of terminals logind knows how long they have been idle when it is asked, and says nothing by itself.
  [[nodiscard]] bool is_silent() const override { return true; }

 private:
  // Since when is asked again behind it: what was read before is of another state, in which it may have been for hours.
  void take_hint(const Result<Value>& hint) {
    since_us_ = Value();
    take(hint, idle_);
    if (hint) since_.read();
  }
  void take(const Result<Value>& value, Value& property) {
    property = value.value_or(Value());
    if (!value) return tell_(fmt::format("logind says nothing: {}", value.error().message));
    if (idle_.is_null() || since_us_.is_null()) return;
    if (!idle_.is_boolean() || !since_us_.is_unsigned()) return tell_("logind says what is no answer");
    if (!idle_.get<bool>()) return tell_("the machine is in use");
    const std::chrono::microseconds since(since_us_.get<std::uint64_t>());
    const auto now =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch());
    tell_(now - since >= span_ ? "" : "the machine was in use a moment ago");
  }

  Duration span_;
  Tell tell_;
  Value idle_;
  Value since_us_;
  BusProperty hint_;
  BusProperty since_;
};

class UnitActive final : public Condition {
 public:
  UnitActive(BusListener& manager, const std::string& unit, Tell tell)
      : tell_(std::move(tell)), state_(manager, unit, [this](const Result<Value>& state) { take(state); }) {}

  void look() override { state_.read(); }

 private:
  void take(const Result<Value>& state) {
    if (!state) return tell_(fmt::format("its state cannot be read: {}", state.error().message));
    const std::string word = state->is_string() ? state->get<std::string>() : "";
    // One that reloads is there all the while.
    tell_(word == "active" || word == "reloading" ? "" : fmt::format("it is {}", word));
  }

  Tell tell_;
  FollowedUnit state_;
};

}  // namespace

std::unique_ptr<Condition> make_idle(BusListener& system, const IdleConstraint& constraint, Condition::Tell tell) {
  return std::make_unique<Idle>(system, constraint.span, std::move(tell));
}

std::unique_ptr<Condition> make_unit_active(BusListener& manager, const UnitActiveConstraint& constraint,
                                            Condition::Tell tell) {
  return std::make_unique<UnitActive>(manager, constraint.unit, std::move(tell));
}

}  // namespace takt
