// Versions of a definition, by the beginnings of their hashes.
#pragma once

#include <string>

#include "base/result.h"
#include "base/value.h"

namespace takt {

// The whole hash of the one version (rows as version_row has them) that begins so; of the one in force for an empty
// text. ErrorCode::no_such_version when there is none, ErrorCode::invalid_argument when there are several. Pure.
Result<std::string> choose_version(const Value& versions, const std::string& beginning, const std::string& process);

}  // namespace takt
