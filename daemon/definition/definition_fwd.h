// A definition, for those who hand it on.
#pragma once

#include <memory>

namespace takt {

struct ProcessDefinition;
using Definition = std::shared_ptr<const ProcessDefinition>;

}  // namespace takt
