// [[trigger]]: one kind, named by its key, and the fields that go with it.
#include "definition/trigger.h"

#include <fmt/core.h>

#include <algorithm>

#include "definition/inputs.h"
#include "definition/limits.h"
#include "definition/parts.h"
#include "definition/words.h"

namespace takt {
namespace {

// What a trigger brings must be declared, and what is required it must bring: else none of its firings could start.
void parse_inputs(TableReader& reader, const Surroundings& surroundings, Trigger& trigger) {
  const auto* node = reader.find("inputs");
  trigger.inputs = reader.object("inputs").value_or(Value::object());
  if (node != nullptr && !std::holds_alternative<TomlTable>(node->value)) return;
  std::vector<std::string_view> names;
  for (const auto& declaration : surroundings.inputs) names.push_back(declaration.name);
  for (const auto& [name, value] : trigger.inputs.items()) {
    const Place& place = std::get<TomlTable>(node->value).find(name)->second.place;
    const auto key = reader.path_of("inputs." + name);
    const auto declaration = std::ranges::find(surroundings.inputs, name, &InputDeclaration::name);
    if (declaration == surroundings.inputs.end()) {
      reader.report().error(place, key, fmt::format("the process declares no such input{}", suggestion(name, names)));
    } else if (value_text(value).find("${") == std::string::npos) {
      if (const auto checked = check_input(*declaration, value); !checked)
        reader.report().error(place, key, checked.error().message);
    }
  }
  for (const auto& declaration : surroundings.inputs)
    if (!declaration.fallback && !trigger.inputs.contains(declaration.name))
      reader.error("",
                   fmt::format("its firings could not start: the input \"{}\" is required, and is not in its `inputs`",
                               declaration.name));
}

// The syntax of every text in a value.
Status check_texts(const Value& value, Evaluator& evaluator) {
  if (value.is_string()) return evaluator.check_text(value.text());
  for (const Value* child : value.children()) TAKT_TRY(check_texts(*child, evaluator));
  return {};
}

std::optional<Rate> parse_rate(TableReader& outer) {
  const auto* node = outer.find("rate");
  if (node == nullptr || outer.table("rate") == nullptr) return std::nullopt;
  TableReader reader(outer.report(), std::get<TomlTable>(node->value), outer.path_of("rate"), node->place);
  Rate rate;
  for (const char* key : {"limit", "span"})
    if (!reader.has(key)) reader.error("", fmt::format("expected `{}`: at most so many executions in so long", key));
  rate.limit = static_cast<int>(reader.integer("limit", 1, limits::rate).value_or(1));
  rate.span = reader.duration("span", Duration(1)).value_or(Duration(1));
  rate.excess = reader.word("excess", excess_words).value_or(Excess::skip);
  reader.finish();
  return rate;
}

std::optional<TriggerKind> parse_trigger_kind(TableReader& reader, std::string_view word, const Zone& zone,
                                              std::string& key) {
  const auto is_one_of = [word](std::initializer_list<std::string_view> words) {
    return std::ranges::find(words, word) != words.end();
  };
  if (word == "path") return parse_path_trigger(reader, key);
  if (is_one_of({"after", "event"})) return parse_chain_trigger(reader, word, key);
  if (is_one_of({"dbus", "unit", "journal", "device", "pressure"})) return parse_machine_trigger(reader, word, key);
  return parse_time_trigger(reader, word, zone, key);
}

}  // namespace

std::optional<Trigger> parse_trigger(TableReader& reader, const Surroundings& surroundings) {
  const auto word = parse_kind(reader,
                               {"cron", "calendar", "every", "at", "boot", "path", "after", "event", "dbus", "unit",
                                "journal", "device", "pressure"},
                               {"webhook"});
  Trigger trigger{.key = {}, .kind = BootTrigger{}, .when = {}};
  trigger.enabled = reader.boolean("enabled").value_or(true);
  trigger.when = parse_expression(reader, "when", surroundings.context);
  parse_inputs(reader, surroundings, trigger);
  if (const auto checked = check_texts(trigger.inputs, surroundings.context.evaluator); !checked)
    reader.error("inputs", checked.error().message);
  std::optional<TriggerKind> kind;
  if (word) {
    reader.set_expansion([&](std::string_view text) { return expand_environment(text, surroundings.context); });
    kind = parse_trigger_kind(reader, *word, surroundings.zone, trigger.key);
  }
  trigger.debounce = reader.duration("debounce", Duration(1));
  trigger.rate = parse_rate(reader);
  reader.elsewhere({"timezone"}, "`cron`, `calendar` and `at`");
  reader.elsewhere({"catch_up"}, "`cron`, `calendar` and `at`");
  reader.elsewhere({"dst"}, "`cron` and `calendar`");
  reader.elsewhere({"jitter"}, "`cron`, `calendar` and `every`");
  reader.elsewhere({"anchor"}, "`every`");
  reader.elsewhere({"events", "settle", "recursive", "batch"}, "`path`");
  reader.elsewhere({"outcome"}, "`after`");
  reader.elsewhere({"match"}, "`event`");
  reader.elsewhere({"state"}, "`unit`");
  reader.elsewhere({"stall", "window"}, "`pressure`");
  reader.finish();
  if (!kind) return std::nullopt;
  trigger.kind = *std::move(kind);
  return trigger;
}

}  // namespace takt
