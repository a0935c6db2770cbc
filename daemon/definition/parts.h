// The parts of a definition, each read from its own table. Whatever is wrong is told to the reader's report; what comes
// back is then of no use, and is thrown away with the whole definition.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "definition/definition.h"
#include "definition/parser.h"
#include "definition/table_reader.h"

namespace takt {

// What a trigger needs to know of the process around it.
struct Surroundings {
  const ParseContext& context;
  Zone zone;
  const std::vector<InputDeclaration>& inputs;
};

// [[trigger]]. Nothing when its kind or its instant could not be read.
std::optional<Trigger> parse_trigger(TableReader& reader, const Surroundings& surroundings);
// The keys of its kind, which `word` names; `key` becomes what it says, normalised. Nothing, told, when that cannot be
// read.
std::optional<TriggerKind> parse_time_trigger(TableReader& reader, std::string_view word, const Zone& zone,
                                              std::string& key);
std::optional<TriggerKind> parse_path_trigger(TableReader& reader, std::string& key);
std::optional<TriggerKind> parse_chain_trigger(TableReader& reader, std::string_view word, std::string& key);
std::optional<TriggerKind> parse_machine_trigger(TableReader& reader, std::string_view word, std::string& key);
// Whether it is a unit's full name, as systemd.unit(5) has it.
bool valid_unit(std::string_view name);
// [constraints]
Constraints parse_constraints(TableReader& reader, const Zone& zone);
// What a step, or one of its variants, does: its kind, and the keys that belong to it. Nothing when its kind cannot be
// told.
std::optional<StepAction> parse_action(TableReader& reader, const ParseContext& context);
// An array of texts that may hold ${…}: a program and its arguments.
std::vector<std::string> parse_arguments(TableReader& reader, std::string_view key, const ParseContext& context);
// `pool` and `slots` of a process or a step.
std::pair<std::string, std::uint32_t> parse_pool(TableReader& reader, const ParseContext& context);
// `retry` and `kill` of a step.
std::optional<Retry> parse_retry(TableReader& outer);
Kill parse_kill(TableReader& outer);
// [[step]] or [[finally]]; not its order.
Step parse_step(TableReader& reader, const ParseContext& context);

// `environment` of a process or a step: names that a child may be given, texts that could be expanded.
std::map<std::string, std::string> parse_environment(TableReader& reader, const ParseContext& context);
// A key whose text is an expression; a key whose text may hold ${…}. Only their syntax is judged.
std::string parse_expression(TableReader& reader, std::string_view key, const ParseContext& context);
std::string parse_template(TableReader& reader, std::string_view key, const ParseContext& context);
// The name of a user of the machine; empty when the key is missing or wrong.
std::string parse_user(TableReader& reader, std::string_view key);

// Which kind of table it is: the one key of `kinds` that is there. Nothing, told, when there is none or there are
// several, or when the kind is one of `later`.
std::optional<std::string_view> parse_kind(TableReader& reader, std::initializer_list<std::string_view> kinds,
                                           std::initializer_list<std::string_view> later);

// [A-Za-z_][A-Za-z0-9_]*, with `-` too when `dashes`; at most limits::name_bytes.
bool valid_name(std::string_view name, bool dashes);
// ${env.NAME or default} in a text, from the environment that the definition is read with.
Result<std::string> expand_environment(std::string_view text, const ParseContext& context);

}  // namespace takt
