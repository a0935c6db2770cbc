// JSON values and the arguments of D-Bus messages, both ways, as sd-bus has them.
#pragma once

#include <systemd/sd-bus.h>

#include <string>

#include "base/result.h"
#include "base/value.h"

namespace takt {

// JSON -> D-Bus, as `signature` says (D-Bus Specification, "Type System"): `args` is a list of as many values as it has
// complete types. A whole number does for each kind of integer whose range holds it, and for d; a text for s, o, g; a
// list for an array and a structure; an object for a dictionary, whose keys are read as its key type says; a text for
// `ay`, too. For a variant a value is b, x (t above its range), d, s, av or a{sv}; an object of exactly `signature` and
// `value` says its type itself. Refused (invalid_input, with the argument's number): null, descriptors, and what does
// not fit.
Status write_arguments(sd_bus_message* message, const std::string& signature, const Value& args);

// D-Bus -> JSON: null for no argument, one as itself, several as a list. Variants are what they hold, dictionaries
// objects, whose keys are texts of what they were. `ay` is a text when its bytes are UTF-8 without NUL (but for one at
// the end, which goes), else a list of numbers. Refused: descriptors, numbers that are not finite, nesting deeper than
// limits::value_depth, more than limits::value_bytes as JSON.
Result<Value> read_arguments(sd_bus_message* message);

}  // namespace takt
