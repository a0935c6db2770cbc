#include "loop/bus_arguments.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/text.h"

namespace takt {

namespace {

constexpr std::size_t shown_bytes = 60;       // of a value that is refused
constexpr std::size_t signature_bytes = 255;  // D-Bus Specification, "Valid Signatures"

// What sd-bus says of one of its functions: a negative errno, or good.
Status good(int r, std::string_view what) {
  if (r >= 0) return {};
  return fail(ErrorCode::invalid_input, "{}: {}", what, errno_text(-r));
}

auto misfit(const Value& value, std::string_view type) {
  return fail(ErrorCode::invalid_input, "{} is not of type '{}'", beginning(value_text(value), shown_bytes), type);
}

// ---- JSON -> D-Bus

Status write(sd_bus_message* message, std::string_view type, const Value& value, int depth);

// The length of the complete type that the signature begins with; 0: there is none. What is within brackets is looked
// at when it is written.
std::size_t type_length(std::string_view signature) {
  const std::size_t begin = signature.find_first_not_of('a');
  if (begin == std::string_view::npos) return 0;
  int open = 0;
  for (std::size_t i = begin; i < signature.size(); ++i) {
    if (signature[i] == '(' || signature[i] == '{') ++open;
    if (signature[i] == ')' || signature[i] == '}') --open;
    if (open == 0) return i + 1;
  }
  return 0;
}

template <class T>
Status write_integer(sd_bus_message* message, char type, const Value& value) {
  std::optional<T> number;
  if (value.is_unsigned()) {
    if (std::in_range<T>(value.get<std::uint64_t>())) number = static_cast<T>(value.get<std::uint64_t>());
  } else if (value.is_whole()) {
    if (std::in_range<T>(value.get<std::int64_t>())) number = static_cast<T>(value.get<std::int64_t>());
  } else if (value.kind() == Value::Kind::number) {  // 4 / 2 is 2.0 in an expression
    const double real = value.get<double>();
    constexpr double end = 9007199254740992.0;  // 2^53: whole numbers are exact up to there
    if (std::trunc(real) == real && std::abs(real) <= end && std::in_range<T>(static_cast<std::int64_t>(real)))
      number = static_cast<T>(real);
  }
  if (!number)
    return fail(ErrorCode::invalid_input, "{} is not a whole number from {} to {} (type '{}')",
                beginning(value_text(value), shown_bytes), std::numeric_limits<T>::min(), std::numeric_limits<T>::max(),
                type);
  return good(sd_bus_message_append_basic(message, type, &*number), "append");
}

Status write_text(sd_bus_message* message, char type, const Value& value) {
  if (!value.is_string()) return misfit(value, {&type, 1});
  const auto& text = value.text();
  // sd-bus looks at what it is given up to the first NUL, and refuses what is not UTF-8, a path or a signature.
  if (text.find('\0') != std::string::npos) return fail(ErrorCode::invalid_input, "a text holds a NUL");
  if (sd_bus_message_append_basic(message, type, text.c_str()) < 0) return misfit(value, {&type, 1});
  return {};
}

// The key of a dictionary, which JSON has as a text.
Status write_key(sd_bus_message* message, std::string_view type, const std::string& key) {
  if (type == "s" || type == "o" || type == "g") return write(message, type, key, 0);
  const std::optional<Value> number = Value::try_parse(key);
  return number ? write(message, type, *number, 0) : misfit(key, type);
}

Status write_dictionary(sd_bus_message* message, std::string_view entry, const Value& value, int depth) {
  if (!value.is_object()) return misfit(value, fmt::format("a{{{}}}", entry));
  const std::string contents(entry);
  TAKT_TRY(good(sd_bus_message_open_container(message, 'a', ("{" + contents + "}").c_str()), "dictionary"));
  for (const auto& [key, item] : value.items()) {
    TAKT_TRY(good(sd_bus_message_open_container(message, 'e', contents.c_str()), "dictionary"));
    TAKT_TRY(write_key(message, entry.substr(0, 1), key));
    TAKT_TRY(write(message, entry.substr(1), item, depth));
    TAKT_TRY(good(sd_bus_message_close_container(message), "dictionary"));
  }
  return good(sd_bus_message_close_container(message), "dictionary");
}

Status write_array(sd_bus_message* message, std::string_view type, const Value& value, int depth) {
  const std::string_view item_type = type.substr(1);
  if (item_type.starts_with('{'))
    return write_dictionary(message, item_type.substr(1, item_type.size() - 2), value, depth);
  if (item_type == "y" && value.is_string()) {
    const auto& bytes = value.text();
    return good(sd_bus_message_append_array(message, 'y', bytes.data(), bytes.size()), "append");
  }
  if (!value.is_array()) return misfit(value, type);
  TAKT_TRY(good(sd_bus_message_open_container(message, 'a', std::string(item_type).c_str()), "array"));
  for (const Value& item : value) TAKT_TRY(write(message, item_type, item, depth));
  return good(sd_bus_message_close_container(message), "array");
}

// A list of values, each of the next complete type.
Status write_sequence(sd_bus_message* message, std::string_view types, const Value& values, int depth) {
  for (const Value& value : values) {
    const std::size_t length = type_length(types);
    if (length == 0) return fail(ErrorCode::invalid_input, "there are more values than types");
    TAKT_TRY(write(message, types.substr(0, length), value, depth));
    types.remove_prefix(length);
  }
  if (!types.empty()) return fail(ErrorCode::invalid_input, "there is no value for '{}'", types);
  return {};
}

Status write_structure(sd_bus_message* message, std::string_view type, const Value& value, int depth) {
  if (!value.is_array()) return misfit(value, type);
  const std::string_view types = type.substr(1, type.size() - 2);
  TAKT_TRY(good(sd_bus_message_open_container(message, 'r', std::string(types).c_str()), "structure"));
  TAKT_TRY(write_sequence(message, types, value, depth));
  return good(sd_bus_message_close_container(message), "structure");
}

Result<std::string> natural_type(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::boolean:
      return "b";
    case Value::Kind::integer:
      return "x";
    case Value::Kind::unsigned_integer:
      return std::in_range<std::int64_t>(value.get<std::uint64_t>()) ? "x" : "t";
    case Value::Kind::number:
      return "d";
    case Value::Kind::string:
      return "s";
    case Value::Kind::array:
      return "av";
    case Value::Kind::object:
      return "a{sv}";
    case Value::Kind::null:
      break;
  }
  return fail(ErrorCode::invalid_input, "{} has no counterpart in D-Bus", value.kind_name());
}

Status write_variant(sd_bus_message* message, const Value& value, int depth) {
  if (value.is_object() && value.size() == 2 && value.contains("value") && value.contains("signature") &&
      value["signature"].is_string()) {
    const auto& type = value["signature"].text();
    if (type.empty() || type_length(type) != type.size())
      return fail(ErrorCode::invalid_input, "'{}' is not the signature of one value", beginning(type, shown_bytes));
    TAKT_TRY(good(sd_bus_message_open_container(message, 'v', type.c_str()), "signature '" + type + "'"));
    TAKT_TRY(write(message, type, value["value"], depth));
  } else {
    TAKT_ASSIGN(const std::string type, natural_type(value));
    TAKT_TRY(good(sd_bus_message_open_container(message, 'v', type.c_str()), "variant"));
    TAKT_TRY(write(message, type, value, depth));
  }
  return good(sd_bus_message_close_container(message), "variant");
}

// One value of one complete type. `depth` counts the containers around it.
Status write(sd_bus_message* message, std::string_view type, const Value& value, int depth) {
  if (depth > limits::value_depth) return fail(ErrorCode::invalid_input, "nested deeper than {}", limits::value_depth);
  switch (type.empty() ? '\0' : type[0]) {
    case 'b': {
      if (!value.is_boolean()) return misfit(value, type);
      const int truth = value.get<bool>() ? 1 : 0;
      return good(sd_bus_message_append_basic(message, 'b', &truth), "append");
    }
    case 'y':
      return write_integer<std::uint8_t>(message, 'y', value);
    case 'n':
      return write_integer<std::int16_t>(message, 'n', value);
    case 'q':
      return write_integer<std::uint16_t>(message, 'q', value);
    case 'i':
      return write_integer<std::int32_t>(message, 'i', value);
    case 'u':
      return write_integer<std::uint32_t>(message, 'u', value);
    case 'x':
      return write_integer<std::int64_t>(message, 'x', value);
    case 't':
      return write_integer<std::uint64_t>(message, 't', value);
    case 'd': {
      if (!value.is_number()) return misfit(value, type);
      const auto real = value.get<double>();
      return good(sd_bus_message_append_basic(message, 'd', &real), "append");
    }
    case 's':
    case 'o':
    case 'g':
      return write_text(message, type[0], value);
    case 'a':
      return write_array(message, type, value, depth + 1);
    case '(':
      return write_structure(message, type, value, depth + 1);
    case 'v':
      return write_variant(message, value, depth + 1);
    case 'h':
      return fail(ErrorCode::invalid_input, "a descriptor cannot be given (type 'h')");
    default:
      return fail(ErrorCode::invalid_input, "'{}' is no type of D-Bus", type);
  }
}

// ---- D-Bus -> JSON

Result<Value> read(sd_bus_message* message, int depth);

template <class T>
Result<Value> read_basic(sd_bus_message* message, char type) {
  T item{};
  TAKT_TRY(good(sd_bus_message_read_basic(message, type, &item), "read"));
  return Value(item);
}

Result<bool> at_end(sd_bus_message* message) {
  const int r = sd_bus_message_at_end(message, 0);
  TAKT_TRY(good(r, "read"));
  return r > 0;
}

Result<Value> read_bytes(sd_bus_message* message) {
  const void* data = nullptr;
  std::size_t size = 0;
  TAKT_TRY(good(sd_bus_message_read_array(message, 'y', &data, &size), "read"));
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  std::string text(bytes, bytes + size);
  if (text.ends_with('\0')) text.pop_back();  // of a file's name, as GLib sends it
  if (text.find('\0') == std::string::npos && is_utf8(text)) return Value(std::move(text));
  return Value(Value::Array(bytes, bytes + size));
}

Result<Value> read_items(sd_bus_message* message, int depth) {
  Value items = Value::array();
  while (true) {
    TAKT_ASSIGN(const bool end, at_end(message));
    if (end) return items;
    TAKT_ASSIGN(Value item, read(message, depth));
    items.push_back(std::move(item));
  }
}

Result<Value> read_entries(sd_bus_message* message, const std::string& entry, int depth) {
  Value object = Value::object();
  while (true) {
    TAKT_ASSIGN(const bool end, at_end(message));
    if (end) return object;
    TAKT_TRY(good(sd_bus_message_enter_container(message, 'e', entry.c_str()), "read"));
    TAKT_ASSIGN(const Value key, read(message, depth));
    TAKT_ASSIGN(object[key.is_string() ? key.get<std::string>() : value_text(key)], read(message, depth));
    TAKT_TRY(good(sd_bus_message_exit_container(message), "read"));
  }
}

Result<Value> read_container(sd_bus_message* message, char type, const std::string& contents, int depth) {
  if (depth > limits::value_depth) return fail(ErrorCode::invalid_input, "nested deeper than {}", limits::value_depth);
  if (type == 'a' && contents == "y") return read_bytes(message);
  TAKT_TRY(good(sd_bus_message_enter_container(message, type, contents.c_str()), "read"));
  Result<Value> value = type == 'v' ? read(message, depth)
                        : type == 'a' && contents.starts_with('{')
                            ? read_entries(message, contents.substr(1, contents.size() - 2), depth)
                            : read_items(message, depth);
  if (value) TAKT_TRY(good(sd_bus_message_exit_container(message), "read"));
  return value;
}

// One complete value, from where the message stands. `depth` counts the containers around it.
Result<Value> read(sd_bus_message* message, int depth) {
  char type = 0;
  const char* contents = nullptr;
  TAKT_TRY(good(sd_bus_message_peek_type(message, &type, &contents), "read"));
  switch (type) {
    case 'b': {
      int truth = 0;
      TAKT_TRY(good(sd_bus_message_read_basic(message, 'b', &truth), "read"));
      return Value(truth != 0);
    }
    case 'y':
      return read_basic<std::uint8_t>(message, type);
    case 'n':
      return read_basic<std::int16_t>(message, type);
    case 'q':
      return read_basic<std::uint16_t>(message, type);
    case 'i':
      return read_basic<std::int32_t>(message, type);
    case 'u':
      return read_basic<std::uint32_t>(message, type);
    case 'x':
      return read_basic<std::int64_t>(message, type);
    case 't':
      return read_basic<std::uint64_t>(message, type);
    case 's':
    case 'o':
    case 'g':
      return read_basic<const char*>(message, type);
    case 'd': {
      TAKT_ASSIGN(Value real, read_basic<double>(message, type));
      if (!std::isfinite(real.get<double>()))
        return fail(ErrorCode::invalid_input, "a number is not finite; JSON has none such");
      return real;
    }
    case 'a':
    case 'r':
    case 'v':
      return read_container(message, type, contents, depth + 1);
    default:
      return fail(ErrorCode::invalid_input, "a value of type '{}' cannot be taken", type);
  }
}

}  // namespace

