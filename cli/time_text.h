// Times as people read and write them on a command line. Pure, but for local_zone().
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "calendar/zone.h"

namespace takt {

// The machine's; where it cannot be read UTC, which is told once on standard error.
const Zone& local_zone();

// "Sat 2026-12-19 07:30:00", in the zone; fractions of a second are cut off.
std::string format_local(WallTime at, const Zone& zone);
// The same with the zone's offset: "Sat 2026-12-19 07:30:00+03:30".
std::string format_local_offset(WallTime at, const Zone& zone);
// "2h 5min ago", "in 3min", "now": whole seconds, the two largest units.
std::string format_relative(WallTime at, WallTime now);
// A span as it is shown: "3.2s", "1h 30min".
std::string format_span(Duration span);
// Bytes as `ls -h` writes them: "812B", "3.2M".
std::string format_bytes(double bytes);

// An instant on the command line: "now", "today", "yesterday", "tomorrow", "HH:MM[:SS]" (today), "YYYY-MM-DD" with or
// without " HH:MM[:SS]" (in the zone), RFC 3339, "@SECONDS", "-SPAN", "+SPAN", "SPAN ago".
// ErrorCode::invalid_argument names what is allowed.
Result<WallTime> parse_time_argument(std::string_view text, WallTime now, const Zone& zone);

}  // namespace takt
