// What `taktctl why` tells. Pure.
#pragma once

#include <string>

#include "cli/views.h"

namespace takt {

// What became of one firing or start: "ran: succeeded", "caught up 2h late: failed in step store: …",
// "skipped: execution 12 is running", "runs now, step fetch".
std::string fate_text(const Value& execution);

// {"process" (null: it never could be loaded), "daemon", "firings", "diagnostics"}
std::string why_text(const std::string& name, const Value& document, const View& view);

}  // namespace takt
