// What taktctl's exit codes mean; taktctl(1), EXIT STATUS, lists the same.
#pragma once

#include <string_view>

#include "base/result.h"

namespace takt {

enum class ExitCode {
  ok = 0,            // done; of a wait: the execution succeeded
  failed = 1,        // an error; of a wait: the execution failed
  usage = 2,         // the command line is wrong, or the inputs are
  not_found = 3,     // no such process, execution, step or version, or not in the state that the verb asks for
  not_allowed = 4,   // the caller may not do this
  unreachable = 5,   // taktd, or what it needs for this, cannot be reached
  timed_out = 10,    // of a wait: the execution ran out of time
  cancelled = 11,    // of a wait: it was cancelled
  skipped = 12,      // of a wait: it was skipped
  interrupted = 13,  // of a wait: how it ended is unknown
  not_ended = 124,   // `wait --timeout`: it has not ended in time; as timeout(1) has it
};

ExitCode exit_code(ErrorCode error);
// Of an execution's outcome, as D-Bus words it; a word that is not known is ExitCode::failed.
ExitCode exit_code(std::string_view outcome);

}  // namespace takt
