// What replies tell of a definition.
#pragma once

#include <string>

#include "bus/dbus_value.h"
#include "bus/filler.h"
#include "definition/definition_fwd.h"
#include "definition/step.h"

namespace takt {

// What the step does, when `variant` was chosen; null while none is, of a step that has variants.
const StepAction* action_in_use(const Step& step, const std::string& variant);

// Puts a step's place in the order, and whatever else is fixed, into a dictionary: the keys that DescribeProcess and
// DescribeExecution share. `step` is one of the definition's.
void describe_order(const ProcessDefinition& definition, const Step& step, Filler& filler);

// DescribeProcess's reply.
Dict describe_process(const ProcessDefinition& definition);

}  // namespace takt