Status write_arguments(sd_bus_message* message, const std::string& signature, const Value& args) {
  if (signature.size() > signature_bytes)
    return fail(ErrorCode::invalid_input, "the signature is longer than {} bytes", signature_bytes);
  if (!args.is_array()) return fail(ErrorCode::invalid_input, "the arguments are not a list");
  std::string_view types = signature;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::size_t length = type_length(types);
    if (length == 0)
      return fail(ErrorCode::invalid_input, "there are {} arguments; the signature '{}' has types for {}", args.size(),
                  signature, i);
    if (Status written = write(message, types.substr(0, length), args[i], 0); !written)
      return tl::unexpected<Error>(std::move(written).error().in(fmt::format("argument {}", i + 1)));
    types.remove_prefix(length);
  }
  if (!types.empty())
    return fail(ErrorCode::invalid_input, "there are {} arguments; the signature '{}' wants more: '{}'", args.size(),
                signature, types);
  return {};
}

Result<Value> read_arguments(sd_bus_message* message) {
  Result<Value> list = read_items(message, 0);
  if (!list) return tl::unexpected<Error>(std::move(list).error().in("the reply"));
  Value value = list->empty() ? Value() : list->size() == 1 ? std::move(*list->begin()) : std::move(*list);
  if (const std::size_t size = value_text(value).size(); size > limits::value_bytes)
    return fail(ErrorCode::limit_exceeded, "the reply is {} bytes as JSON; at most {} are taken", size,
                limits::value_bytes);
  return value;
}

}  // namespace takt
