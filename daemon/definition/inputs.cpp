#include "definition/inputs.h"

#include <algorithm>

#include "base/limits.h"
#include "definition/pattern.h"
#include "definition/words.h"

namespace takt {
namespace {

constexpr double greatest_bound = 1e300;

// "an integer", …
std::string_view described(InputType type) {
  switch (type) {
    case InputType::string:
      return "a string";
    case InputType::integer:
      return "an integer";
    case InputType::number:
      return "a number";
    case InputType::boolean:
      return "true or false";
    case InputType::array:
      return "an array";
    case InputType::object:
      return "an object";
  }
  return {};
}

bool is_of(InputType type, const Value& value) {
  switch (type) {
    case InputType::string:
      return value.is_string();
    case InputType::integer:
      return value.is_whole();
    case InputType::number:
      return value.is_number();
    case InputType::boolean:
      return value.is_boolean();
    case InputType::array:
      return value.is_array();
    case InputType::object:
      return value.is_object();
  }
  return false;
}

// A value as a message shows it.
std::string shown(const Value& value) {
  auto text = value_text(value);
  constexpr std::size_t most = 60;
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

bool is_measured(InputType type) {
  return type == InputType::string || type == InputType::integer || type == InputType::number ||
         type == InputType::array;
}

// What `min` and `max` bound.
double measure(const Value& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_array()) return static_cast<double>(value.size());
  const auto& text = value.text();
  return static_cast<double>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

Status check_bounds(const InputDeclaration& declaration, const Value& value) {
  if (!is_measured(declaration.type)) return {};
  const double size = measure(value);
  const std::string_view what = value.is_number() ? "" : value.is_array() ? " elements" : " characters";
  if (declaration.min && size < *declaration.min)
    return fail(ErrorCode::invalid_input, "expected at least {}{}, got {}", *declaration.min, what, size);
  if (declaration.max && size > *declaration.max)
    return fail(ErrorCode::invalid_input, "expected at most {}{}, got {}", *declaration.max, what, size);
  return {};
}

// A declaration that contradicts itself is told where it stands.
void check_declaration(const InputDeclaration& declaration, TableReader& reader) {
  if (!is_measured(declaration.type) && (declaration.min || declaration.max))
    reader.error(declaration.min ? "min" : "max", "it goes with a string, an integer, a number or an array");
  if (declaration.min && declaration.max && *declaration.min > *declaration.max)
    reader.error("min", "it is greater than max");
  InputDeclaration bare = declaration;
  bare.choices.clear();
  for (const auto& choice : declaration.choices)
    if (const auto checked = check_input(bare, choice); !checked) reader.error("choices", checked.error().message);
  if (!declaration.fallback) return;
  if (const auto checked = check_input(declaration, *declaration.fallback); !checked)
    reader.error("default", checked.error().message);
}

}  // namespace

InputDeclaration parse_input(const std::string& name, TableReader& reader) {
  InputDeclaration declaration;
  declaration.name = name;
  declaration.type = reader.word("type", input_type_words).value_or(InputType::string);
  declaration.description = reader.any_text("description").value_or("");
  declaration.fallback = reader.value("default");
  declaration.choices = reader.values("choices").value_or(std::vector<Value>{});
  declaration.min = reader.number("min", -greatest_bound, greatest_bound);
  declaration.max = reader.number("max", -greatest_bound, greatest_bound);
  if (reader.has("choices") && declaration.choices.empty()) reader.error("choices", "it allows nothing");
  const auto pattern = reader.text("pattern");
  if (pattern && declaration.type != InputType::string) {
    reader.error("pattern", "it goes with a string");
  } else if (pattern) {
    const auto compiled = Pattern::compile(*pattern);
    if (compiled)
      declaration.pattern = *pattern;
    else
      reader.error("pattern", compiled.error().message);
  }
  reader.finish();
  check_declaration(declaration, reader);
  return declaration;
}

Status check_input(const InputDeclaration& declaration, const Value& value) {
  if (!is_of(declaration.type, value))
    return fail(ErrorCode::invalid_input, "expected {}, got {}", described(declaration.type), shown(value));
  if (!declaration.choices.empty() && std::ranges::find(declaration.choices, value) == declaration.choices.end()) {
    std::string choices;
    for (const auto& choice : declaration.choices)
      choices += fmt::format("{}{}", choices.empty() ? "" : ", ", shown(choice));
    return fail(ErrorCode::invalid_input, "expected one of {}, got {}", choices, shown(value));
  }
  TAKT_TRY(check_bounds(declaration, value));
  if (declaration.pattern.empty()) return {};
  TAKT_ASSIGN(const auto pattern, Pattern::compile(declaration.pattern));
  TAKT_ASSIGN(const bool matches, pattern.matches(value.text()));
  if (!matches)
    return fail(ErrorCode::invalid_input, "expected a text that matches {}, got {}", declaration.pattern, shown(value));
  return {};
}

Result<Value> check_inputs(const ProcessDefinition& definition, const Value& given) {
  if (!given.is_object()) return fail(ErrorCode::invalid_input, "inputs: expected an object, got {}", shown(given));
  std::vector<std::string_view> names;
  for (const auto& declaration : definition.inputs) names.push_back(declaration.name);
  for (const auto& [name, value] : given.items())
    if (std::ranges::find(names, name) == names.end())
      return fail(ErrorCode::invalid_input, "input {}: {} declares no such input{}", shown(name), definition.name,
                  names.empty() ? ", and no other" : suggestion(name, names));
  Value inputs = Value::object();
  for (const auto& declaration : definition.inputs) {
    if (const Value* found = given.member(declaration.name)) {
      if (auto checked = check_input(declaration, *found); !checked)
        return fail(ErrorCode::invalid_input, "input {}: {}", declaration.name, checked.error().message);
      inputs[declaration.name] = *found;
    } else if (declaration.fallback) {
      inputs[declaration.name] = *declaration.fallback;
    } else {
      return fail(ErrorCode::invalid_input, "input {}: it is required ({})", declaration.name,
                  described(declaration.type));
    }
  }
  if (value_text(inputs).size() > limits::value_bytes)
    return fail(ErrorCode::invalid_input, "inputs: more than {} bytes", limits::value_bytes);
  return inputs;
}

}  // namespace takt
