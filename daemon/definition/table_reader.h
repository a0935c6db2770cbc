// Reads one TOML table key by key, and tells everything that is wrong with it.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/value.h"
#include "definition/report.h"
#include "definition/toml_tree.h"

namespace takt {

// The words of an enumeration, as people write them.
template <class E>
using Word = std::pair<std::string_view, E>;

// Refers to the table and the report. A getter gives nothing when the key is missing or wrong; what is wrong has then
// been told. Every key that was asked for is known; finish() tells of the others.
class TableReader {
 public:
  TableReader(Report& report, const TomlTable& table, std::string path, const Place& place)
      : report_(report), table_(table), path_(std::move(path)), place_(place) {}
  TableReader(const TableReader&) = delete;
  TableReader& operator=(const TableReader&) = delete;

  // Every text goes through `expand` before it is judged.
  void set_expansion(std::function<Result<std::string>(std::string_view)> expand) { expand_ = std::move(expand); }

  std::optional<std::string> text(std::string_view key);      // not empty
  std::optional<std::string> any_text(std::string_view key);  // may be empty
  std::optional<std::string> raw_text(std::string_view key);  // not expanded
  std::optional<bool> boolean(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t min, std::int64_t max);
  std::optional<double> number(std::string_view key, double min, double max);
  // "5min", or a bare number of seconds.
  std::optional<Duration> duration(std::string_view key, Duration min = Duration(0));
  // "16M" (powers of 1024), or a bare number of bytes.
  std::optional<std::uint64_t> bytes(std::string_view key);
  std::optional<std::vector<std::string>> texts(std::string_view key);
  // "a", or ["a", "b"]; none of them empty.
  std::optional<std::vector<std::string>> text_or_texts(std::string_view key);
  std::optional<std::map<std::string, std::string>> text_table(std::string_view key);
  std::optional<Value> value(std::string_view key);  // as JSON has it; a date or time is a string
  std::optional<Value> object(std::string_view key);
  std::optional<std::vector<Value>> values(std::string_view key);
  const TomlTable* table(std::string_view key);
  const TomlArray* tables(std::string_view key);  // [[key]]

  template <class E, std::size_t N>
  std::optional<E> word(std::string_view key, const std::array<Word<E>, N>& words) {
    if (const auto found = text(key)) return word_of(key, *found, words);
    return std::nullopt;
  }
  // "a", or ["a", "b"], sorted, each once.
  template <class E, std::size_t N>
  std::optional<std::vector<E>> words(std::string_view key, const std::array<Word<E>, N>& words) {
    const auto found = text_or_texts(key);
    if (!found) return std::nullopt;
    std::vector<E> result;
    for (const auto& one : *found)
      if (const auto known = word_of(key, one, words)) result.push_back(*known);
    if (result.size() != found->size()) return std::nullopt;
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
  }

  // The key's node, marked as known; null when it is missing.
  const TomlNode* find(std::string_view key);
  [[nodiscard]] bool has(std::string_view key) const { return table_.contains(key); }
  // Keys that a later version brings, or that belong to something else: told as such when they are there.
  void not_yet(std::initializer_list<std::string_view> keys);
  void elsewhere(std::initializer_list<std::string_view> keys, std::string_view where);
  // Tells of every key that nobody asked for.
  void finish();
  // The table is of no known kind, so that nothing can be said of its keys.
  void give_up() { finished_ = true; }

  // An error at a key, or at the table when the key is missing or empty.
  void error(std::string_view key, std::string_view message);
  void warning(std::string_view key, std::string_view message);
  // The path of a key of this table, as diagnostics have it.
  [[nodiscard]] std::string path_of(std::string_view key) const;
  [[nodiscard]] Report& report() { return report_; }
  [[nodiscard]] const Place& place() const { return place_; }

 private:
  std::optional<std::string> checked_text(std::string_view key, const TomlNode& node, bool expanded);
  void expected(std::string_view key, const TomlNode& node, std::string_view what);
  void no_word(std::string_view key, std::string_view wrong, const std::vector<std::string_view>& words);

  template <class E, std::size_t N>
  std::optional<E> word_of(std::string_view key, std::string_view text, const std::array<Word<E>, N>& words) {
    std::vector<std::string_view> known;
    for (const auto& [name, value] : words) {
      if (name == text) return value;
      known.push_back(name);
    }
    no_word(key, text, known);
    return std::nullopt;
  }

  Report& report_;
  const TomlTable& table_;
  std::string path_;
  Place place_;
  std::function<Result<std::string>(std::string_view)> expand_;
  std::vector<std::string_view> known_;
  bool finished_ = false;
};

// The table of a key that is there, read by `parse(reader, more...)`; what is no table gives an empty result, told.
template <class Parse, class... More>
auto read_table(TableReader& outer, std::string_view key, Parse parse, const More&... more) {
  const auto* node = outer.find(key);
  const TomlTable none;
  const TomlTable* table = outer.table(key);
  TableReader reader(outer.report(), table == nullptr ? none : *table, outer.path_of(key), node->place);
  if (table == nullptr) reader.give_up();
  auto result = table == nullptr ? decltype(parse(reader, more...))() : parse(reader, more...);
  reader.finish();
  return result;
}

}  // namespace takt
