#include "cli/exit_code.h"

#include <optional>

#include "definition/outcome.h"

namespace takt {

ExitCode exit_code(ErrorCode error) {
  switch (error) {
    case ErrorCode::internal:
    case ErrorCode::io:
    case ErrorCode::invalid_definition:
    case ErrorCode::already_exists:
    case ErrorCode::limit_exceeded:
    case ErrorCode::not_supported:
      return ExitCode::failed;
    case ErrorCode::invalid_argument:
    case ErrorCode::invalid_input:
      return ExitCode::usage;
    case ErrorCode::no_such_process:
    case ErrorCode::no_such_execution:
    case ErrorCode::no_such_step:
    case ErrorCode::no_such_version:
    case ErrorCode::not_running:
    case ErrorCode::not_ended:
    case ErrorCode::disabled:
      return ExitCode::not_found;
    case ErrorCode::access_denied:
      return ExitCode::not_allowed;
    case ErrorCode::unavailable:
      return ExitCode::unreachable;
  }
  return ExitCode::failed;
}

ExitCode exit_code(std::string_view outcome) {
  const std::optional<Outcome> known = outcome_from_word(outcome);
  if (!known) return ExitCode::failed;
  switch (*known) {
    case Outcome::succeeded:
      return ExitCode::ok;
    case Outcome::failed:
      return ExitCode::failed;
    case Outcome::timed_out:
      return ExitCode::timed_out;
    case Outcome::cancelled:
      return ExitCode::cancelled;
    case Outcome::skipped:
      return ExitCode::skipped;
    case Outcome::interrupted:
      return ExitCode::interrupted;
  }
  return ExitCode::failed;
}

}  // namespace takt
