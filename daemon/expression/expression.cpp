#include "expression/expression.h"

#include <cstdlib>
#include <lua.hpp>
#include <variant>

#include "base/assert.h"
#include "base/limits.h"
#include "expression/functions.h"
#include "expression/proxy.h"
#include "expression/scan.h"

namespace takt {
namespace {

constexpr int cached_chunks = 256;              // compiled expressions that are kept
constexpr std::size_t collect_above = 1 << 20;  // bytes that an evaluation may leave for Lua's own collector
constexpr std::size_t shown_bytes = 200;        // of an expression, in a message
constexpr const char* chunk_name = "=expression";

// What a protected call is handed, and hands back.
struct Request {
  std::string_view expression;
  bool call = true;  // false: compile it only
};

std::string shown(std::string_view expression) {
  return expression.size() <= shown_bytes ? std::string(expression)
                                          : fmt::format("{}…", expression.substr(0, shown_bytes));
}

tl::unexpected<Error> refused(std::string_view expression, std::string_view reason) {
  // "expression:1: attempt to …": there is but one line, and it is shown.
  if (reason.starts_with("expression:"))
    if (const auto at = reason.find(": "); at != std::string_view::npos) reason.remove_prefix(at + 2);
  return fail(ErrorCode::invalid_input, "expression `{}`: {}", shown(expression), reason);
}

}  // namespace

// The state's registry holds, under the addresses of these two, the table of compiled chunks and the environment proxy.
struct Evaluator::State {
  EvaluationBounds bounds;
  std::size_t used = 0;
  int cached = 0;
  lua_State* lua = nullptr;
  const Value** context = nullptr;  // within the environment proxy: the context of the evaluation under way

  static constexpr char chunks_key = 0;
  static constexpr char environment_key = 0;

  static void* allocate(void* self, void* block, std::size_t old_size, std::size_t new_size);
  static int compile_and_call(lua_State* lua);
  static void push_chunk(lua_State* lua, std::string_view expression);
  // Leaves the expression's value on the stack (nothing when it is only compiled).
  Status run(const Request& request, const Value& root);
  void tidy();
};

void* Evaluator::State::allocate(void* self, void* block, std::size_t old_size, std::size_t new_size) {
  auto& state = *static_cast<State*>(self);
  if (block == nullptr) old_size = 0;  // Lua then passes the kind of object instead
  if (new_size == 0) {
    std::free(block);
    state.used -= old_size;
    return nullptr;
  }
  // Shrinking must not fail. Growing past the bound makes Lua collect its garbage, try again, and else give up.
  if (new_size > old_size && state.used + (new_size - old_size) > state.bounds.memory) return nullptr;
  void* moved = std::realloc(block, new_size);
  if (moved != nullptr) state.used += new_size - old_size;
  return moved;
}

// Compiles `return (EXPRESSION)`. That it also compiles without the parentheses is what makes "1) ; f(2" no expression.
void Evaluator::State::push_chunk(lua_State* lua, std::string_view expression) {
  constexpr std::string_view bare = "return ";
  for (const bool wrapped : {false, true}) {
    luaL_Buffer text;
    luaL_buffinit(lua, &text);
    luaL_addlstring(&text, bare.data(), bare.size());
    if (wrapped) luaL_addchar(&text, '(');
    luaL_addlstring(&text, expression.data(), expression.size());
    if (wrapped) luaL_addchar(&text, ')');
    luaL_pushresult(&text);
    std::size_t size = 0;
    const char* data = lua_tolstring(lua, -1, &size);
    const int status = luaL_loadbufferx(lua, data, size, chunk_name, "t");
    if (status == LUA_ERRSYNTAX && wrapped) luaL_error(lua, "one expression is expected");
    if (status != LUA_OK) lua_error(lua);
    lua_remove(lua, -2);
    if (!wrapped) lua_pop(lua, 1);
  }
  lua_rawgetp(lua, LUA_REGISTRYINDEX, &environment_key);
  lua_setupvalue(lua, -2, 1);
}

int Evaluator::State::compile_and_call(lua_State* lua) {
  const auto& request = *static_cast<const Request*>(lua_touserdata(lua, 1));
  auto& state = **static_cast<State**>(lua_getextraspace(lua));
  lua_rawgetp(lua, LUA_REGISTRYINDEX, &chunks_key);
  lua_pushlstring(lua, request.expression.data(), request.expression.size());
  lua_pushvalue(lua, -1);
  if (lua_rawget(lua, -3) == LUA_TNIL) {
    lua_pop(lua, 1);
    push_chunk(lua, request.expression);
    lua_pushvalue(lua, -2);
    lua_pushvalue(lua, -2);
    lua_rawset(lua, -5);
    ++state.cached;
  }
  if (!request.call) return 0;
  lua_sethook(
      lua, [](lua_State* hooked, lua_Debug*) { luaL_error(hooked, "it takes too many instructions"); }, LUA_MASKCOUNT,
      state.bounds.instructions);
  lua_call(lua, 0, 1);
  return 1;
}

Status Evaluator::State::run(const Request& request, const Value& root) {
  if (auto scanned = scan_expression(request.expression); !scanned)
    return refused(request.expression, scanned.error().message);
  *context = &root;
  // Neither push allocates: both are light.
  lua_pushcfunction(lua, compile_and_call);
  lua_pushlightuserdata(lua, const_cast<Request*>(&request));
  const int status = lua_pcall(lua, 1, request.call ? 1 : 0, 0);
  lua_sethook(lua, nullptr, 0, 0);
  if (status == LUA_OK) return {};
  const char* reason = status == LUA_ERRMEM ? "it takes too much memory" : lua_tolstring(lua, -1, nullptr);
  auto error = refused(request.expression, reason != nullptr ? reason : "it failed");
  tidy();
  return error;
}

// After an evaluation nothing of it is left: neither its values nor, when there was much, its garbage.
void Evaluator::State::tidy() {
  static const Value nothing = Value::object();
  lua_settop(lua, 0);
  *context = &nothing;
  if (cached >= cached_chunks || used > bounds.memory / 2) {
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &chunks_key);
    for (lua_pushnil(lua); lua_next(lua, 1) != 0;) {
      // Assigning nil to a field that is there is allowed while the table is walked, and allocates nothing.
      lua_pop(lua, 1);
      lua_pushvalue(lua, -1);
      lua_pushnil(lua);
      lua_rawset(lua, 1);
    }
    lua_settop(lua, 0);
    cached = 0;
    lua_gc(lua, LUA_GCCOLLECT);
  } else if (used > collect_above) {
    lua_gc(lua, LUA_GCCOLLECT);
  }
}

