#include "base/value.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ostream>
#include <stdexcept>
#include <utility>

#include "base/limits.h"

namespace takt {
namespace {

using Library = nlohmann::json;

constexpr std::size_t own_depth = 1'000;  // of texts that the program wrote itself: far deeper than it writes them

// Builds a Value of what the library's parser reads. It never nests deeper than its bound: what recurses over a Value,
// as its destructor does, has an end.
class Builder final : public nlohmann::json_sax<Library> {
 public:
  explicit Builder(std::size_t depth) : depth_(depth) {}

  bool null() override { return add(Value()); }
  bool boolean(bool truth) override { return add(truth); }
  bool number_integer(std::int64_t whole) override { return add(whole); }
  bool number_unsigned(std::uint64_t whole) override { return add(whole); }
  bool number_float(double number, const std::string& /*text*/) override { return add(number); }
  bool string(std::string& text) override { return add(std::move(text)); }
  bool binary(Library::binary_t& /*bytes*/) override { return false; }  // JSON has none
  bool start_object(std::size_t /*count*/) override { return open(Value::object()); }
  bool key(std::string& name) override {
    slot_ = &(*open_.back())[name];
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*count*/) override { return open(Value::array()); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/, const Library::exception& error) override {
    error_ = error.what();
    return false;
  }

  [[nodiscard]] bool too_deep() const { return too_deep_; }
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] Value take() { return std::move(root_); }

