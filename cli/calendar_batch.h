// calendar --batch: questions as JSON lines, each answered by one line. For programs that compare or compute calendars.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/output.h"

namespace takt {

// {"kind": "cron" | "calendar", "expr": …, "tz": …, "base_us": …, "n": …, "dst": "takt" | "systemd"}: the next `n`
// instants strictly after `base_us`, as a JSON list of UTC microseconds; fewer when the expression ends. "tz" is the
// zone of an expression without its own, UTC if not said. What is wrong is answered with {"error": …}.
std::string answer_calendar_question(std::string_view line);

// Answers each line of `in` until its end, and flushes after each. A line longer than limits::calendar_question_bytes
// is read to its end without being kept. Neither stream is owned. An error only when `in` cannot be read.
Status answer_calendar_questions(std::FILE* in, Output& output);

}  // namespace takt
