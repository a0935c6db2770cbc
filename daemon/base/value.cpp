#include "base/value.h"

#include <algorithm>

#include "base/limits.h"

namespace takt {

Result<Value> parse_value(std::string_view text) {
  if (text.size() > limits::value_bytes)
    return fail(ErrorCode::invalid_input, "{} bytes of JSON; at most {} are taken", text.size(), limits::value_bytes);
  bool too_deep = false;
  // The library's depth is that of what an array or object stands in, so the outermost has none.
  const auto bounded = [&too_deep](int depth, Value::parse_event_t event, Value&) {
    const bool opens = event == Value::parse_event_t::array_start || event == Value::parse_event_t::object_start;
    too_deep = too_deep || (opens && depth >= limits::value_depth);
    return !too_deep;
  };
  try {
    Value value = Value::parse(text, bounded);
    if (too_deep) return fail(ErrorCode::invalid_input, "JSON nested deeper than {}", limits::value_depth);
    return value;
  } catch (const Value::exception& error) {
    // "[json.exception.parse_error.101] parse error at …": the bracket is the library's, the rest is for people.
    std::string_view what = error.what();
    if (const auto at = what.find("] "); at != std::string_view::npos) what.remove_prefix(at + 2);
    // What was read is quoted last. It may be private where the error is not: where it stands is enough.
    what = what.substr(0, std::min(what.find("; last read: "), what.find(" parsing '")));
    return fail(ErrorCode::invalid_input, "not JSON: {}", what);
  }
}

std::string value_text(const Value& value) {
  return value.dump(-1, ' ', false, Value::error_handler_t::replace);
}

}  // namespace takt
