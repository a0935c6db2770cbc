#include "definition/table_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace takt {
namespace {

// Nothing for a number that JSON does not have.
std::optional<Value> to_json(const TomlNode& node) {
  struct Maker {
    std::optional<Value> operator()(const std::string& text) const { return Value(text); }
    std::optional<Value> operator()(std::int64_t number) const { return Value(number); }
    std::optional<Value> operator()(double number) const {
      return std::isfinite(number) ? std::optional(Value(number)) : std::nullopt;
    }
    std::optional<Value> operator()(bool truth) const { return Value(truth); }
    std::optional<Value> operator()(const TomlTime& time) const { return Value(time.text); }
    std::optional<Value> operator()(const TomlArray& array) const {
      Value result = Value::array();
      for (const auto& element : array) {
        auto made = to_json(element);
        if (!made) return std::nullopt;
        result.push_back(*std::move(made));
      }
      return result;
    }
    std::optional<Value> operator()(const TomlTable& table) const {
      Value result = Value::object();
      for (const auto& [key, member] : table) {
        auto made = to_json(member);
        if (!made) return std::nullopt;
        result[key] = *std::move(made);
      }
      return result;
    }
  };
  return std::visit(Maker{}, node.value);
}

// "16M" -> bytes.
std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  std::uint64_t number = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && digits < 15 && text[digits] >= '0' && text[digits] <= '9'; ++digits)
    number = number * 10 + static_cast<std::uint64_t>(text[digits] - '0');
  const auto unit = text.substr(digits);
  const auto power = std::string_view("KMGT").find(unit.empty() ? ' ' : unit.front());
  if (digits == 0 || unit.size() > 1 || (!unit.empty() && power == std::string_view::npos)) return std::nullopt;
  const unsigned shift = unit.empty() ? 0 : static_cast<unsigned>(power + 1) * 10;
  if (number > (std::uint64_t{1} << 60U) >> shift) return std::nullopt;
  return number << shift;
}

}  // namespace

std::string TableReader::path_of(std::string_view key) const {
  if (path_.empty() || key.empty()) return path_.empty() ? std::string(key) : path_;
  return fmt::format("{}.{}", path_, key);
}

const TomlNode* TableReader::find(std::string_view key) {
  known_.push_back(key);
  const auto found = table_.find(key);
  return found == table_.end() ? nullptr : &found->second;
}

void TableReader::error(std::string_view key, std::string_view message) {
  const auto found = table_.find(key);
  report_.error(found == table_.end() ? place_ : found->second.place, path_of(key), message);
}

void TableReader::warning(std::string_view key, std::string_view message) {
  const auto found = table_.find(key);
  report_.warning(found == table_.end() ? place_ : found->second.place, path_of(key), message);
}

void TableReader::expected(std::string_view key, const TomlNode& node, std::string_view what) {
  report_.error(node.place, path_of(key), fmt::format("expected {}, got {}", what, kind_of(node)));
}

void TableReader::no_word(std::string_view key, std::string_view wrong, const std::vector<std::string_view>& words) {
  error(key, fmt::format("expected {}, got \"{}\"{}", alternatives(words), wrong, suggestion(wrong, words)));
}

std::optional<std::string> TableReader::checked_text(std::string_view key, const TomlNode& node, bool expanded) {
  const auto* text = std::get_if<std::string>(&node.value);
  if (text == nullptr) {
    expected(key, node, "a string");
    return std::nullopt;
  }
  if (text->find('\0') != std::string::npos) {
    report_.error(node.place, path_of(key), "it holds a NUL character, which no program could be handed");
    return std::nullopt;
  }
  if (!expanded || !expand_) return *text;
  auto result = expand_(*text);
  if (result) return std::move(result).value();
  report_.error(node.place, path_of(key), result.error().message);
  return std::nullopt;
}

std::optional<std::string> TableReader::any_text(std::string_view key) {
  const auto* node = find(key);
  return node == nullptr ? std::nullopt : checked_text(key, *node, true);
}

std::optional<std::string> TableReader::raw_text(std::string_view key) {
  const auto* node = find(key);
  return node == nullptr ? std::nullopt : checked_text(key, *node, false);
}

std::optional<std::string> TableReader::text(std::string_view key) {
  auto result = any_text(key);
  if (result && result->empty()) {
    error(key, "it is empty");
    return std::nullopt;
  }
  return result;
}

std::optional<bool> TableReader::boolean(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* truth = std::get_if<bool>(&node->value)) return *truth;
  expected(key, *node, "true or false");
  return std::nullopt;
}

std::optional<std::int64_t> TableReader::integer(std::string_view key, std::int64_t min, std::int64_t max) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* number = std::get_if<std::int64_t>(&node->value);
  if (number == nullptr) {
    expected(key, *node, "an integer");
  } else if (*number < min || *number > max) {
    report_.error(node->place, path_of(key),
                  fmt::format("expected an integer from {} to {}, got {}", min, max, *number));
  } else {
    return *number;
  }
  return std::nullopt;
}

std::optional<double> TableReader::number(std::string_view key, double min, double max) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  double number = 0;
  if (const auto* whole = std::get_if<std::int64_t>(&node->value)) {
    number = static_cast<double>(*whole);
  } else if (const auto* fraction = std::get_if<double>(&node->value)) {
    number = *fraction;
  } else {
    expected(key, *node, "a number");
    return std::nullopt;
  }
  if (number >= min && number <= max) return number;  // which a NaN is not
  report_.error(node->place, path_of(key), fmt::format("expected a number from {} to {}, got {}", min, max, number));
  return std::nullopt;
}

