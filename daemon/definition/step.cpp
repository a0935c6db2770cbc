// [[step]]: one action, named by its key, and how it is run.
#include "definition/step.h"

#include <fmt/core.h>

#include <algorithm>
#include <tuple>

#include "base/limits.h"
#include "definition/limits.h"
#include "definition/parts.h"
#include "definition/words.h"

namespace takt {
namespace {

constexpr std::int64_t greatest_weight = 1'000;

std::string parse_name(TableReader& reader) {
  if (!reader.has("name")) reader.error("", "expected `name`, by which its result and its history are known");
  const auto name = reader.text("name");
  if (!name) return {};
  if (!valid_name(*name, true))
    reader.error("name",
                 fmt::format("the name of a step is at most {} letters, digits, _ and -, and begins with a letter or _",
                             limits::name_bytes));
  if (*name == "end") reader.error("name", "\"end\" is the name of the execution's end");
  return *name;
}

std::optional<Undo> parse_undo(TableReader& outer, const ParseContext& context) {
  const auto* node = outer.find("undo");
  if (node == nullptr) return std::nullopt;
  if (!std::holds_alternative<TomlTable>(node->value)) return Undo{parse_arguments(outer, "undo", context), {}};
  TableReader reader(outer.report(), std::get<TomlTable>(node->value), outer.path_of("undo"), node->place);
  Undo undo;
  if (!reader.has("run")) reader.error("", "expected `run`, the program that takes back what the step did");
  undo.argv = parse_arguments(reader, "run", context);
  undo.timeout = reader.duration("timeout", Duration(1));
  reader.finish();
  return undo;
}

std::optional<Cache> parse_cache(TableReader& outer, const ParseContext& context) {
  const auto* node = outer.find("cache");
  if (node == nullptr || outer.table("cache") == nullptr) return std::nullopt;
  TableReader reader(outer.report(), std::get<TomlTable>(node->value), outer.path_of("cache"), node->place);
  Cache cache;
  for (const char* key : {"key", "ttl"})
    if (!reader.has(key)) reader.error("", fmt::format("expected `{}`", key));
  cache.key = parse_template(reader, "key", context);
  cache.ttl = reader.duration("ttl", Duration(1)).value_or(Duration(0));
  reader.finish();
  return cache;
}

std::vector<Variant> parse_variants(TableReader& outer, const ParseContext& context) {
  std::vector<Variant> variants;
  const auto* tables = outer.tables("variants");
  if (tables == nullptr) return variants;
  if (tables->empty() || tables->size() > limits::variants)
    outer.error("variants", fmt::format("expected 1 to {} variants", limits::variants));
  int total = 0;
  for (std::size_t i = 0; i < tables->size(); ++i) {
    const TomlNode& node = (*tables)[i];
    TableReader reader(outer.report(), std::get<TomlTable>(node.value),
                       outer.path_of(fmt::format("variants[{}]", i + 1)), node.place);
    Variant variant;
    variant.name = parse_name(reader);
    variant.weight = static_cast<int>(reader.integer("weight", 0, greatest_weight).value_or(1));
    total += variant.weight;
    if (auto action = parse_action(reader, context)) variant.action = *std::move(action);
    reader.finish();
    if (std::ranges::any_of(variants, [&](const Variant& other) { return other.name == variant.name; }))
      reader.error("name", fmt::format("another variant is named \"{}\"", variant.name));
    variants.push_back(std::move(variant));
  }
  if (total == 0) outer.error("variants", "none of them has a weight, so that none could be taken");
  return variants;
}

// How often a step runs, and with what it shares.
void parse_repetition(TableReader& reader, const ParseContext& context, Step& step) {
  step.for_each = parse_expression(reader, "for_each", context);
  if (!step.for_each.empty()) {
    step.max_parallel =
        static_cast<std::uint32_t>(reader.integer("max_parallel", 1, limits::items_parallel).value_or(1));
    step.fail_fast = reader.boolean("fail_fast");
  }
  step.generate = reader.boolean("generate").value_or(false);
  if (step.generate && !step.for_each.empty())
    reader.error("generate", "a step with for_each gives a list of results, not of steps");
  if (step.generate && step.cache)
    reader.error("generate",
                 "a result that `cache` keeps adds no steps when it is taken again; leave one of the two out");
  if (step.generate && reader.has("max_visits"))
    reader.error("generate", "the steps of the first visit stay, so that a loop cannot come back to this step");
  reader.elsewhere({"max_parallel", "fail_fast"}, "`for_each`");
  std::tie(step.pool, step.slots) = parse_pool(reader, context);
}

// Keys that only a child of the runner has a use for.
void parse_surroundings_of_child(TableReader& reader, const ParseContext& context, Step& step) {
  step.environment = parse_environment(reader, context);
  step.directory = parse_template(reader, "directory", context);
  if (!step.directory.empty() && !step.directory.starts_with('/') && !step.directory.starts_with("${"))
    reader.error("directory", "expected an absolute path");
  step.user = parse_user(reader, "user");
  step.kill = parse_kill(reader);
}

void parse_output(TableReader& reader, const ParseContext& context, Step& step) {
  step.standard_input = parse_template(reader, "stdin", context);
  step.result = reader.word("result", result_words).value_or(ResultSource::file);
}

}  // namespace

Step parse_step(TableReader& reader, const ParseContext& context) {
  Step step;
  step.name = parse_name(reader);
  step.description = reader.any_text("description").value_or("");
  step.variants = parse_variants(reader, context);
  if (step.variants.empty()) {
    if (auto action = parse_action(reader, context)) step.action = *std::move(action);
    reader.elsewhere({"variant_key"}, "`variants`");
  } else {
    step.action = step.variants.front().action;
    step.variant_key = parse_template(reader, "variant_key", context);
    reader.elsewhere({"run", "shell", "process", "call", "http", "emit", "approve", "wait", "set", "interpreter"},
                     "one of the variants");
  }
  step.when = parse_expression(reader, "when", context);
  step.timeout = reader.duration("timeout", Duration(1));
  step.total_timeout = reader.duration("total_timeout", Duration(1));
  step.retry = parse_retry(reader);
  step.undo = parse_undo(reader, context);
  step.cache = parse_cache(reader, context);
  parse_repetition(reader, context, step);
  const bool command = is_command(step.action) || std::ranges::any_of(step.variants, [](const Variant& variant) {
                         return is_command(variant.action);
                       });
  if (command || step.undo) parse_surroundings_of_child(reader, context, step);
  if (command) parse_output(reader, context, step);
  reader.elsewhere({"environment", "directory", "user", "kill", "stdin", "result"}, "`run` and `shell`");
  step.on_interrupt = reader.word("on_interrupt", on_interrupt_words).value_or(OnInterrupt::fail);
  step.continue_on_failure = reader.boolean("continue_on_failure").value_or(false);
  reader.elsewhere({"interpreter"}, "`shell`");
  reader.elsewhere({"inputs"}, "`process`");
  reader.not_yet({"group", "umask", "nice", "limits", "executor", "properties"});
  reader.finish();
  return step;
}

}  // namespace takt
