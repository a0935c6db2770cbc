// What `taktctl top` shows: {"daemon", "executions", "next"} (taktctl(1), JSON OUTPUT) as one screen. Pure.
#pragma once

#include <string>

#include "cli/views.h"

namespace takt {

// At most `rows` lines, 0: all there are. `notice` is told at the top when it is not empty.
std::string top_text(const Value& document, std::string_view notice, std::size_t rows, const View& view);

}  // namespace takt
