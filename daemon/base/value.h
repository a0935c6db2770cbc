// JSON values: inputs, results, contexts. Whatever comes from outside goes through parse_value, which bounds it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace takt {

using Value = nlohmann::json;

// JSON text -> Value. Refuses more than limits::value_bytes of text and nesting deeper than limits::value_depth.
// The error says at which byte and what was expected; ErrorCode::invalid_input.
Result<Value> parse_value(std::string_view text);

// Value -> compact JSON text; bytes that are not UTF-8 become U+FFFD, so it never fails.
std::string value_text(const Value& value);

}  // namespace takt
