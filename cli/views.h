// Documents (documents.h) as people read them. Pure: everything that a view shows is in what it is given.
#pragma once

#include <string>

#include "base/time.h"
#include "base/value.h"
#include "calendar/zone.h"
#include "cli/look.h"
#include "cli/table.h"

namespace takt {

struct View {
  const Look& look;
  const Zone& zone;
  WallTime now;
};

// ---- Tables of rows, with their legends.
std::string process_table(const Value& rows, const View& view);
std::string execution_table(const Value& rows, const View& view);
std::string upcoming_table(const Value& rows, const View& view);
// Live executions, as their descriptions tell: how far each is.
std::string progress_table(const Value& descriptions, const View& view);
// As a compiler tells them, a line and a caret each.
std::string diagnostics_text(const Value& diagnostics, const View& view);

// ---- One thing, whole.
// "Overview" is what `taktctl status` gives (taktctl(1), JSON OUTPUT).
std::string overview_text(const Value& overview, const View& view);
// {"process", "executions"}: `taktctl status NAME`.
std::string process_text(const Value& status, const View& view);
std::string execution_text(const Value& description, const View& view);

// ---- Parts of an execution, from its description
std::string step_table(const Value& execution, const View& view);
// What each try used.
std::string attempt_table(const Value& execution, const View& view);
// The last output of the newest attempt that did not succeed; nothing when all did.
std::string failed_tail(const Value& execution);
// How long a step or an attempt took, or takes so far; empty when it has not begun.
std::string step_span(const Value& one, const View& view);

// ---- Parts
// "Sat 2026-12-19 07:30:00+03:30 (in 3min)"; empty for an instant that is not there.
std::string time_and_distance(const Value& document, std::string_view key, const View& view);
// "enabled", "disabled", "paused".
Cell process_state(const Value& process);
// "failed: store: exit code 1"; "running, step process"; "skipped: execution 12 is running".
std::string outcome_text(const Value& execution);
// "2/3, process".
std::string progress_text(const Value& execution);
// Footer: "3 processes listed."; empty without legends.
std::string listed(std::size_t count, std::string_view one, std::string_view many, const View& view);

}  // namespace takt
