#include "definition/settings.h"

#include <fmt/core.h>

#include <charconv>

#include "base/limits.h"
#include "definition/limits.h"
#include "definition/parts.h"

namespace takt {
namespace {

constexpr std::array<Word<Durability>, 2> durability_words{
    {{"full", Durability::full}, {"normal", Durability::normal}}};
constexpr std::array<Word<LogLevel>, 5> log_level_words{{{"error", LogLevel::error},
                                                         {"warning", LogLevel::warning},
                                                         {"notice", LogLevel::notice},
                                                         {"info", LogLevel::info},
                                                         {"debug", LogLevel::debug}}};
constexpr std::string_view keys[] = {"enabled",    "storage",      "durability",  "log_level",   "max_concurrent",
                                     "max_queued", "step_timeout", "retry_limit", "retry_delay", "retry_backoff",
                                     "keep_runs",  "keep_age",     "log_bytes",   "stop_steps"};

constexpr std::int64_t most_concurrent = 10'000;
constexpr std::int64_t most_queued = 1'000'000;
constexpr std::int64_t most_retries = 1'000'000;
constexpr std::int64_t most_runs = 1'000'000'000;
constexpr double most_backoff = 100;

std::string variable_of(std::string_view key) {
  std::string name = "TAKT_";
  for (const char c : key) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

// A variable's text as TOML would have it: what reads as a boolean or a number is one.
TomlNode node_of(const std::string& text) {
  TomlNode node;
  std::int64_t integer = 0;
  double number = 0;
  const char* end = text.data() + text.size();
  if (text == "true" || text == "yes" || text == "false" || text == "no")
    node.value = text == "true" || text == "yes";
  else if (const auto whole = std::from_chars(text.data(), end, integer); whole.ec == std::errc() && whole.ptr == end)
    node.value = integer;
  else if (const auto part = std::from_chars(text.data(), end, number); part.ec == std::errc() && part.ptr == end)
    node.value = number;
  else
    node.value = text;
  return node;
}

template <class T, class U>
void set_if(T& setting, const std::optional<U>& value) {
  if (value) setting = static_cast<T>(*value);
}

// Sets what the table says and leaves the rest as it is, so that the file and the environment are read one after the
// other.
void apply(TableReader& reader, Settings& settings) {
  set_if(settings.enabled, reader.boolean("enabled"));
  if (const auto storage = reader.text("storage")) {
    if (storage->starts_with('/'))
      settings.storage = *storage;
    else
      reader.error("storage", "expected an absolute path");
  }
  set_if(settings.durability, reader.word("durability", durability_words));
  set_if(settings.log_level, reader.word("log_level", log_level_words));
  set_if(settings.max_concurrent, reader.integer("max_concurrent", 1, most_concurrent));
  set_if(settings.max_queued, reader.integer("max_queued", 1, most_queued));
  if (const auto timeout = reader.duration("step_timeout"))
    settings.step_timeout = *timeout == Duration(0) ? std::nullopt : std::optional(*timeout);
  set_if(settings.retry.limit, reader.integer("retry_limit", 0, most_retries));
  set_if(settings.retry.delay, reader.duration("retry_delay"));
  set_if(settings.retry.backoff, reader.number("retry_backoff", 1, most_backoff));
  if (const auto runs = reader.integer("keep_runs", 1, most_runs)) settings.keep.runs = *runs;
  if (const auto age = reader.duration("keep_age", Duration(1))) settings.keep.age = *age;
  set_if(settings.log_bytes, reader.bytes("log_bytes"));
  set_if(settings.stop_steps, reader.boolean("stop_steps"));
}

// Not one of `keys`: the environment does not say a table.
void parse_pools(TableReader& reader, Settings& settings) {
  const auto* table = reader.table("pools");
  if (table == nullptr) return;
  if (table->size() > limits::pools) return reader.error("pools", fmt::format("at most {} pools", limits::pools));
  TableReader pools(reader.report(), *table, "pools", reader.find("pools")->place);
  for (const auto& [name, node] : *table) {
    if (!valid_name(name, true))
      pools.error(name, fmt::format("the name of a pool is at most {} letters, digits, _ and -, and begins with a "
                                    "letter or _",
                                    limits::name_bytes));
    if (const auto slots = pools.integer(name, 1, limits::slots))
      settings.pools[name] = static_cast<std::uint32_t>(*slots);
  }
}

}  // namespace

SettingsOutcome parse_settings(std::string_view path, std::string_view text,
                               const std::map<std::string, std::string>& environment) {
  SettingsOutcome outcome;
  const SourceText file{std::string(path), std::string(text)};
  Report report({&file});
  if (const auto document = read_toml(report)) {
    TableReader reader(report, document->root, "", {});
    apply(reader, outcome.settings);
    parse_pools(reader, outcome.settings);
    reader.finish();
  }
  outcome.diagnostics = report.take();

  const SourceText variables{"environment", ""};
  for (const auto key : keys) {
    const auto variable = variable_of(key);
    const auto found = environment.find(variable);
    if (found == environment.end()) continue;
    Report about({&variables});
    const TomlTable table{{std::string(key), node_of(found->second)}};
    TableReader reader(about, table, "", {});
    apply(reader, outcome.settings);
    for (auto& diagnostic : about.take()) {
      diagnostic.key = variable;
      outcome.diagnostics.push_back(std::move(diagnostic));
    }
  }
  return outcome;
}

}  // namespace takt
