// The inputs of a start, as the command line gives them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"

namespace takt {

// The text of a value: JSON if it reads as a JSON number, boolean, array, object or string in quotes, else the text
// itself. So 5 is a number, "5" in quotes a string, and plain words need no quotes.
Value input_value(std::string_view text);

// An object from `--input k=v` (typed as input_value has it) and `--input-string k=v` (always strings).
// ErrorCode::invalid_argument for what has no "=" or no name, and for a name that comes twice.
Result<Value> parse_inputs(const std::vector<std::string>& typed, const std::vector<std::string>& strings);

// The payload of an event: an object in JSON, or one from `k=v`, typed as input_value has it.
// ErrorCode::invalid_argument for what is neither.
Result<Value> parse_payload(const std::string& json, const std::vector<std::string>& members);

}  // namespace takt
