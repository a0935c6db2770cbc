// How Lua sees a Value: scalars as its own, arrays and objects as read-only userdata that points into the Value, so
// that a context is never copied. A proxy is good for one evaluation.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"

struct lua_State;

namespace takt {

// Makes the metatables. Once for each state, before anything else here.
void register_proxies(lua_State* lua);

// Pushes what stands for a value. null is nil; an integer beyond Lua's is a number with a fraction. May raise Lua
// errors.
void push_value(lua_State* lua, const Value& value);

// Pushes the environment of an expression: the members of `*result` (settable) and, behind them, the pure functions.
const Value** push_environment(lua_State* lua, const Value& context);

// The value that the proxy at `index` stands for; null when something else is there.
const Value* proxied(lua_State* lua, int index);

// Takes what is at `index` back. Raises nothing, so it may be called outside of a protected call. Refused: functions,
// tables with other keys than 1..n or strings, numbers JSON does not have, more than limits::value_bytes or
// value_depth.
Result<Value> to_value(lua_State* lua, int index);

// Pushes the text of what is at `index`: strings as they are, arrays and objects as compact JSON. May raise Lua errors.
void push_text(lua_State* lua, int index);

}  // namespace takt
