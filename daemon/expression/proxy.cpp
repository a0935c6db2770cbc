#include "expression/proxy.h"

#include <lua.hpp>

#include <cmath>
#include <limits>

#include "base/limits.h"
#include "expression/functions.h"

namespace takt {
namespace {

constexpr const char* array_name = "array";
constexpr const char* object_name = "object";
constexpr const char* environment_name = "environment";

struct Proxy {
  const Value* value;
};

const Value& self(lua_State* lua) {
  return *static_cast<const Proxy*>(lua_touserdata(lua, 1))->value;
}

// Arrays count from 1, as Lua's do; whatever is not there is nil.
int index_array(lua_State* lua) {
  const Value& array = self(lua);
  int whole = 0;
  const lua_Integer index = lua_tointegerx(lua, 2, &whole);
  if (whole != 0 && lua_type(lua, 2) == LUA_TNUMBER && index >= 1 && static_cast<std::size_t>(index) <= array.size())
    push_value(lua, array[static_cast<std::size_t>(index - 1)]);
  else
    lua_pushnil(lua);
  return 1;
}

int index_object(lua_State* lua) {
  const Value& object = self(lua);
  if (lua_type(lua, 2) == LUA_TSTRING) {
    std::size_t size = 0;
    const char* data = lua_tolstring(lua, 2, &size);
    if (const Value* member = object.member(std::string_view(data, size))) {
      push_value(lua, *member);
      return 1;
    }
  }
  lua_pushnil(lua);
  return 1;
}

int count_members(lua_State* lua) {
  lua_pushinteger(lua, static_cast<lua_Integer>(self(lua).size()));
  return 1;
}

int equal_values(lua_State* lua) {
  const Value* left = proxied(lua, 1);
  const Value* right = proxied(lua, 2);
  lua_pushboolean(lua, left != nullptr && right != nullptr && *left == *right);
  return 1;
}

// A name of an expression: a member of the context, else a pure function, else nil.
int index_environment(lua_State* lua) {
  if (index_object(lua) == 1 && !lua_isnil(lua, -1)) return 1;
  const char* name = lua_type(lua, 2) == LUA_TSTRING ? lua_tolstring(lua, 2, nullptr) : "";
  for (const auto& function : pure_functions) {
    if (std::string_view(name) != function.name) continue;
    lua_pushcfunction(lua, function.call);
    return 1;
  }
  return 1;  // the nil that index_object left
}

void make_metatable(lua_State* lua, const char* name, lua_CFunction index) {
  luaL_newmetatable(lua, name);
  const luaL_Reg entries[] = {{"__index", index}, {"__len", count_members}, {"__eq", equal_values}, {nullptr, nullptr}};
  luaL_setfuncs(lua, entries, 0);
  lua_pop(lua, 1);
}

// Takes a Lua value apart within a budget of bytes, so that {x, x, x, …} cannot make much of little.
class Taker {
 public:
  explicit Taker(lua_State* lua) : lua_(lua) {}

  Result<Value> take(int index, int depth) {
    if (depth > limits::value_depth || lua_checkstack(lua_, 4) == 0)
      return fail(ErrorCode::invalid_input, "its value is nested deeper than {}", limits::value_depth);
    index = lua_absindex(lua_, index);
    switch (lua_type(lua_, index)) {
      case LUA_TNIL:
        return spend(4, Value());
      case LUA_TBOOLEAN:
        return spend(5, Value(lua_toboolean(lua_, index) != 0));
      case LUA_TNUMBER:
        return take_number(index);
      case LUA_TSTRING: {
        std::size_t size = 0;
        const char* data = lua_tolstring(lua_, index, &size);
        if (size > left_) return too_large();
        return spend(size + 2, Value(std::string(data, size)));
      }
      case LUA_TUSERDATA: {
        const Value& value = *proxied(lua_, index);
        TAKT_TRY(measure(value, depth));
        return value;
      }
      case LUA_TTABLE:
        return take_table(index, depth);
      default:
        return fail(ErrorCode::invalid_input, "its value is a {}", lua_typename(lua_, lua_type(lua_, index)));
    }
  }

 private:
  static tl::unexpected<Error> too_large() {
    return fail(ErrorCode::invalid_input, "its value has more than {} bytes", limits::value_bytes);
  }

  Status spend(std::size_t bytes) {
    if (bytes > left_) return too_large();
    left_ -= bytes;
    return {};
  }
  Result<Value> spend(std::size_t bytes, Value value) {
    TAKT_TRY(spend(bytes));
    return value;
  }

