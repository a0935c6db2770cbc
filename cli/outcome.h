// How a verb that waited tells what the execution came to.
#pragma once

#include "cli/follow.h"
#include "cli/session.h"

namespace takt {

// The execution's outcome as exit code. Prints its description with --json; else what went wrong, if something did, as
// a message.
Result<ExitCode> tell_outcome(Session& session, std::uint64_t id, const std::optional<FollowedEnd>& end);

}  // namespace takt
