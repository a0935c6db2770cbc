// TOML text -> ProcessDefinition (takt.process(5)), with every diagnostic of the text in one pass. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "calendar/zone.h"
#include "definition/definition_fwd.h"
#include "definition/diagnostic.h"
#include "definition/source.h"
#include "expression/expression.h"

namespace takt {

// What the definition cannot know of itself.
struct ParseContext {
  Evaluator& evaluator;
  const std::map<std::string, std::string>& environment;  // `env` of trigger fields: the daemon's
  Zone local_zone = Zone::utc();
  std::string default_user{};  // when the text names none; empty: naming one is required (the diagnostic says why)
  const std::map<std::string, std::uint32_t>* pools = nullptr;  // those of taktd.toml; null: any name is taken
};

struct ParseOutcome {
  std::shared_ptr<ProcessDefinition> definition;  // null when there is an error
  Diagnostics diagnostics;
};

// A process from its file and its drop-ins, merged key by key in the order given ([[trigger]] and [[step]] arrays are
// replaced whole). `name` is the file's stem.
ParseOutcome parse_definition(std::string_view name, const SourceText& file, const std::vector<SourceText>& drop_ins,
                              const ParseContext& context);

// The definition with the steps that one of its steps has generated: a list of step tables as JSON, validated as those
// of a file are. They run one after another behind the step at `place`, and what stood behind it waits for the last of
// them. They are appended, so that the places of the others stay. Pure; called again with the same list it gives the
// same. ErrorCode::invalid_definition with every diagnostic.
Result<Definition> with_generated_steps(const ProcessDefinition& definition, std::uint32_t place, const Value& list,
                                        Evaluator& evaluator);

}  // namespace takt
