// What becomes of a batch of drafts: each is checked as the daemon would, its schedules are proven, and it is printed
// or written.
#pragma once

#include <memory>
#include <string>

#include "cli/import_draft.h"
#include "cli/verbs.h"

namespace takt {

struct ImportTarget {
  std::string folder;  // empty: printed
  bool force = false;  // replace files that are there
};

// The verbs below `import` that give a batch.
void add_import_crontab(Command& verb);
void add_import_timers(Command& verb);

void add_target(Command& verb, ImportTarget& target);

// Prints or writes all of them; nothing when there is one that taktd would refuse, or whose file is there already.
Result<ExitCode> give_batch(Session& session, DraftBatch batch, const ImportTarget& target);

}  // namespace takt
