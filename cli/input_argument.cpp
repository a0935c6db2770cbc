#include "cli/input_argument.h"

#include <utility>

namespace takt {
namespace {

Result<std::pair<std::string, std::string>> split(const std::string& argument, std::string_view option) {
  const std::size_t equals = argument.find('=');
  if (equals == std::string::npos || equals == 0) {
    return fail(ErrorCode::invalid_argument, "{}{}: write NAME=VALUE", option, argument);
  }
  return std::pair(argument.substr(0, equals), argument.substr(equals + 1));
}

Status add(Value& inputs, const std::string& name, Value value) {
  if (inputs.contains(name)) return fail(ErrorCode::invalid_argument, "{} is given twice", name);
  inputs[name] = std::move(value);
  return {};
}

}  // namespace

Value input_value(std::string_view text) {
  Result<Value> value = parse_value(text);
  if (!value || value->is_null()) return std::string(text);
  return *std::move(value);
}

Result<Value> parse_inputs(const std::vector<std::string>& typed, const std::vector<std::string>& strings) {
  Value inputs = Value::object();
  for (const std::string& argument : typed) {
    TAKT_ASSIGN(const auto input, split(argument, "--input "));
    TAKT_TRY(add(inputs, input.first, input_value(input.second)));
  }
  for (const std::string& argument : strings) {
    TAKT_ASSIGN(const auto input, split(argument, "--input-string "));
    TAKT_TRY(add(inputs, input.first, input.second));
  }
  return inputs;
}

Result<Value> parse_payload(const std::string& json, const std::vector<std::string>& members) {
  Value payload = Value::object();
  if (!json.empty()) {
    Result<Value> whole = parse_value(json);
    if (!whole) return tl::unexpected(Error{ErrorCode::invalid_argument, "--payload: " + whole.error().message});
    if (!whole->is_object()) return fail(ErrorCode::invalid_argument, "--payload: write an object, {{\"key\": value}}");
    payload = *std::move(whole);
  }
  for (const std::string& argument : members) {
    TAKT_ASSIGN(const auto member, split(argument, ""));
    TAKT_TRY(add(payload, member.first, input_value(member.second)));
  }
  return payload;
}

}  // namespace takt
