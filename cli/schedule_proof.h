// Whether an imported schedule fires when it did before: the next instants of both, held against each other. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "base/value.h"
#include "calendar/zone.h"
#include "cli/import_draft.h"
#include "definition/trigger.h"

namespace takt {

inline constexpr std::size_t proof_instants = 1'000;

struct InstantDifference {
  WallTime at;
  std::size_t before = 0;  // how often it fired then
  std::size_t now = 0;
  std::string rule;  // that makes the difference; empty: none that is known
};

struct ScheduleProof {
  std::string expression;  // as it was
  OldSchedule old = OldSchedule::none;
  std::size_t compared = 0;  // instants of the old schedule
  std::vector<InstantDifference> differences{};
  std::string unproven{};  // why there is no proof
};

// `old_instants`: the first ones after `from`, in order, at most proof_instants; fewer when it does not fire again.
// They are compared to the second, which is what systemd-analyze(1) tells.
ScheduleProof prove_schedule(const DraftTrigger& trigger, const std::vector<WallTime>& old_instants,
                             const CalendarTrigger& now, WallTime from);

// One sentence, and one for each of the first differences; instants in `zone`.
std::vector<std::string> proof_sentences(const ScheduleProof& proof, const Zone& zone);
// {"expression", "compared", "differences": [{"at", "before", "now", "rule"}], "unproven"}
Value proof_document(const ScheduleProof& proof);

}  // namespace takt
