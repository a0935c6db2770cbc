#include "expression/functions.h"

#include <lua.hpp>

#include <cstring>
#include <string_view>

#include "expression/proxy.h"

// A Lua error leaves these functions by longjmp, so nothing that has a destructor may be alive where one can be raised.

namespace takt {
namespace {

std::string_view text_argument(lua_State* lua, int index) {
  std::size_t size = 0;
  const char* data = luaL_checklstring(lua, index, &size);
  return {data, size};
}

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Changes ASCII letters between `from` and `to` by `shift`; all other bytes stay, so UTF-8 stays UTF-8.
int map_letters(lua_State* lua, char from, char to, int shift) {
  const auto text = text_argument(lua, 1);
  luaL_Buffer buffer;
  char* out = luaL_buffinitsize(lua, &buffer, text.size());
  for (std::size_t i = 0; i < text.size(); ++i)
    out[i] = text[i] >= from && text[i] <= to ? static_cast<char>(text[i] + shift) : text[i];
  luaL_pushresultsize(&buffer, text.size());
  return 1;
}

// The argument for which `better(candidate, best)` holds against all before it.
int select_argument(lua_State* lua, bool greatest) {
  const int count = lua_gettop(lua);
  int best = 1;
  for (int i = 1; i <= count; ++i) luaL_checknumber(lua, i);
  luaL_argcheck(lua, count > 0, 1, "number expected");
  for (int i = 2; i <= count; ++i)
    if (greatest ? lua_compare(lua, best, i, LUA_OPLT) : lua_compare(lua, i, best, LUA_OPLT)) best = i;
  lua_pushvalue(lua, best);
  return 1;
}

}  // namespace

// contains(text, part): part occurs in text. contains(array, value): one of its elements is equal to value.
int call_contains(lua_State* lua) {
  if (const Value* container = proxied(lua, 1); container != nullptr) {
    luaL_argcheck(lua, container->is_array(), 1, "string or array expected");
    luaL_checkany(lua, 2);
    for (const auto& element : *container) {
      push_value(lua, element);
      const bool equal = lua_compare(lua, -1, 2, LUA_OPEQ) != 0;
      lua_pop(lua, 1);
      if (equal) {
        lua_pushboolean(lua, 1);
        return 1;
      }
    }
    lua_pushboolean(lua, 0);
    return 1;
  }
  const auto text = text_argument(lua, 1);
  const auto part = text_argument(lua, 2);
  // memmem is linear where std::string::find is not.
  lua_pushboolean(lua, part.empty() || memmem(text.data(), text.size(), part.data(), part.size()) != nullptr);
  return 1;
}

int call_starts_with(lua_State* lua) {
  const auto text = text_argument(lua, 1);
  lua_pushboolean(lua, text.starts_with(text_argument(lua, 2)));
  return 1;
}

int call_ends_with(lua_State* lua) {
  const auto text = text_argument(lua, 1);
  lua_pushboolean(lua, text.ends_with(text_argument(lua, 2)));
  return 1;
}

int call_lower(lua_State* lua) {
  return map_letters(lua, 'A', 'Z', 'a' - 'A');
}
int call_upper(lua_State* lua) {
  return map_letters(lua, 'a', 'z', 'A' - 'a');
}

int call_trim(lua_State* lua) {
  const auto text = trimmed(text_argument(lua, 1));
  lua_pushlstring(lua, text.data(), text.size());
  return 1;
}

// length(text): in characters; length(array), length(object): members.
int call_length(lua_State* lua) {
  if (const Value* value = proxied(lua, 1); value != nullptr) {
    lua_pushinteger(lua, static_cast<lua_Integer>(value->size()));
    return 1;
  }
  lua_Integer characters = 0;
  for (const char c : text_argument(lua, 1))
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++characters;
  lua_pushinteger(lua, characters);
  return 1;
}

int call_min(lua_State* lua) {
  return select_argument(lua, false);
}
int call_max(lua_State* lua) {
  return select_argument(lua, true);
}

int call_tostring(lua_State* lua) {
  luaL_checkany(lua, 1);
  push_text(lua, 1);
  return 1;
}

// tonumber(value): nil when it is no number and no text of one.
int call_tonumber(lua_State* lua) {
  luaL_checkany(lua, 1);
  if (lua_type(lua, 1) == LUA_TNUMBER) {
    lua_pushvalue(lua, 1);
    return 1;
  }
  std::size_t size = 0;
  const char* text = lua_type(lua, 1) == LUA_TSTRING ? lua_tolstring(lua, 1, &size) : nullptr;
  if (text == nullptr || lua_stringtonumber(lua, text) != size + 1) {
    lua_settop(lua, 1);
    lua_pushnil(lua);
  }
  return 1;
}

}  // namespace takt
