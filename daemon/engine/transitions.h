// Which state may follow which (page 3's drawing, as a table), and by what. The engine asserts each change against it;
// docs/transitions.md is printed from it.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/records.h"

namespace takt {

template <class State>
struct Transition {
  State from;
  State to;
  std::string_view cause;
};

inline constexpr std::array execution_transitions{
    Transition<ExecutionState>{ExecutionState::queued, ExecutionState::running,
                               "a slot is free, and its process lets it"},
    Transition<ExecutionState>{ExecutionState::queued, ExecutionState::skipped,
                               "overlap, guard, constraint, limit, rate or debounce"},
    Transition<ExecutionState>{ExecutionState::queued, ExecutionState::failed, "its guard or its inputs are wrong"},
    Transition<ExecutionState>{ExecutionState::queued, ExecutionState::cancelled, "cancelled or replaced"},
    Transition<ExecutionState>{ExecutionState::running, ExecutionState::paused, "paused"},
    Transition<ExecutionState>{ExecutionState::paused, ExecutionState::running, "resumed, or being ended"},
    Transition<ExecutionState>{ExecutionState::running, ExecutionState::succeeded, "its steps have ended well"},
    Transition<ExecutionState>{ExecutionState::running, ExecutionState::failed, "a step failed, unhandled"},
    Transition<ExecutionState>{ExecutionState::running, ExecutionState::timed_out, "its time-out struck"},
    Transition<ExecutionState>{ExecutionState::running, ExecutionState::cancelled, "cancelled or replaced"},
    Transition<ExecutionState>{ExecutionState::succeeded, ExecutionState::queued, "retried"},
    Transition<ExecutionState>{ExecutionState::succeeded, ExecutionState::running, "rolled back"},
    Transition<ExecutionState>{ExecutionState::failed, ExecutionState::queued, "retried"},
    Transition<ExecutionState>{ExecutionState::failed, ExecutionState::running, "rolled back"},
    Transition<ExecutionState>{ExecutionState::timed_out, ExecutionState::queued, "retried"},
    Transition<ExecutionState>{ExecutionState::timed_out, ExecutionState::running, "rolled back"},
    Transition<ExecutionState>{ExecutionState::cancelled, ExecutionState::queued, "retried"},
    Transition<ExecutionState>{ExecutionState::cancelled, ExecutionState::running, "rolled back"},
};

inline constexpr std::array step_transitions{
    Transition<StepState>{StepState::pending, StepState::running, "its turn has come"},
    Transition<StepState>{StepState::pending, StepState::skipped, "its guard is false, or nothing led to it"},
    Transition<StepState>{StepState::pending, StepState::cached, "its result is kept from before"},
    Transition<StepState>{StepState::pending, StepState::succeeded, "done at once: set, emit, an empty for_each"},
    Transition<StepState>{StepState::pending, StepState::failed, "it could not start"},
    Transition<StepState>{StepState::running, StepState::paused, "its execution is paused"},
    Transition<StepState>{StepState::paused, StepState::running, "its execution is resumed"},
    Transition<StepState>{StepState::running, StepState::waiting,
                          "an approval, a wait, or the delay before its next attempt"},
    Transition<StepState>{StepState::paused, StepState::waiting, "its frozen child died, and is tried again"},
    Transition<StepState>{StepState::waiting, StepState::running, "its next attempt begins"},
    Transition<StepState>{StepState::running, StepState::succeeded, "its action succeeded"},
    Transition<StepState>{StepState::running, StepState::failed, "its action failed"},
    Transition<StepState>{StepState::running, StepState::timed_out, "its time-out struck"},
    Transition<StepState>{StepState::running, StepState::cancelled, "its execution is being ended"},
    Transition<StepState>{StepState::running, StepState::interrupted, "its end was not seen"},
    Transition<StepState>{StepState::paused, StepState::succeeded, "it had ended before it was frozen"},
    Transition<StepState>{StepState::paused, StepState::failed, "its frozen child died"},
    Transition<StepState>{StepState::paused, StepState::timed_out, "its end as timed-out was under way"},
    Transition<StepState>{StepState::paused, StepState::interrupted, "its end was not seen"},
    Transition<StepState>{StepState::waiting, StepState::succeeded, "approved; the instant or the event has come"},
    Transition<StepState>{StepState::waiting, StepState::failed, "rejected, or its next attempt could not start"},
    Transition<StepState>{StepState::waiting, StepState::timed_out, "nobody answered, no event came"},
    Transition<StepState>{StepState::waiting, StepState::cancelled, "its execution is being ended"},
    Transition<StepState>{StepState::succeeded, StepState::undone, "its undo succeeded"},
    Transition<StepState>{StepState::succeeded, StepState::pending, "a route leads back before it"},
    Transition<StepState>{StepState::failed, StepState::pending, "a route leads back before it"},
    Transition<StepState>{StepState::timed_out, StepState::pending, "a route leads back before it"},
    Transition<StepState>{StepState::interrupted, StepState::pending, "a route leads back before it"},
    Transition<StepState>{StepState::skipped, StepState::pending, "a route leads back before it"},
    Transition<StepState>{StepState::cached, StepState::pending, "a route leads back before it"},
};

constexpr bool may_follow(ExecutionState from, ExecutionState to) {
  return std::any_of(execution_transitions.begin(), execution_transitions.end(),
                     [&](const auto& one) { return one.from == from && one.to == to; });
}
constexpr bool may_follow(StepState from, StepState to) {
  return std::any_of(step_transitions.begin(), step_transitions.end(),
                     [&](const auto& one) { return one.from == from && one.to == to; });
}

}  // namespace takt
