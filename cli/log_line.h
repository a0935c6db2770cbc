// One line of an execution's log, as takt-runner(8) writes it: "<UTC µs> <step> <attempt> <out|err> <text>". Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "base/value.h"
#include "calendar/zone.h"
#include "cli/look.h"

namespace takt {

enum class Stream { out, err };

struct LogLine {
  WallTime at;
  std::string step;
  std::uint32_t attempt = 1;
  Stream stream = Stream::out;
  std::string text;
};

// Nothing for a line of another form.
std::optional<LogLine> parse_log_line(std::string_view line);
// "Sat 2026-12-19 07:30:00 fetch: text", the attempt in brackets from the second on; ended by a newline.
std::string to_text(const LogLine& line, const Zone& zone, const Look& look);
// {"at", "step", "attempt", "stream", "text"}
Value to_json(const LogLine& line);

}  // namespace takt
