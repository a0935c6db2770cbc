// Between D-Bus variants and JSON values.
#pragma once

#include <sdbus-c++/Types.h>

#include <map>
#include <string>

#include "base/result.h"
#include "base/value.h"

namespace takt {

using VariantMap = std::map<std::string, sdbus::Variant>;

// b, x (t above it), d, s, av, a{sv}. ErrorCode::invalid_argument for null, which D-Bus cannot say, and for what is
// nested deeper than it takes. `depth` is that of the D-Bus containers around it.
Result<sdbus::Variant> to_variant(const Value& value, int depth = 0);
// The members of an object.
Result<VariantMap> to_variants(const Value& object, int depth = 0);

// Every type that takt's interfaces put into a variant; null for another one.
Value to_value(const sdbus::Variant& variant);

}  // namespace takt