Evaluator::Evaluator(EvaluationBounds bounds) : state_(std::make_unique<State>()) {
  static const Value nothing = Value::object();
  state_->bounds = bounds;
  lua_State* lua = lua_newstate(State::allocate, state_.get());
  TAKT_ASSERT(lua != nullptr);
  state_->lua = lua;
  *static_cast<State**>(lua_getextraspace(lua)) = state_.get();
  register_proxies(lua);
  lua_newtable(lua);
  lua_rawsetp(lua, LUA_REGISTRYINDEX, &State::chunks_key);
  // The environment is the context itself, with the functions behind it; there is no table of globals in reach.
  state_->context = push_environment(lua, nothing);
  lua_rawsetp(lua, LUA_REGISTRYINDEX, &State::environment_key);
}

Evaluator::~Evaluator() {
  lua_close(state_->lua);
}

Status Evaluator::check(std::string_view expression) {
  TAKT_TRY(state_->run({expression, false}, Value()));
  state_->tidy();
  return {};
}

Status Evaluator::check_text(std::string_view text) {
  TAKT_ASSIGN(const auto pieces, split_text(text));
  for (const auto& piece : pieces)
    if (const auto* code = std::get_if<ExpressionPiece>(&piece)) TAKT_TRY(check(code->expression));
  return {};
}

Result<Value> Evaluator::evaluate(std::string_view expression, const Value& context) {
  TAKT_TRY(state_->run({expression}, context));
  auto value = to_value(state_->lua, -1);
  state_->tidy();
  if (!value) return refused(expression, value.error().message);
  return value;
}

Result<bool> Evaluator::test(std::string_view expression, const Value& context) {
  TAKT_TRY(state_->run({expression}, context));
  const bool truth = lua_toboolean(state_->lua, -1) != 0;
  state_->tidy();
  return truth;
}

Result<std::string> Evaluator::expand(std::string_view text, const Value& context) {
  TAKT_ASSIGN(const auto pieces, split_text(text));
  std::string expanded;
  for (const auto& piece : pieces) {
    if (const auto* literal = std::get_if<LiteralPiece>(&piece)) {
      expanded += literal->text;
    } else {
      const auto expression = std::get<ExpressionPiece>(piece).expression;
      TAKT_ASSIGN(const auto value, evaluate(expression, context));
      if (value.is_null()) return refused(expression, "its value is nil, which has no text");
      expanded += value.is_string() ? value.get<std::string>() : value_text(value);
    }
    if (expanded.size() > limits::value_bytes)
      return fail(ErrorCode::invalid_input, "the text grows past {} bytes", limits::value_bytes);
  }
  return expanded;
}

namespace {

Result<Value> expand_within(Evaluator& evaluator, const Value& value, const Value& context, int depth) {
  if (depth > limits::value_depth)
    return fail(ErrorCode::invalid_input, "a value nested deeper than {}", limits::value_depth);
  if (value.is_string()) {
    const auto& text = value.text();
    TAKT_ASSIGN(const auto pieces, split_text(text));
    if (pieces.size() == 1)
      if (const auto* code = std::get_if<ExpressionPiece>(&pieces.front()))
        return evaluator.evaluate(code->expression, context);
    TAKT_ASSIGN(auto expanded, evaluator.expand(text, context));
    return Value(std::move(expanded));
  }
  Value result = value;
  if (value.is_array())
    for (Value& element : result) {
      TAKT_ASSIGN(element, expand_within(evaluator, element, context, depth + 1));
    }
  if (value.is_object())
    for (auto& [key, member] : result.items()) {
      TAKT_ASSIGN(member, expand_within(evaluator, member, context, depth + 1));
    }
  return result;
}

}  // namespace

Result<Value> Evaluator::expand_value(const Value& value, const Value& context) {
  TAKT_ASSIGN(auto expanded, expand_within(*this, value, context, 1));
  if (value_text(expanded).size() > limits::value_bytes)
    return fail(ErrorCode::invalid_input, "the value grows past {} bytes", limits::value_bytes);
  return expanded;
}

}  // namespace takt