std::optional<Duration> TableReader::duration(std::string_view key, Duration min) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  std::optional<std::string> text;
  if (const auto* seconds = std::get_if<std::int64_t>(&node->value)) {
    text = std::to_string(*seconds);
  } else if (std::holds_alternative<std::string>(node->value)) {
    text = checked_text(key, *node, true);
  } else {
    expected(key, *node, "a span of time such as \"5min\"");
  }
  if (!text) return std::nullopt;
  const auto span = parse_duration(*text);
  if (!span) {
    report_.error(node->place, path_of(key), span.error().message);
    return std::nullopt;
  }
  if (*span >= min) return *span;
  report_.error(node->place, path_of(key), fmt::format("expected a span of at least {}", format_duration(min)));
  return std::nullopt;
}

std::optional<std::uint64_t> TableReader::bytes(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  std::optional<std::uint64_t> bytes;
  if (const auto* number = std::get_if<std::int64_t>(&node->value); number != nullptr && *number >= 0)
    bytes = static_cast<std::uint64_t>(*number);
  else if (const auto* text = std::get_if<std::string>(&node->value))
    bytes = parse_bytes(*text);
  if (!bytes) report_.error(node->place, path_of(key), "expected a number of bytes, such as 65536, \"64K\" or \"16M\"");
  return bytes;
}

std::optional<std::vector<std::string>> TableReader::texts(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* array = std::get_if<TomlArray>(&node->value);
  if (array == nullptr) {
    expected(key, *node, "an array of strings");
    return std::nullopt;
  }
  std::vector<std::string> result;
  bool good = true;
  for (std::size_t i = 0; i < array->size(); ++i) {
    auto text = checked_text(fmt::format("{}[{}]", key, i + 1), (*array)[i], true);
    good = good && text;
    if (text) result.push_back(*std::move(text));
  }
  return good ? std::optional(result) : std::nullopt;
}

std::optional<std::vector<std::string>> TableReader::text_or_texts(std::string_view key) {
  const auto found = table_.find(key);
  if (found == table_.end() || !std::holds_alternative<TomlArray>(found->second.value)) {
    auto one = text(key);
    return one ? std::optional(std::vector{*std::move(one)}) : std::nullopt;
  }
  auto all = texts(key);
  if (!all) return std::nullopt;
  if (!all->empty() && std::find(all->begin(), all->end(), "") == all->end()) return all;
  error(key, all->empty() ? "it is empty" : "one of them is empty");
  return std::nullopt;
}

std::optional<std::map<std::string, std::string>> TableReader::text_table(std::string_view key) {
  const auto* members = table(key);
  if (members == nullptr) return std::nullopt;
  std::map<std::string, std::string> result;
  for (const auto& [name, node] : *members)
    if (auto text = checked_text(fmt::format("{}.{}", key, name), node, true)) result.emplace(name, *std::move(text));
  return result;
}

std::optional<Value> TableReader::value(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  auto result = to_json(*node);
  if (!result) report_.error(node->place, path_of(key), "it holds a number that is not finite");
  return result;
}

std::optional<Value> TableReader::object(std::string_view key) {
  return table(key) == nullptr ? std::nullopt : value(key);
}

std::optional<std::vector<Value>> TableReader::values(std::string_view key) {
  const auto* node = find(key);
  if (node != nullptr && !std::holds_alternative<TomlArray>(node->value)) {
    expected(key, *node, "an array");
    return std::nullopt;
  }
  const auto array = value(key);
  return array ? std::optional(array->get<std::vector<Value>>()) : std::nullopt;
}

const TomlTable* TableReader::table(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return nullptr;
  const auto* members = std::get_if<TomlTable>(&node->value);
  if (members == nullptr) expected(key, *node, "a table");
  return members;
}

const TomlArray* TableReader::tables(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return nullptr;
  const auto* array = std::get_if<TomlArray>(&node->value);
  if (array != nullptr &&
      std::ranges::all_of(*array, [](const TomlNode& one) { return std::holds_alternative<TomlTable>(one.value); }))
    return array;
  std::string header = path_of(key);  // as TOML has it: without the numbers of the tables around it
  for (auto open = header.find('['); open != std::string::npos; open = header.find('['))
    header.erase(open, header.find(']', open) + 1 - open);
  report_.error(node->key_place, path_of(key),
                fmt::format("expected an array of tables, each begun by [[{}]]", header));
  return nullptr;
}

void TableReader::not_yet(std::initializer_list<std::string_view> keys) {
  for (const auto key : keys)
    if (const auto* node = find(key); node != nullptr)
      report_.error(node->key_place, path_of(key), "not yet supported by this version of taktd");
}

void TableReader::elsewhere(std::initializer_list<std::string_view> keys, std::string_view where) {
  for (const auto key : keys)
    if (std::ranges::find(known_, key) == known_.end())
      if (const auto* node = find(key); node != nullptr)
        report_.error(node->key_place, path_of(key), fmt::format("it has no meaning here; it goes with {}", where));
}

void TableReader::finish() {
  if (finished_) return;
  for (const auto& [key, node] : table_)
    if (std::ranges::find(known_, std::string_view(key)) == known_.end())
      report_.error(node.key_place, path_of(key), fmt::format("unknown key{}", suggestion(key, known_)));
}

}  // namespace takt