 private:
  Value* place(Value value) {
    if (!open_.empty() && open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
      return open_.back()->end() - 1;
    }
    *slot_ = std::move(value);
    return slot_;
  }
  bool add(Value value) {
    place(std::move(value));
    return true;
  }
  bool open(Value value) {
    too_deep_ = open_.size() >= depth_;
    if (too_deep_) return false;
    open_.push_back(place(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::size_t depth_;
  Value root_;
  Value* slot_ = &root_;      // where the next value goes, unless it goes to the end of an array
  std::vector<Value*> open_;  // each stands in the one before; a value grows only while it is the last
  std::string error_;
  bool too_deep_ = false;
};

// Writes JSON text. Structure and whole numbers are written here; texts with something to escape and other numbers by
// the library.
class Writer {
 public:
  explicit Writer(bool indented) : indented_(indented) {}

  void write(const Value& value, std::size_t depth = 0) {
    switch (value.kind()) {
      case Value::Kind::null:
        out_ += "null";
        break;
      case Value::Kind::boolean:
        out_ += value.get<bool>() ? "true" : "false";
        break;
      case Value::Kind::integer:
        fmt::format_to(std::back_inserter(out_), "{}", value.get<std::int64_t>());
        break;
      case Value::Kind::unsigned_integer:
        fmt::format_to(std::back_inserter(out_), "{}", value.get<std::uint64_t>());
        break;
      case Value::Kind::number:
        out_ += Library(value.get<double>()).dump();
        break;
      case Value::Kind::string:
        write(value.text());
        break;
      case Value::Kind::array:
        between('[', ']', value.elements(), depth, [&](const Value& element) { write(element, depth + 1); });
        break;
      case Value::Kind::object:
        between('{', '}', value.items(), depth, [&](const auto& member) {
          write(member.first);
          out_ += indented_ ? ": " : ":";
          write(member.second, depth + 1);
        });
        break;
    }
  }
  std::string take() { return std::move(out_); }

 private:
  void write(const std::string& text) {
    const bool plain =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
    if (plain) {
      out_.append(1, '"').append(text).append(1, '"');
    } else {
      out_ += Library(text).dump(-1, ' ', false, Library::error_handler_t::replace);
    }
  }
  template <class Parts, class Write>
  void between(char open, char close, const Parts& parts, std::size_t depth, Write write_part) {
    out_ += open;
    bool first = true;
    for (const auto& part : parts) {
      if (!std::exchange(first, false)) out_ += ',';
      line(depth + 1);
      write_part(part);
    }
    if (!first) line(depth);
    out_ += close;
  }
  void line(std::size_t depth) {
    if (indented_) out_.append(1, '\n').append(2 * depth, ' ');
  }

  bool indented_;
  std::string out_;
};

std::string write(const Value& value, bool indented) {
  Writer writer(indented);
  writer.write(value);
  return writer.take();
}

}  // namespace

Value::Value(std::string text) : kind_(Kind::string) {
  held_.string = new std::string(std::move(text));
}

Value::Value(std::string_view text) : Value(std::string(text)) {}

Value::Value(const char* text) : Value(std::string(text)) {}

Value::Value(const std::vector<std::string>& texts) : Value(Array(texts.begin(), texts.end())) {}

Value::Value(Array elements) : kind_(Kind::array) {
  held_.array = new Array(std::move(elements));
}

Value::Value(Object members) : kind_(Kind::object) {
  held_.object = new Object(std::move(members));
}

Value::Value(std::initializer_list<Value> elements) {
  const bool pairs = std::all_of(elements.begin(), elements.end(), [](const Value& each) {
    return each.is_array() && each.size() == 2 && each[0].is_string();
  });
  if (!pairs) {
    *this = Value(Array(elements));
    return;
  }
  Object members;
  for (const Value& each : elements) members.emplace(each[0].text(), each[1]);
  *this = Value(std::move(members));
}

Value::Value(const Value& other) : kind_(other.kind_), held_(other.held_) {
  if (kind_ == Kind::string) held_.string = new std::string(*other.held_.string);
  if (kind_ == Kind::array) held_.array = new Array(*other.held_.array);
  if (kind_ == Kind::object) held_.object = new Object(*other.held_.object);
}

Value::Value(Value&& other) noexcept : kind_(std::exchange(other.kind_, Kind::null)), held_(other.held_) {}

Value& Value::operator=(const Value& other) {
  return *this = Value(other);
}

Value& Value::operator=(Value&& other) noexcept {
  Value taken(std::move(other));  // which may stand within this one
  std::swap(kind_, taken.kind_);
  std::swap(held_, taken.held_);
  return *this;
}

Value::~Value() {
  if (kind_ == Kind::string) delete held_.string;
  if (kind_ == Kind::array) delete held_.array;
  if (kind_ == Kind::object) delete held_.object;
}

Value Value::array() {
  return Array();
}

Value Value::array(std::initializer_list<Value> elements) {
  return Array(elements);
}

Value Value::object() {
  return Object();
}

Value Value::parse(std::string_view text) {
  std::optional<Value> value = try_parse(text);
  if (!value) throw std::logic_error(fmt::format("not JSON: {}", text));
  return *std::move(value);
}

std::optional<Value> Value::try_parse(std::string_view text) {
  Builder builder(own_depth);
  if (!Library::sax_parse(text, &builder)) return std::nullopt;
  return builder.take();
}

const char* Value::kind_name() const {
  switch (kind_) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "boolean";
    case Kind::integer:
    case Kind::unsigned_integer:
    case Kind::number:
      return "number";
    case Kind::string:
      return "string";
    case Kind::array:
      return "array";
    case Kind::object:
      return "object";
  }
  return "";
}

void Value::expect(Kind kind, const char* name) const {
  if (kind_ != kind) throw std::logic_error(fmt::format("the JSON value is of kind {}, not {}", kind_name(), name));
}

bool Value::truth() const {
  expect(Kind::boolean, "boolean");
  return held_.boolean;
}

double Value::number() const {
  if (kind_ == Kind::integer) return static_cast<double>(held_.integer);
  if (kind_ == Kind::unsigned_integer) return static_cast<double>(held_.unsigned_integer);
  expect(Kind::number, "number");
  return held_.number;
}

std::uint64_t Value::unsigned_or_number() const {
  if (kind_ == Kind::unsigned_integer) return held_.unsigned_integer;
  const double real = number();
  return real < 0 ? static_cast<std::uint64_t>(static_cast<std::int64_t>(real)) : static_cast<std::uint64_t>(real);
}

const std::string& Value::text() const {
  expect(Kind::string, "string");
  return *held_.string;
}

std::vector<std::string> Value::texts() const {
  std::vector<std::string> texts;
  for (const Value& each : elements()) texts.push_back(each.text());
  return texts;
}

const Value::Array& Value::elements() const {
  static const Array none;
  if (is_null()) return none;
  expect(Kind::array, "array");
  return *held_.array;
}

const Value::Object& Value::items() const {
  static const Object none;
  if (is_null()) return none;
  expect(Kind::object, "object");
  return *held_.object;
}

Value::Object& Value::items() {
  if (is_null()) *this = object();
  expect(Kind::object, "object");
  return *held_.object;
}

const Value* Value::begin() const {
  return elements().data();
}

const Value* Value::end() const {
  return elements().data() + elements().size();
}

Value* Value::begin() {
  return const_cast<Value*>(std::as_const(*this).begin());
}

Value* Value::end() {
  return const_cast<Value*>(std::as_const(*this).end());
}

std::vector<const Value*> Value::children() const {
  std::vector<const Value*> all;
  if (is_array())
    for (const Value& element : *held_.array) all.push_back(&element);
  if (is_object())
    for (const auto& [key, member] : *held_.object) all.push_back(&member);
  return all;
}

std::size_t Value::size() const {
  if (is_null()) return 0;
  if (is_array()) return held_.array->size();
  return is_object() ? held_.object->size() : 1;
}

const Value* Value::member(std::string_view key) const {
  if (!is_object()) return nullptr;
  const auto found = held_.object->find(key);
  return found == held_.object->end() ? nullptr : &found->second;
}

Value* Value::member(std::string_view key) {
  return const_cast<Value*>(std::as_const(*this).member(key));
}

const Value& Value::operator[](std::string_view key) const {
  const Value* found = member(key);
  if (found == nullptr) throw std::logic_error(fmt::format("the JSON value has no member \"{}\"", key));
  return *found;
}

Value& Value::operator[](std::string_view key) {
  Object& members = items();
  const auto found = members.lower_bound(key);
  if (found != members.end() && found->first == key) return found->second;
  return members.emplace_hint(found, key, Value())->second;
}

const Value& Value::element(std::size_t index) const {
  const Array& all = elements();
  if (index >= all.size()) throw std::logic_error(fmt::format("the JSON array has no element {}", index));
  return all[index];
}

void Value::push_back(Value element) {
  if (is_null()) *this = array();
  expect(Kind::array, "array");
  held_.array->push_back(std::move(element));
}

void Value::erase(std::string_view key) {
  Object& members = items();
  if (const auto found = members.find(key); found != members.end()) members.erase(found);
}

void Value::update(const Value& other) {
  for (const auto& [key, member] : other.items()) (*this)[key] = member;
}

bool operator==(const Value& left, const Value& right) {
  using Kind = Value::Kind;
  if (left.is_number() && right.is_number()) {
    if (left.kind_ == Kind::number || right.kind_ == Kind::number) return left.number() == right.number();
    // Of two whole numbers the bits are the same, unless one is negative and the other one too large to be.
    const auto negative = [](const Value& each) { return each.kind_ == Kind::integer && each.held_.integer < 0; };
    return negative(left) == negative(right) && left.get<std::uint64_t>() == right.get<std::uint64_t>();
  }
  if (left.kind_ != right.kind_) return false;
  switch (left.kind_) {
    case Kind::boolean:
      return left.held_.boolean == right.held_.boolean;
    case Kind::string:
      return *left.held_.string == *right.held_.string;
    case Kind::array:
      return *left.held_.array == *right.held_.array;
    case Kind::object:
      return *left.held_.object == *right.held_.object;
    case Kind::null:
    case Kind::integer:
    case Kind::unsigned_integer:
    case Kind::number:
      break;
  }
  return true;
}

std::ostream& operator<<(std::ostream& stream, const Value& value) {
  return stream << value_text(value);
}

Result<Value> parse_value(std::string_view text) {
  if (text.size() > limits::value_bytes)
    return fail(ErrorCode::invalid_input, "{} bytes of JSON; at most {} are taken", text.size(), limits::value_bytes);
  Builder builder(limits::value_depth);
  if (Library::sax_parse(text, &builder)) return builder.take();
  if (builder.too_deep()) return fail(ErrorCode::invalid_input, "JSON nested deeper than {}", limits::value_depth);
  // "[json.exception.parse_error.101] parse error at …": the bracket is the library's, the rest is for people.
  std::string_view what = builder.error();
  if (const auto at = what.find("] "); at != std::string_view::npos) what.remove_prefix(at + 2);
  // What was read is quoted last. It may be private where the error is not: where it stands is enough.
  what = what.substr(0, std::min(what.find("; last read: "), what.find(" parsing '")));
  return fail(ErrorCode::invalid_input, "not JSON: {}", what);
}

std::string value_text(const Value& value) {
  return write(value, false);
}

std::string value_text_indented(const Value& value) {
  return write(value, true);
}

}  // namespace takt
