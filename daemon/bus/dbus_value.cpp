#include "bus/dbus_value.h"

#include <sdbus-c++/Message.h>

#include <cmath>
#include <vector>

#include "base/limits.h"
#include "bus/dbus_text.h"

// A message without a connection. The library exports it; the headers of its 1.x do not show it.
namespace sdbus {
PlainMessage createPlainMessage();
}

namespace takt {

namespace {

Result<Value> read(sdbus::Message& message, int depth);

template <class T>
T read_basic(sdbus::Message& message) {
  T item{};
  message >> item;
  return item;
}

bool at_end(const sdbus::Message& message) {
  std::string type;
  std::string contents;
  message.peekType(type, contents);
  return type[0] == '\0';
}

Result<Value> read_dictionary(sdbus::Message& message, const std::string& entry, int depth) {
  if (entry[0] != 's' && entry[0] != 'o' && entry[0] != 'g')
    return fail(ErrorCode::invalid_input, "a dictionary has keys of type '{}'; they must be strings", entry[0]);
  Value object = Value::object();
  message.enterContainer("{" + entry + "}");
  while (!at_end(message)) {
    message.enterDictEntry(entry);
    TAKT_ASSIGN(const Value key, read(message, depth));
    TAKT_ASSIGN(object[key.get<std::string>()], read(message, depth));
    message.exitDictEntry();
  }
  message.exitContainer();
  return object;
}

Result<Value> read_items(sdbus::Message& message, int depth) {
  Value array = Value::array();
  while (!at_end(message)) {
    TAKT_ASSIGN(Value item, read(message, depth));
    array.push_back(std::move(item));
  }
  return array;
}

Result<Value> read_container(sdbus::Message& message, char type, const std::string& contents, int depth) {
  if (depth > limits::value_depth) return fail(ErrorCode::invalid_input, "nested deeper than {}", limits::value_depth);
  if (type == 'a' && contents.starts_with('{'))
    return read_dictionary(message, contents.substr(1, contents.size() - 2), depth);
  if (type == 'a') {
    message.enterContainer(contents);
    TAKT_ASSIGN(Value array, read_items(message, depth));
    message.exitContainer();
    return array;
  }
  if (type == 'r') {
    message.enterStruct(contents);
    TAKT_ASSIGN(Value array, read_items(message, depth));
    message.exitStruct();
    return array;
  }
  message.enterVariant(contents);
  TAKT_ASSIGN(Value value, read(message, depth));
  message.exitVariant();
  return value;
}

// One complete value, from where the message stands. `depth` counts the containers around it.
Result<Value> read(sdbus::Message& message, int depth) {
  std::string type;
  std::string contents;
  message.peekType(type, contents);
  switch (type[0]) {
    case 'b':
      return Value(read_basic<bool>(message));
    case 'y':
      return Value(read_basic<std::uint8_t>(message));
    case 'n':
      return Value(read_basic<std::int16_t>(message));
    case 'q':
      return Value(read_basic<std::uint16_t>(message));
    case 'i':
      return Value(read_basic<std::int32_t>(message));
    case 'u':
      return Value(read_basic<std::uint32_t>(message));
    case 'x':
      return Value(read_basic<std::int64_t>(message));
    case 't':
      return Value(read_basic<std::uint64_t>(message));
    case 's':
      return Value(read_basic<std::string>(message));
    case 'o':
      return Value(static_cast<const std::string&>(read_basic<sdbus::ObjectPath>(message)));
    case 'g':
      return Value(static_cast<const std::string&>(read_basic<sdbus::Signature>(message)));
    case 'd': {
      const auto number = read_basic<double>(message);
      if (!std::isfinite(number)) return fail(ErrorCode::invalid_input, "a number is not finite; JSON has none such");
      return Value(number);
    }
    case 'a':
    case 'r':
    case 'v':
      return read_container(message, type[0], contents, depth + 1);
    default:
      return fail(ErrorCode::invalid_input, "a value of type '{}' cannot be taken", type[0]);
  }
}

Result<sdbus::Variant> write(const Value& value, int depth) {
  if (depth > limits::value_depth) return fail(ErrorCode::invalid_input, "nested deeper than {}", limits::value_depth);
  switch (value.kind()) {
    case Value::Kind::boolean:
      return sdbus::Variant(value.get<bool>());
    case Value::Kind::integer:
      return sdbus::Variant(value.get<std::int64_t>());
    case Value::Kind::unsigned_integer: {
      const auto number = value.get<std::uint64_t>();
      if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return sdbus::Variant(number);
      return sdbus::Variant(static_cast<std::int64_t>(number));
    }
    case Value::Kind::number:
      if (!std::isfinite(value.get<double>())) return fail(ErrorCode::invalid_input, "a number is not finite");
      return sdbus::Variant(value.get<double>());
    case Value::Kind::string:
      return sdbus::Variant(dbus_text(value.text()));
    case Value::Kind::array: {
      std::vector<sdbus::Variant> array;
      for (const Value& item : value) {
        TAKT_ASSIGN(sdbus::Variant variant, write(item, depth + 1));
        array.push_back(std::move(variant));
      }
      return sdbus::Variant(array);
    }
    case Value::Kind::object: {
      Dict dict;
      for (const auto& [key, item] : value.items()) {
        TAKT_ASSIGN(sdbus::Variant variant, write(item, depth + 1));
        dict.emplace(dbus_text(key), std::move(variant));
      }
      return sdbus::Variant(dict);
    }
    case Value::Kind::null:
      break;
  }
  return fail(ErrorCode::invalid_input, "{} has no counterpart in D-Bus", value.kind_name());
}

}  // namespace

Result<Value> value_from_variant(const sdbus::Variant& variant) try {
  sdbus::PlainMessage message = sdbus::createPlainMessage();
  variant.serializeTo(message);
  message.seal();
  message.rewind(true);
  std::string type;
  std::string contents;
  message.peekType(type, contents);
  message.enterVariant(contents);
  return read(message, 0);
} catch (const sdbus::Error& error) {
  return fail(ErrorCode::invalid_input, "not a value: {}", error.getMessage());
}

Result<Value> value_from_dict(const Dict& dict) {
  Value object = Value::object();
  for (const auto& [key, variant] : dict) {
    Result<Value> value = value_from_variant(variant);
    if (!value) return tl::unexpected<Error>(std::move(value).error().in(key));
    object[key] = std::move(*value);
  }
  if (const std::size_t size = value_text(object).size(); size > limits::value_bytes)
    return fail(ErrorCode::invalid_input, "{} bytes as JSON; at most {} are taken", size, limits::value_bytes);
  return object;
}

Result<sdbus::Variant> variant_from_value(const Value& value) try {
  return write(value, 0);
} catch (const sdbus::Error&) {  // D-Bus nests less deep than JSON may
  return fail(ErrorCode::invalid_input, "nested deeper than D-Bus allows");
}

}  // namespace takt
