// JSON values: inputs, results, contexts. What comes from outside goes through parse_value, which bounds it.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"

namespace takt {

// A JSON value. nlohmann::json reads and writes the text, in value.cpp alone: that library takes a compiler five
// seconds in each file that sees it, and every file of the project sees a Value.
//
// A Value owns all that is in it; a copy is a deep copy. A function that asks for another kind than the value has
// throws std::logic_error: a request that fails so ends at the doorstep of its call, and not with the daemon.
class Value {
 public:
  using Array = std::vector<Value>;
  using Object = std::map<std::string, Value, std::less<>>;  // in the order of the keys' bytes
  // Whole numbers have two kinds, for what fits only into one of them. Numbers of all three are equal by their value.
  enum class Kind : std::uint8_t { null, boolean, integer, unsigned_integer, number, string, array, object };

  // NOLINTBEGIN(google-explicit-constructor): as JSON is written
  Value() noexcept = default;
  Value(std::nullptr_t) noexcept {}
  template <std::same_as<bool> T>  // and no pointer
  Value(T truth) noexcept : kind_(Kind::boolean) {
    held_.boolean = truth;
  }
  template <std::integral T>
  requires(!std::same_as<T, bool>) Value(T whole)
  noexcept {
    if constexpr (std::is_signed_v<T>) {
      kind_ = Kind::integer;
      held_.integer = whole;
    } else {
      kind_ = Kind::unsigned_integer;
      held_.unsigned_integer = whole;
    }
  }
  Value(double number) noexcept : kind_(Kind::number) { held_.number = number; }
  Value(std::string text);
  Value(std::string_view text);
  Value(const char* text);
  Value(const std::vector<std::string>& texts);
  Value(Array elements);
  Value(Object members);
  // NOLINTEND(google-explicit-constructor)
  // {{"a", 1}, {"b", 2}} is an object, for all are pairs that begin with a text; {1, 2} is an array. An array of one is
  // written array({x}): where x is a Value, compilers differ over {x} (CWG 2137).
  Value(std::initializer_list<Value> elements);
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();

  // Empty ones, or with these elements.
  static Value array();
  static Value array(std::initializer_list<Value> elements);
  static Value object();

  // JSON text -> Value, for a text of the program's own: anything else throws.
  static Value parse(std::string_view text);
  // The same for a text of unknown origin and known length: nothing when it is not JSON, or nested deeper than 1,000.
  static std::optional<Value> try_parse(std::string_view text);

  [[nodiscard]] Kind kind() const { return kind_; }
  // "null", "boolean", "number", "string", "array", "object"
  [[nodiscard]] const char* kind_name() const;
  [[nodiscard]] bool is_null() const { return kind_ == Kind::null; }
  [[nodiscard]] bool is_boolean() const { return kind_ == Kind::boolean; }
  [[nodiscard]] bool is_whole() const { return kind_ == Kind::integer || kind_ == Kind::unsigned_integer; }
  [[nodiscard]] bool is_unsigned() const { return kind_ == Kind::unsigned_integer; }
  [[nodiscard]] bool is_number() const { return is_whole() || kind_ == Kind::number; }
  [[nodiscard]] bool is_string() const { return kind_ == Kind::string; }
  [[nodiscard]] bool is_array() const { return kind_ == Kind::array; }
  [[nodiscard]] bool is_object() const { return kind_ == Kind::object; }

  // A copy of what is held, as a bool, a number (converted as static_cast does), a std::string, a
  // std::vector<std::string> or an Array.
  template <class T>
  [[nodiscard]] T get() const {
    if constexpr (std::is_same_v<T, bool>) {
      return truth();
    } else if constexpr (std::is_floating_point_v<T>) {
      return static_cast<T>(number());
    } else if constexpr (std::is_integral_v<T>) {
      return kind_ == Kind::integer ? static_cast<T>(held_.integer) : static_cast<T>(unsigned_or_number());
    } else if constexpr (std::is_same_v<T, std::string>) {
      return text();
    } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
      return texts();
    } else {
      static_assert(std::is_same_v<T, Array>, "no value is held as this type");
      return elements();
    }
  }
  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] const Array& elements() const;  // none of null
  // The members of an object, none of null: for (const auto& [key, member] : value.items()).
  [[nodiscard]] const Object& items() const;
  [[nodiscard]] Object& items();

  // The elements of an array; null has none.
  [[nodiscard]] const Value* begin() const;
  [[nodiscard]] const Value* end() const;
  [[nodiscard]] Value* begin();
  [[nodiscard]] Value* end();

  // The elements of an array or the members of an object; anything else has none.
  [[nodiscard]] std::vector<const Value*> children() const;
  // Elements or members; none of null, one of anything else.
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }

  // A null pointer when there is no such member, or this is no object.
  [[nodiscard]] const Value* member(std::string_view key) const;
  [[nodiscard]] Value* member(std::string_view key);
  [[nodiscard]] bool contains(std::string_view key) const { return member(key) != nullptr; }
  // The member, or `fallback` when there is none.
  template <class T>
  [[nodiscard]] T value(std::string_view key, T fallback) const {
    const Value* found = member(key);
    if (found == nullptr) return fallback;
    if constexpr (std::is_same_v<T, Value>) {
      return *found;
    } else {
      return found->get<T>();
    }
  }
  // A member that must be there; the other operator adds it as null, and turns null into an object.
  const Value& operator[](std::string_view key) const;
  Value& operator[](std::string_view key);
  [[nodiscard]] const Value& at(std::string_view key) const { return (*this)[key]; }
  template <std::integral Index>
  const Value& operator[](Index index) const {
    return element(static_cast<std::size_t>(index));
  }
  template <std::integral Index>
  Value& operator[](Index index) {
    return const_cast<Value&>(element(static_cast<std::size_t>(index)));
  }
  template <std::integral Index>
  [[nodiscard]] const Value& at(Index index) const {
    return element(static_cast<std::size_t>(index));
  }
  [[nodiscard]] const Value& front() const { return element(0); }
  [[nodiscard]] const Value& back() const { return element(size() - 1); }
  [[nodiscard]] Value& back() { return (*this)[size() - 1]; }

  // Null becomes an array by them.
  void push_back(Value element);
  void emplace_back(Value element) { push_back(std::move(element)); }
  void erase(std::string_view key);
  // Adds the members of `other`, in place of those of the same names.
  void update(const Value& other);

  friend bool operator==(const Value& left, const Value& right);

 private:
  union Held {
    bool boolean;
    std::int64_t integer = 0;
    std::uint64_t unsigned_integer;
    double number;
    std::string* string;
    Array* array;
    Object* object;
  };

  [[nodiscard]] bool truth() const;
  [[nodiscard]] double number() const;
  [[nodiscard]] std::uint64_t unsigned_or_number() const;
  [[nodiscard]] std::vector<std::string> texts() const;
  [[nodiscard]] const Value& element(std::size_t index) const;
  void expect(Kind kind, const char* name) const;

  Kind kind_ = Kind::null;
  Held held_;
};

// Compact JSON, for the messages of tests.
std::ostream& operator<<(std::ostream& stream, const Value& value);

// JSON text -> Value. Refuses more than limits::value_bytes of text and nesting deeper than limits::value_depth.
// The error says at which byte and what was expected; ErrorCode::invalid_input.
Result<Value> parse_value(std::string_view text);

// Value -> compact JSON text; bytes that are not UTF-8 become U+FFFD, so it never fails.
std::string value_text(const Value& value);
// The same, each element and member on a line of its own, indented by two.
std::string value_text_indented(const Value& value);

}  // namespace takt
