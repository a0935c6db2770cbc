#include "definition/toml_tree.h"

#include <fmt/core.h>
#include <toml++/toml.h>

#include <sstream>

#include "base/limits.h"
#include "definition/limits.h"

namespace takt {
namespace {

// The parts of the longest dotted key in a text. The library builds one table for each part and takes them down by
// recursion, without a bound of its own, so that "a.a.a.a…" would run out of stack.
class KeyMeter {
 public:
  explicit KeyMeter(std::string_view text) : text_(text) {}

  std::size_t longest() {
    std::size_t longest = 0;
    std::size_t parts = 1;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        skip_string(c);
        continue;
      }
      if (c == '#') at_ = std::min(text_.find('\n', at_), text_.size() - 1);
      if (c == '.') longest = std::max(longest, ++parts);
      if (std::string_view("\n=,{}[]").find(text_[at_]) != std::string_view::npos) parts = 1;
      ++at_;
    }
    return longest;
  }

 private:
  // At its opening quote; moves behind the closing one. A string that is not closed ends with its line.
  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool lines = text_.substr(at_, 3) == three;
    at_ += lines ? 3 : 1;
    while (at_ < text_.size()) {
      if (text_[at_] == '\\' && quote == '"') {
        at_ += 2;
      } else if (lines && text_.substr(at_, 3) == three) {
        at_ += 3;
        // """a""""" ends in two quotes of its own.
        for (int own = 0; own < 2 && at_ < text_.size() && text_[at_] == quote; ++own) ++at_;
        return;
      } else if (!lines && (text_[at_] == quote || text_[at_] == '\n')) {
        at_ += text_[at_] == quote ? 1 : 0;
        return;
      } else {
        ++at_;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Place place_of(const toml::source_region& region, std::uint32_t source) {
  return {source, region.begin.line, region.begin.column};
}

template <class T>
std::string printed(T&& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

// Copies the library's tree into ours.
class Converter {
 public:
  Converter(Report& report, const std::map<const std::string*, std::uint32_t>& paths)
      : report_(report), paths_(paths) {}

  TomlTable table(const toml::table& from, int depth) {
    TomlTable result;
    for (const auto& [key, node] : from) {
      const Place at = place_of(key.source(), source_of(key.source()));
      result.emplace(std::string(key.str()), convert(node, at, depth));
    }
    return result;
  }

 private:
  std::uint32_t source_of(const toml::source_region& region) const {
    const auto found = paths_.find(region.path.get());
    return found == paths_.end() ? 0 : found->second;
  }

  TomlNode convert(const toml::node& node, const Place& key_place, int depth) {
    TomlNode result;
    result.place = place_of(node.source(), source_of(node.source()));
    result.key_place = key_place.line == 0 ? result.place : key_place;
    if (depth > limits::value_depth) {
      report_.error(result.place, "", fmt::format("nested deeper than {}", limits::value_depth));
      return result;
    }
    if (const auto* table = node.as_table()) {
      result.value = this->table(*table, depth + 1);
    } else if (const auto* array = node.as_array()) {
      TomlArray elements;
      for (const auto& element : *array) elements.push_back(convert(element, {}, depth + 1));
      result.value = std::move(elements);
    } else if (const auto* text = node.as_string()) {
      result.value = text->get();
    } else if (const auto* integer = node.as_integer()) {
      result.value = integer->get();
    } else if (const auto* number = node.as_floating_point()) {
      result.value = number->get();
    } else if (const auto* truth = node.as_boolean()) {
      result.value = truth->get();
    } else if (const auto* date = node.as_date()) {
      result.value = TomlTime{printed(date->get())};
    } else if (const auto* time = node.as_time()) {
      result.value = TomlTime{printed(time->get())};
    } else if (const auto* date_time = node.as_date_time()) {
      result.value = TomlTime{printed(date_time->get())};
    }
    return result;
  }

  Report& report_;
  const std::map<const std::string*, std::uint32_t>& paths_;
};

// Nodes are moved, because the library's copies forget their places.
void merge(toml::table& into, toml::table&& from) {
  for (auto&& [key, node] : from) {
    toml::node* present = into.get(key.str());
    if (present != nullptr && present->is_table() && node.is_table()) {
      merge(*present->as_table(), std::move(*node.as_table()));
    } else {
      into.erase(key.str());
      into.insert_or_assign(key, std::move(node));
    }
  }
}

std::optional<toml::table> parse(Report& report, std::uint32_t source) {
  const auto& [path, text] = *report.sources()[source];
  if (text.size() > limits::definition_bytes) {
    report.error({source}, "", fmt::format("{} bytes; at most {} are taken", text.size(), limits::definition_bytes));
    return std::nullopt;
  }
  if (KeyMeter(text).longest() > limits::key_parts) {
    report.error({source}, "", fmt::format("it has a dotted key of more than {} parts", limits::key_parts));
    return std::nullopt;
  }
  try {
    return toml::parse(std::string_view(text), std::string_view(path));
  } catch (const toml::parse_error& error) {
    std::string_view what = error.description();
    constexpr std::string_view opening = "Error while parsing ";
    if (what.starts_with(opening)) what.remove_prefix(opening.size());
    report.error(place_of(error.source(), source), "", fmt::format("not TOML: {}", what));
  } catch (const std::exception& error) {
    report.error({source}, "", fmt::format("not TOML: {}", error.what()));
  }
  return std::nullopt;
}

// The path object that the library shares between all regions of one parse, by which a merged node's source is known.
void note_paths(const toml::table& table, std::uint32_t source, std::map<const std::string*, std::uint32_t>& paths) {
  for (const auto& [key, node] : table) {
    paths[key.source().path.get()] = source;
    paths[node.source().path.get()] = source;
  }
  paths[table.source().path.get()] = source;
}

std::string formatted(const toml::table& table) {
  const auto flags = toml::toml_formatter::default_flags & ~toml::format_flags::indentation;
  return printed(toml::toml_formatter(table, flags)) + "\n";
}

}  // namespace

std::optional<TomlDocument> read_toml(Report& report) {
  toml::table merged;
  std::map<const std::string*, std::uint32_t> paths;
  const auto count = static_cast<std::uint32_t>(report.sources().size());
  bool whole = true;
  for (std::uint32_t source = 0; source < count; ++source) {
    auto table = parse(report, source);
    whole = whole && table;
    if (!whole) continue;  // go on, for the errors of the others
    note_paths(*table, source, paths);
    if (source == 0)
      merged = *std::move(table);
    else
      merge(merged, *std::move(table));
  }
  if (!whole) return std::nullopt;
  paths.erase(nullptr);
  TomlDocument document;
  document.root = Converter(report, paths).table(merged, 1);
  if (report.failed()) return std::nullopt;
  document.text = count == 1 ? report.sources().front()->text : formatted(merged);
  return document;
}

std::string_view kind_of(const TomlNode& node) {
  struct Namer {
    std::string_view operator()(const std::string&) const { return "a string"; }
    std::string_view operator()(std::int64_t) const { return "an integer"; }
    std::string_view operator()(double) const { return "a number"; }
    std::string_view operator()(bool) const { return "a boolean"; }
    std::string_view operator()(const TomlTime&) const { return "a date or time"; }
    std::string_view operator()(const TomlArray&) const { return "an array"; }
    std::string_view operator()(const TomlTable&) const { return "a table"; }
  };
  return std::visit(Namer{}, node.value);
}

}  // namespace takt
