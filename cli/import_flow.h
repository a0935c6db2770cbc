// A flow of the Flow Manager, as its JSON has it, -> a draft of a definition. Pure.
//
// A task becomes a `run` step that names the program to install; a condition becomes the routes of its source_task:
// on_success leads to target_task_success, on_failure to target_task_failure. Of several conditions of one task, those
// whose `outcome` is the one in question, or "any", go before the others.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/import_draft.h"

namespace takt {

// `name` is the process's; empty: the flow's id, else its name. ErrorCode::invalid_input for what the Flow Manager
// itself would refuse: no tasks, two of one name, a start_task or a target that is none of them.
Result<DraftProcess> draft_of_flow(const Value& document, const std::string& name);

}  // namespace takt
