// What a process is: the definition that a TOML file (takt.process(5)) becomes. Plain data, complete and checked;
// nothing here is read from the machine.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/value.h"
#include "calendar/zone.h"
#include "definition/constraint.h"
#include "definition/definition_fwd.h"
#include "definition/keep.h"
#include "definition/step.h"
#include "definition/trigger.h"

namespace takt {

enum class InputType { string, integer, number, boolean, array, object };

struct InputDeclaration {
  std::string name;
  InputType type = InputType::string;
  std::string description;
  std::optional<Value> fallback;  // `default`; without one the input is required
  std::vector<Value> choices;     // empty: any
  std::string pattern;            // POSIX extended, for strings; empty: any
  std::optional<double> min;      // a number's value, a string's or an array's length
  std::optional<double> max;
};

enum class Overlap { skip, queue, replace, allow };

struct ProcessDefinition {
  std::string name;
  std::string description;
  bool enabled = true;
  std::vector<std::string> tags;
  Zone zone = Zone::utc();
  Overlap overlap = Overlap::skip;
  int max_instances = 1;
  int priority = 0;
  std::optional<Duration> timeout;
  bool fail_fast = true;  // a failed step cancels those that run beside it
  std::string pool;       // that each execution takes `slots` of; empty: none
  std::uint32_t slots = 1;
  Keep keep;
  std::string user;  // whose children its steps are; never empty
  std::map<std::string, std::string> environment;
  std::vector<InputDeclaration> inputs;
  std::vector<Trigger> triggers;
  Constraints constraints;
  std::vector<Step> steps;  // not empty; those of [[finally]] last

  std::string version;                // SHA-256 of `text`, in hex
  std::string text;                   // the effective TOML: the file, its drop-ins merged over it
  std::string origin;                 // the file's path; "" for a text that came over D-Bus to be checked
  std::vector<std::string> drop_ins;  // the paths of those merged over it
  std::string sources;                // by which load_definitions() sees that the files are the same, and nobody else
};

// The words of the enumerations, as definitions, D-Bus, records and people write them.
std::string_view to_word(InputType value);
std::string_view to_word(Overlap value);

// The inputs of one start: those given, checked against the declarations, the defaults for the rest.
// ErrorCode::invalid_input names the input, what is wrong and what is allowed. Unknown names are refused.
Result<Value> check_inputs(const ProcessDefinition& definition, const Value& given);

}  // namespace takt
