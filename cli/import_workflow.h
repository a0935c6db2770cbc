// A workflow template in YAML (steps with type, name, config, parallel_group) -> a draft of a definition. Pure.
//
// A type that has an action of its own becomes that: a command or a script, an HTTP request to a whole URL, a wait, an
// approval, another workflow. Any other becomes a `run` step that names the program to install, which gets the step's
// config as JSON on its standard input.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/import_draft.h"

namespace takt {

// `document` is the YAML as JSON; `name` is the process's; empty: the workflow's name.
// ErrorCode::invalid_input when it has no steps, or one of them has no type.
Result<DraftProcess> draft_of_workflow(const Value& document, const std::string& name);

}  // namespace takt
