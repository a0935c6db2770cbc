// [constraints]: what has to hold for a queued execution to start.
#include <fmt/core.h>

#include <algorithm>

#include "definition/limits.h"
#include "definition/parts.h"
#include "definition/words.h"

namespace takt {
namespace {

// One of the calendars that a blackout lies between. Nothing, told, when it is none.
std::optional<Calendar> parse_edge(TableReader& reader, std::string_view key) {
  if (!reader.has(key)) reader.error("", fmt::format("expected `{}`, a calendar expression", key));
  const auto text = reader.text(key);
  if (!text) return std::nullopt;
  auto calendar = Calendar::parse_calendar(*text);
  if (calendar) return *calendar;
  reader.error(key, calendar.error().message);
  return std::nullopt;
}

std::optional<Constraint> parse_blackout(TableReader& reader, const Zone& zone) {
  const auto from = parse_edge(reader, "from");
  const auto to = parse_edge(reader, "to");
  if (!from || !to) return std::nullopt;
  return Constraint{fmt::format("not_between = {} and {} ({})", from->to_string(), to->to_string(),
                                from->zone().value_or(zone).name()),
                    BlackoutConstraint{*from, *to, zone}};
}

// One table, or a list of them.
void parse_blackouts(TableReader& reader, const Zone& zone, std::vector<Constraint>& all) {
  const auto* node = reader.find("not_between");
  if (node == nullptr) return;
  const auto* list = std::get_if<TomlArray>(&node->value);
  const TomlArray tables = list != nullptr ? *list : TomlArray{*node};
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const TomlNode& table = tables[i];
    const std::string path = reader.path_of("not_between") + (list == nullptr ? "" : fmt::format("[{}]", i + 1));
    if (!std::holds_alternative<TomlTable>(table.value)) {
      reader.report().error(
          table.place, path,
          fmt::format("expected a table such as {{ from = \"08:00\", to = \"18:00\" }}, got {}", kind_of(table)));
      continue;
    }
    TableReader blackout(reader.report(), std::get<TomlTable>(table.value), path, table.place);
    if (auto constraint = parse_blackout(blackout, zone)) all.push_back(*std::move(constraint));
    blackout.finish();
  }
}

std::vector<Constraint> parse_stalls(TableReader& reader) {
  std::vector<Constraint> all;
  for (const auto& [word, resource] : pressure_words)
    if (const auto percent = reader.number(word, 0, 100))
      all.push_back({fmt::format("pressure.{} = {}", word, *percent), StallConstraint{resource, *percent}});
  if (std::ranges::none_of(pressure_words, [&](const auto& word) { return reader.has(word.first); }))
    reader.error("", "expected `cpu`, `memory` or `io`: the greatest share of stalled time, in percent");
  return all;
}

void parse_paths(TableReader& reader, std::vector<Constraint>& all) {
  for (const std::string& path : reader.text_or_texts("path_exists").value_or(std::vector<std::string>{})) {
    if (!path.starts_with('/')) reader.error("path_exists", fmt::format("\"{}\" is not an absolute path", path));
    all.push_back({"path_exists = " + path, PathExistsConstraint{path}});
  }
}

void parse_units(TableReader& reader, std::vector<Constraint>& all) {
  for (const std::string& unit : reader.text_or_texts("unit_active").value_or(std::vector<std::string>{})) {
    if (!valid_unit(unit))
      reader.error("unit_active",
                   fmt::format("\"{}\" is not the full name of a unit, such as \"backup.service\"", unit));
    all.push_back({"unit_active = " + unit, UnitActiveConstraint{unit}});
  }
}

}  // namespace

Constraints parse_constraints(TableReader& reader, const Zone& zone) {
  Constraints constraints;
  std::vector<Constraint>& all = constraints.all;
  if (const auto on = reader.boolean("ac_power"))
    all.push_back({fmt::format("ac_power = {}", *on), AcPowerConstraint{*on}});
  if (const auto span = reader.duration("idle"))
    all.push_back({fmt::format("idle = {}", format_duration(*span)), IdleConstraint{*span}});
  if (const auto state = reader.word("network", network_words))
    all.push_back({"network = online", NetworkConstraint{*state}});
  if (reader.has("pressure"))
    for (Constraint& stall : read_table(reader, "pressure", parse_stalls)) all.push_back(std::move(stall));
  parse_blackouts(reader, zone, all);
  parse_paths(reader, all);
  parse_units(reader, all);
  if (all.size() > limits::constraints)
    reader.error("", fmt::format("{} constraints; at most {} are taken", all.size(), limits::constraints));
  constraints.max_wait = reader.duration("max_wait", Duration(1));
  if (constraints.max_wait && all.empty() && !reader.report().failed())
    reader.error("max_wait", "there is no constraint to wait for");
  return constraints;
}

}  // namespace takt
