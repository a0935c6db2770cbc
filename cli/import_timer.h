// Timers and path units of systemd -> the triggers of a draft. Pure.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "cli/import_draft.h"
#include "cli/unit_file.h"

namespace takt {

// The service that a timer or a path unit starts.
std::string service_of(SystemdUnit& unit, const std::string& section);

// Adds the triggers of a timer, and notes what it says that has no counterpart. ErrorCode::invalid_input, with file and
// line, for what systemd would refuse.
Status import_timer(SystemdUnit& timer, DraftProcess& draft);

// The same of a path unit. `is_folder`: whether there is a folder of this name here.
Status import_path_unit(SystemdUnit& path, const std::function<bool(const std::string&)>& is_folder,
                        DraftProcess& draft);

}  // namespace takt
