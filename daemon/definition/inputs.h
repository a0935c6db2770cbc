// Declarations of inputs: reading them, and judging values by them.
#pragma once

#include "definition/definition.h"
#include "definition/table_reader.h"

namespace takt {

// [inputs.NAME]. Tells of a default or a choice that does not satisfy the declaration itself.
InputDeclaration parse_input(const std::string& name, TableReader& reader);

// What is wrong with a value, without the input's name: "expected an integer, got "x"".
Status check_input(const InputDeclaration& declaration, const Value& value);

}  // namespace takt
