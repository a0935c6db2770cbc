#include "cli/bus_values.h"

#include <cstdint>
#include <tuple>
#include <vector>

namespace takt {
namespace {

template <class T>
bool take(const sdbus::Variant& variant, Value& value) {
  if (!variant.containsValueOfType<T>()) return false;
  value = variant.get<T>();
  return true;
}

template <>
bool take<std::vector<std::uint64_t>>(const sdbus::Variant& variant, Value& value) {
  if (!variant.containsValueOfType<std::vector<std::uint64_t>>()) return false;
  const auto numbers = variant.get<std::vector<std::uint64_t>>();
  value = Value::Array(numbers.begin(), numbers.end());
  return true;
}

template <>
bool take<std::map<std::string, std::uint64_t>>(const sdbus::Variant& variant, Value& value) {
  if (!variant.containsValueOfType<std::map<std::string, std::uint64_t>>()) return false;
  const auto numbers = variant.get<std::map<std::string, std::uint64_t>>();
  value = Value::Object(numbers.begin(), numbers.end());
  return true;
}

// D-Bus Specification, "Valid Signatures" and "Message Protocol": 32 arrays, and 64 containers in all. An array is one,
// an object is one of pairs, and each member stands in a variant.
constexpr int most_containers = 60;  // some are around the arguments
constexpr int array_containers = 2;
constexpr int object_containers = 3;

Value object_of(const VariantMap& variants) {
  Value object = Value::object();
  for (const auto& [key, variant] : variants) object[key] = to_value(variant);
  return object;
}

}  // namespace

Result<sdbus::Variant> to_variant(const Value& value, int depth) {
  if (depth > most_containers) return fail(ErrorCode::invalid_argument, "it is nested deeper than D-Bus takes");
  switch (value.kind()) {
    case Value::Kind::boolean:
      return sdbus::Variant(value.get<bool>());
    case Value::Kind::integer:
      return sdbus::Variant(value.get<std::int64_t>());
    case Value::Kind::unsigned_integer: {
      const auto number = value.get<std::uint64_t>();
      if (number > INT64_MAX) return sdbus::Variant(number);
      return sdbus::Variant(static_cast<std::int64_t>(number));
    }
    case Value::Kind::number:
      return sdbus::Variant(value.get<double>());
    case Value::Kind::string:
      return sdbus::Variant(value.get<std::string>());
    case Value::Kind::array: {
      std::vector<sdbus::Variant> items;
      for (const Value& item : value) {
        TAKT_ASSIGN(sdbus::Variant variant, to_variant(item, depth + array_containers));
        items.push_back(std::move(variant));
      }
      return sdbus::Variant(items);
    }
    case Value::Kind::object: {
      TAKT_ASSIGN(const VariantMap members, to_variants(value, depth));
      return sdbus::Variant(members);
    }
    case Value::Kind::null:
      break;
  }
  return fail(ErrorCode::invalid_argument, "null cannot be sent over D-Bus: leave it out");
}

Result<VariantMap> to_variants(const Value& object, int depth) {
  VariantMap variants;
  for (const auto& [key, value] : object.items()) {
    auto variant = to_variant(value, depth + object_containers);
    if (!variant) return tl::unexpected(std::move(variant).error().in(key));
    variants.emplace(key, *std::move(variant));
  }
  return variants;
}

Value to_value(const sdbus::Variant& variant) {
  Value value;
  if (variant.isEmpty() || take<std::string>(variant, value) || take<bool>(variant, value) ||
      take<std::uint64_t>(variant, value) || take<std::int64_t>(variant, value) ||
      take<std::uint32_t>(variant, value) || take<std::int32_t>(variant, value) || take<double>(variant, value) ||
      take<std::vector<std::string>>(variant, value) || take<std::vector<std::uint64_t>>(variant, value) ||
      take<std::map<std::string, std::uint64_t>>(variant, value)) {
    return value;
  }
  using Three = sdbus::Struct<std::uint32_t, std::uint32_t, std::uint32_t>;
  if (variant.containsValueOfType<Three>()) {
    const auto [first, second, third] =
        static_cast<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>>(variant.get<Three>());
    return Value::array({first, second, third});
  }
  if (variant.containsValueOfType<VariantMap>()) return object_of(variant.get<VariantMap>());
  if (variant.containsValueOfType<std::vector<VariantMap>>()) {
    value = Value::array();
    for (const VariantMap& item : variant.get<std::vector<VariantMap>>()) value.push_back(object_of(item));
  } else if (variant.containsValueOfType<std::vector<sdbus::Variant>>()) {
    value = Value::array();
    for (const sdbus::Variant& item : variant.get<std::vector<sdbus::Variant>>()) value.push_back(to_value(item));
  }
  return value;
}

}  // namespace takt