  Status measure(const Value& value, int depth) {
    if (depth > limits::value_depth)
      return fail(ErrorCode::invalid_input, "its value is nested deeper than {}", limits::value_depth);
    if (value.is_string()) return spend(value.text().size() + 2);
    TAKT_TRY(spend(5));
    if (value.is_object())
      for (const auto& [key, member] : value.items()) TAKT_TRY(spend(key.size()));
    for (const Value* child : value.children()) {
      TAKT_TRY(spend(3));
      TAKT_TRY(measure(*child, depth + 1));
    }
    return {};
  }

  Result<Value> take_number(int index) {
    if (lua_isinteger(lua_, index) != 0) return spend(8, Value(std::int64_t{lua_tointegerx(lua_, index, nullptr)}));
    const double number = lua_tonumberx(lua_, index, nullptr);
    if (!std::isfinite(number)) return fail(ErrorCode::invalid_input, "its value is not a finite number");
    return spend(8, Value(number));
  }

  // A table is an array when its keys are 1..n (an empty one too), an object when they are strings.
  Result<Value> take_table(int index, int depth) {
    const auto length = static_cast<lua_Integer>(lua_rawlen(lua_, index));
    Value array = Value::array();
    for (lua_Integer i = 1; i <= length; ++i) {
      lua_rawgeti(lua_, index, i);
      auto element = take(-1, depth + 1);
      lua_pop(lua_, 1);
      TAKT_TRY(element);
      array.push_back(std::move(element).value());
    }
    Value object = Value::object();
    for (lua_pushnil(lua_); lua_next(lua_, index) != 0; lua_pop(lua_, 1)) {
      if (lua_type(lua_, -2) == LUA_TSTRING && length == 0) {
        std::size_t size = 0;
        const char* key = lua_tolstring(lua_, -2, &size);
        TAKT_TRY(spend(size + 3));
        TAKT_ASSIGN(object[std::string(key, size)], take(-1, depth + 1));
      } else if (lua_isinteger(lua_, -2) == 0 || length == 0) {
        return fail(ErrorCode::invalid_input, "its value is a table that is neither an array nor an object");
      }
    }
    if (!object.empty()) return object;
    return array;
  }

  lua_State* lua_;
  std::size_t left_ = limits::value_bytes;
};

}  // namespace

void register_proxies(lua_State* lua) {
  make_metatable(lua, array_name, index_array);
  make_metatable(lua, object_name, index_object);
  make_metatable(lua, environment_name, index_environment);
}

const Value** push_environment(lua_State* lua, const Value& context) {
  auto* proxy = static_cast<Proxy*>(lua_newuserdatauv(lua, sizeof(Proxy), 0));
  proxy->value = &context;
  luaL_setmetatable(lua, environment_name);
  return &proxy->value;
}

void push_value(lua_State* lua, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      return lua_pushnil(lua);
    case Value::Kind::boolean:
      return lua_pushboolean(lua, value.get<bool>() ? 1 : 0);
    case Value::Kind::integer:
      return lua_pushinteger(lua, value.get<lua_Integer>());
    case Value::Kind::unsigned_integer: {
      const auto number = value.get<std::uint64_t>();
      if (number <= static_cast<std::uint64_t>(std::numeric_limits<lua_Integer>::max()))
        return lua_pushinteger(lua, static_cast<lua_Integer>(number));
      return lua_pushnumber(lua, static_cast<lua_Number>(number));
    }
    case Value::Kind::number:
      return lua_pushnumber(lua, value.get<double>());
    case Value::Kind::string: {
      const auto& text = value.text();
      lua_pushlstring(lua, text.data(), text.size());
      return;
    }
    case Value::Kind::array:
    case Value::Kind::object:
      static_cast<Proxy*>(lua_newuserdatauv(lua, sizeof(Proxy), 0))->value = &value;
      luaL_setmetatable(lua, value.is_array() ? array_name : object_name);
  }
}

const Value* proxied(lua_State* lua, int index) {
  // Nothing else in the state is a userdata: no library is there that could make one.
  const auto* proxy = static_cast<const Proxy*>(lua_touserdata(lua, index));
  return proxy == nullptr ? nullptr : proxy->value;
}

Result<Value> to_value(lua_State* lua, int index) {
  return Taker(lua).take(index, 1);
}

void push_text(lua_State* lua, int index) {
  const Value* value = proxied(lua, index);
  if (value == nullptr) {
    if (lua_type(lua, index) == LUA_TTABLE || lua_type(lua, index) == LUA_TFUNCTION)
      luaL_error(lua, "a %s has no text", luaL_typename(lua, index));
    luaL_tolstring(lua, index, nullptr);
    return;
  }
  // Written twice, because the buffer may raise, and a longjmp over a living std::string would leak it.
  const std::size_t size = value_text(*value).size();
  luaL_Buffer buffer;
  char* out = luaL_buffinitsize(lua, &buffer, size);
  value_text(*value).copy(out, size);
  luaL_pushresultsize(&buffer, size);
}

}  // namespace takt
