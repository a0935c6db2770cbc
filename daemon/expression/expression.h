// Expressions: bounded Lua 5.4 expressions over a read-only context, and texts with ${…} in them.
//
// The context is one JSON object; its members (inputs, env, trigger, execution, steps, item, index) are the names an
// expression sees, besides a few pure functions. No statement, no library, no global, nothing that lasts: the same
// expression over the same context gives the same value. What a member lacks is nil, so `env.HOUR or 7` reads well.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"
#include "expression/limits.h"

namespace takt {

// What one evaluation may cost.
struct EvaluationBounds {
  int instructions = limits::expression_instructions;
  std::size_t memory = limits::expression_memory;
};

// Owns one Lua state. Each evaluation is bounded in instructions and memory.
class Evaluator {
 public:
  explicit Evaluator(EvaluationBounds bounds = {});
  ~Evaluator();
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  // Whether an expression, or a text with ${…}, could be evaluated at all: its syntax. The error says where and why.
  Status check(std::string_view expression);
  Status check_text(std::string_view text);

  // The value of an expression. ErrorCode::invalid_input with the expression and the reason.
  Result<Value> evaluate(std::string_view expression, const Value& context);
  // The truth of an expression, as Lua has it: false and nil are false, all else is true.
  Result<bool> test(std::string_view expression, const Value& context);
  // The text with every ${…} replaced by its value: strings as they are, numbers and booleans as JSON writes them,
  // arrays and objects as compact JSON; nil is an error. "$${" stands for "${".
  Result<std::string> expand(std::string_view text, const Value& context);
  // Like expand, but a text that is one ${…} and nothing else keeps its value's type; strings inside arrays and objects
  // are expanded too.
  Result<Value> expand_value(const Value& value, const Value& context);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace takt
