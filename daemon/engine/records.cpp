#include "engine/records.h"

#include <array>

#include "base/assert.h"

namespace takt {

namespace {

constexpr std::array execution_states{
    ExecutionState::queued,      ExecutionState::running,   ExecutionState::paused,
    ExecutionState::interrupted, ExecutionState::succeeded, ExecutionState::failed,
    ExecutionState::timed_out,   ExecutionState::cancelled, ExecutionState::skipped,
};
constexpr std::array step_states{
    StepState::pending,     StepState::running, StepState::waiting,   StepState::paused,
    StepState::succeeded,   StepState::failed,  StepState::timed_out, StepState::cancelled,
    StepState::interrupted, StepState::skipped, StepState::cached,    StepState::undone,
};

template <class State, std::size_t N>
std::optional<State> state_from_word(const std::array<State, N>& states, std::string_view word) {
  for (const State state : states)
    if (to_word(state) == word) return state;
  return std::nullopt;
}

}  // namespace

std::string_view to_word(ExecutionState state) {
  switch (state) {
    case ExecutionState::queued:
      return "queued";
    case ExecutionState::running:
      return "running";
    case ExecutionState::paused:
      return "paused";
    case ExecutionState::interrupted:
      return "interrupted";
    case ExecutionState::succeeded:
      return "succeeded";
    case ExecutionState::failed:
      return "failed";
    case ExecutionState::timed_out:
      return "timed-out";
    case ExecutionState::cancelled:
      return "cancelled";
    case ExecutionState::skipped:
      return "skipped";
  }
  TAKT_ASSERT(false);
}

std::string_view to_word(StepState state) {
  switch (state) {
    case StepState::pending:
      return "pending";
    case StepState::running:
      return "running";
    case StepState::waiting:
      return "waiting";
    case StepState::paused:
      return "paused";
    case StepState::succeeded:
      return "succeeded";
    case StepState::failed:
      return "failed";
    case StepState::timed_out:
      return "timed-out";
    case StepState::cancelled:
      return "cancelled";
    case StepState::interrupted:
      return "interrupted";
    case StepState::skipped:
      return "skipped";
    case StepState::cached:
      return "cached";
    case StepState::undone:
      return "undone";
  }
  TAKT_ASSERT(false);
}

std::optional<ExecutionState> execution_state_from_word(std::string_view word) {
  return state_from_word(execution_states, word);
}

std::optional<StepState> step_state_from_word(std::string_view word) {
  return state_from_word(step_states, word);
}

bool is_live(ExecutionState state) {
  switch (state) {
    case ExecutionState::queued:
    case ExecutionState::running:
    case ExecutionState::paused:
    case ExecutionState::interrupted:
      return true;
    case ExecutionState::succeeded:
    case ExecutionState::failed:
    case ExecutionState::timed_out:
    case ExecutionState::cancelled:
    case ExecutionState::skipped:
      return false;
  }
  TAKT_ASSERT(false);
}

bool is_ended(StepState state) {
  switch (state) {
    case StepState::pending:
    case StepState::running:
    case StepState::waiting:
    case StepState::paused:
      return false;
    case StepState::succeeded:
    case StepState::failed:
    case StepState::timed_out:
    case StepState::cancelled:
    case StepState::interrupted:
    case StepState::skipped:
    case StepState::cached:
    case StepState::undone:
      return true;
  }
  TAKT_ASSERT(false);
}

ExecutionState execution_state_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::succeeded:
      return ExecutionState::succeeded;
    case Outcome::failed:
      return ExecutionState::failed;
    case Outcome::timed_out:
      return ExecutionState::timed_out;
    case Outcome::cancelled:
      return ExecutionState::cancelled;
    case Outcome::skipped:
      return ExecutionState::skipped;
    case Outcome::interrupted:
      return ExecutionState::failed;
  }
  TAKT_ASSERT(false);
}

StepState step_state_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::succeeded:
      return StepState::succeeded;
    case Outcome::failed:
      return StepState::failed;
    case Outcome::timed_out:
      return StepState::timed_out;
    case Outcome::cancelled:
      return StepState::cancelled;
    case Outcome::skipped:
      return StepState::skipped;
    case Outcome::interrupted:
      return StepState::interrupted;
  }
  TAKT_ASSERT(false);
}

Outcome outcome_of(ExecutionState state) {
  switch (state) {
    case ExecutionState::succeeded:
      return Outcome::succeeded;
    case ExecutionState::timed_out:
      return Outcome::timed_out;
    case ExecutionState::cancelled:
      return Outcome::cancelled;
    case ExecutionState::skipped:
      return Outcome::skipped;
    case ExecutionState::interrupted:
      return Outcome::interrupted;
    case ExecutionState::failed:
    case ExecutionState::queued:
    case ExecutionState::running:
    case ExecutionState::paused:
      return Outcome::failed;
  }
  TAKT_ASSERT(false);
}

bool ended_well(StepState state) {
  return state == StepState::succeeded || state == StepState::skipped || state == StepState::cached;
}

std::string_view to_word(Phase phase) {
  switch (phase) {
    case Phase::steps:
      return "steps";
    case Phase::undo:
      return "undo";
    case Phase::finally:
      return "finally";
    case Phase::rollback:
      return "rollback";
  }
  TAKT_ASSERT(false);
}

std::optional<Phase> phase_from_word(std::string_view word) {
  return state_from_word(std::array{Phase::steps, Phase::undo, Phase::finally, Phase::rollback}, word);
}

std::string_view to_word(AttemptKind kind) {
  switch (kind) {
    case AttemptKind::step:
      return "step";
    case AttemptKind::undo:
      return "undo";
  }
  TAKT_ASSERT(false);
}

std::optional<AttemptKind> attempt_kind_from_word(std::string_view word) {
  return state_from_word(std::array{AttemptKind::step, AttemptKind::undo}, word);
}

}  // namespace takt
