// YAML texts as JSON values. The one door to the YAML library: none of its exceptions gets through. Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "base/value.h"

namespace takt {

// The one document of a text. Plain scalars are null, booleans or numbers where YAML 1.2's core schema (chapter 10.3)
// has them so, and texts otherwise; quoted ones are texts. ErrorCode::invalid_input with the line for what is no YAML,
// is nested deeper than limits::value_depth, or grows beyond limits::value_bytes by its aliases.
Result<Value> parse_yaml(const std::string& text);

}  // namespace takt
