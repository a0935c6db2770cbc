// The functions that an expression may call. All are pure, and take time linear in what they are given, because the
// bound on instructions does not see inside them.
#pragma once

#include <string_view>

struct lua_State;

namespace takt {

struct PureFunction {
  const char* name;
  int (*call)(lua_State*);
};

// Each is a lua_CFunction, documented in takt.process(5).
int call_contains(lua_State* lua);
int call_ends_with(lua_State* lua);
int call_length(lua_State* lua);
int call_lower(lua_State* lua);
int call_max(lua_State* lua);
int call_min(lua_State* lua);
int call_starts_with(lua_State* lua);
int call_tonumber(lua_State* lua);
int call_tostring(lua_State* lua);
int call_trim(lua_State* lua);
int call_upper(lua_State* lua);

inline constexpr PureFunction pure_functions[] = {
    {"contains", call_contains},
    {"ends_with", call_ends_with},
    {"length", call_length},
    {"lower", call_lower},
    {"max", call_max},
    {"min", call_min},
    {"starts_with", call_starts_with},
    {"tonumber", call_tonumber},
    {"tostring", call_tostring},
    {"trim", call_trim},
    {"upper", call_upper},
};

}  // namespace takt
