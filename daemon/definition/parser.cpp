#include "definition/parser.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <tuple>

#include "base/limits.h"
#include "base/sha256.h"
#include "definition/definition.h"
#include "definition/folders.h"
#include "definition/inputs.h"
#include "definition/limits.h"
#include "definition/order.h"
#include "definition/parts.h"
#include "definition/words.h"

namespace takt {
namespace {

constexpr std::int64_t greatest_keep_runs = 1'000'000'000;

// The keys at the top of the file that stand for themselves.
void parse_plain(TableReader& reader, const ParseContext& context, ProcessDefinition& process) {
  process.description = reader.any_text("description").value_or("");
  process.enabled = reader.boolean("enabled").value_or(true);
  process.overlap = reader.word("overlap", overlap_words).value_or(Overlap::skip);
  process.max_instances =
      static_cast<int>(reader.integer("max_instances", 1, static_cast<std::int64_t>(limits::max_queued)).value_or(1));
  if (reader.has("max_instances") && process.overlap != Overlap::allow)
    reader.warning("max_instances", "it has a meaning only with overlap = \"allow\"");
  process.priority = static_cast<int>(reader.integer("priority", -limits::priority, limits::priority).value_or(0));
  process.timeout = reader.duration("timeout", Duration(1));
  process.fail_fast = reader.boolean("fail_fast").value_or(true);
  std::tie(process.pool, process.slots) = parse_pool(reader, context);
  process.environment = parse_environment(reader, context);
  process.user = parse_user(reader, "user");
  if (!reader.has("user")) process.user = context.default_user;
  if (!reader.has("user") && process.user.empty())
    reader.error("",
                 "expected `user`: children run as root by default only when root alone could write the definition");
}

void parse_tags(TableReader& reader, ProcessDefinition& process) {
  process.tags = reader.texts("tags").value_or(std::vector<std::string>{});
  for (const auto& tag : process.tags)
    if (tag.empty() || tag.size() > limits::name_bytes ||
        std::ranges::any_of(tag, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == ',' || c == 0x7f; }))
      reader.error("tags", fmt::format("a tag is 1 to {} characters without blanks and commas", limits::name_bytes));
}

void parse_zone(TableReader& reader, const ParseContext& context, ProcessDefinition& process) {
  process.zone = context.local_zone;
  const auto text = reader.text("timezone");
  if (!text) return;
  const auto name = expand_environment(*text, context);
  const auto zone = name ? Zone::find(*name) : tl::unexpected(name.error());
  if (zone)
    process.zone = *zone;
  else
    reader.error("timezone", zone.error().message);
}

void parse_keep(TableReader& outer, ProcessDefinition& process) {
  const auto* node = outer.find("keep");
  if (node == nullptr || outer.table("keep") == nullptr) return;
  TableReader reader(outer.report(), std::get<TomlTable>(node->value), "keep", node->place);
  process.keep.runs = reader.integer("runs", 1, greatest_keep_runs);
  process.keep.age = reader.duration("age", Duration(1));
  reader.finish();
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

void parse_constraints_of(TableReader& reader, ProcessDefinition& process) {
  if (reader.has("constraints"))
    process.constraints = read_table(reader, "constraints", parse_constraints, process.zone);
}

void parse_inputs(TableReader& reader, ProcessDefinition& process) {
  const auto* declarations = reader.table("inputs");
  if (declarations == nullptr) return;
  std::map<std::string, std::string> variables;
  for (const auto& [name, node] : *declarations) {
    const auto path = "inputs." + name;
    if (!valid_name(name, false))
      reader.report().error(node.key_place, path,
                            "the name of an input is letters, digits and _, and does not begin with a digit");
    if (const auto [other, fresh] = variables.emplace(upper(name), name); !fresh)
      reader.report().error(
          node.key_place, path,
          fmt::format("\"{}\" would be the same variable, TAKT_INPUT_{}", other->second, other->first));
    const auto* table = std::get_if<TomlTable>(&node.value);
    if (table == nullptr) {
      reader.report().error(node.place, path,
                            fmt::format("expected a table such as {{ type = \"string\" }}, got {}", kind_of(node)));
      continue;
    }
    TableReader declaration(reader.report(), *table, path, node.place);
    process.inputs.push_back(parse_input(name, declaration));
  }
}

void parse_triggers(TableReader& reader, const ParseContext& context, ProcessDefinition& process) {
  const auto* triggers = reader.tables("trigger");
  if (triggers == nullptr) return;
  if (triggers->size() > limits::triggers)
    return reader.error("trigger",
                        fmt::format("{} triggers; at most {} are taken", triggers->size(), limits::triggers));
  const Surroundings surroundings{context, process.zone, process.inputs};
  std::map<std::string, std::uint32_t> lines;
  for (std::size_t i = 0; i < triggers->size(); ++i) {
    const auto& node = (*triggers)[i];
    TableReader one(reader.report(), std::get<TomlTable>(node.value), fmt::format("trigger[{}]", i + 1), node.place);
    auto trigger = parse_trigger(one, surroundings);
    if (!trigger) continue;
    if (const auto [same, fresh] = lines.emplace(trigger->key, node.place.line); !fresh)
      one.error("", fmt::format("it says the same as the trigger at line {}; together they would start two executions",
                                same->second));
    process.triggers.push_back(*std::move(trigger));
  }
}

// The tables of one kind; null: there are none, or they are wrong and that has been told.
const TomlArray* step_tables(TableReader& reader, std::string_view key) {
  const auto* tables = reader.tables(key);
  if (tables == nullptr || tables->size() <= limits::steps) return tables;
  reader.error(key, fmt::format("{} steps; at most {} are taken", tables->size(), limits::steps));
  return nullptr;
}

// [[step]], whose order is then resolved, and [[finally]], which have none but the one they stand in.
void parse_steps(TableReader& reader, const ParseContext& context, ProcessDefinition& process) {
  const auto* steps = step_tables(reader, "step");
  if (!reader.has("step") || (steps != nullptr && steps->empty()))
    reader.error("step", "expected at least one step, begun by [[step]]");
  std::map<std::string, std::uint32_t> lines;
  std::vector<StepOrder> orders;
  std::vector<Step> last;
  const auto parse = [&](const TomlNode& node, std::string path, bool finally) {
    TableReader one(reader.report(), std::get<TomlTable>(node.value), std::move(path), node.place);
    if (finally)
      one.elsewhere({"needs", "parallel_group", "on_success", "on_failure", "max_visits", "generate"}, "[[step]]");
    else
      orders.push_back(parse_order(one));
    Step step = parse_step(one, context);
    step.finally = finally;
    if (const auto [same, fresh] = lines.emplace(step.name, node.place.line); !fresh && !step.name.empty())
      one.error("name", fmt::format("the step at line {} has this name already", same->second));
    if (step.generate && !finally && orders.back().on_success)
      one.error("on_success", "the steps that are generated come after this one, and would not be waited for");
    (finally ? last : process.steps).push_back(std::move(step));
  };
  for (std::size_t i = 0; steps != nullptr && i < steps->size(); ++i)
    parse((*steps)[i], fmt::format("step[{}]", i + 1), false);
  const auto* finals = step_tables(reader, "finally");
  for (std::size_t i = 0; finals != nullptr && i < finals->size(); ++i)
    parse((*finals)[i], fmt::format("finally[{}]", i + 1), true);
  std::vector<std::string> final_names;
  for (const Step& step : last) final_names.push_back(step.name);
  resolve_order(process.steps, orders, final_names, reader.report());
  std::move(last.begin(), last.end(), std::back_inserter(process.steps));
}

}  // namespace

ParseOutcome parse_definition(std::string_view name, const SourceText& file, const std::vector<SourceText>& drop_ins,
                              const ParseContext& context) {
  std::vector<const SourceText*> sources{&file};
  for (const auto& drop_in : drop_ins) sources.push_back(&drop_in);
  Report report(sources);
  if (!valid_process_name(name))
    report.error(
        {}, "",
        fmt::format("\"{}\" is not the name of a process: expected 1 to {} of a-z, 0-9, \".\", \"_\" and \"-\", "
                    "beginning with a letter or digit",
                    name, limits::name_bytes));
  auto document = read_toml(report);
  if (!document) return {nullptr, report.take()};

  ProcessDefinition process;
  process.name = name;
  TableReader reader(report, document->root, "", {});
  parse_plain(reader, context, process);
  parse_tags(reader, process);
  parse_zone(reader, context, process);
  parse_keep(reader, process);
  parse_inputs(reader, process);
  parse_triggers(reader, context, process);
  parse_constraints_of(reader, process);
  parse_steps(reader, context, process);
  reader.finish();
  if (report.failed()) return {nullptr, report.take()};
  process.text = std::move(document->text);
  process.version = sha256_hex(process.text);
  if (file.path.starts_with('/')) process.origin = file.path;
  for (const SourceText& drop_in : drop_ins) process.drop_ins.push_back(drop_in.path);
  return {std::make_shared<ProcessDefinition>(std::move(process)), report.take()};
}

}  // namespace takt
