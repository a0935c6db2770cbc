// A service of systemd -> the steps of a draft. Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/import_draft.h"
#include "cli/unit_file.h"

namespace takt {

// Adds what the service does (no step for one without commands), and notes what it says that has no counterpart.
// `default_directory`: where services work that say nothing. ErrorCode::invalid_input, with file and line, for a
// command that systemd would refuse.
Status import_service(SystemdUnit& service, const std::string& default_directory, DraftProcess& draft);

}  // namespace takt
