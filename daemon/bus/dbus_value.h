// D-Bus values and JSON values, both ways.
#pragma once

#include <sdbus-c++/Types.h>

#include <map>
#include <string>

#include "base/result.h"
#include "base/value.h"

namespace takt {

using Dict = std::map<std::string, sdbus::Variant>;  // a{sv}

// D-Bus -> JSON. Numbers of all widths, booleans, texts (s, o, g), arrays and structures, dictionaries with texts for
// keys, variants within each. Refused, ErrorCode::invalid_input: a descriptor, a number that is not finite, other keys,
// nesting deeper than limits::value_depth.
Result<Value> value_from_variant(const sdbus::Variant& variant);
// An object of each key's value. Also refused: more than limits::value_bytes as JSON text. An error names the key.
Result<Value> value_from_dict(const Dict& dict);

// JSON -> D-Bus: b, x (t above its range), d, s, av, a{sv}. Refused, ErrorCode::invalid_input: null, which D-Bus has
// not, a number that is not finite, nesting deeper than D-Bus or limits::value_depth allow.
Result<sdbus::Variant> variant_from_value(const Value& value);

}  // namespace takt
