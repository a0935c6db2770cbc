// A definition that is made from another system's description of the same thing, before it is TOML. Pure.
//
// A draft never loses anything: what has no counterpart becomes a note, which the text repeats as a comment and taktctl
// tells on standard error.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/value.h"

namespace takt {

// What says when it runs. What another system said in its own words is kept, so that the two can be compared.
enum class OldSchedule { none, cron, systemd };
struct DraftTrigger {
  std::vector<std::pair<std::string, std::string>> keys;  // with their values as TOML
  OldSchedule old = OldSchedule::none;                    // what `expression` is one of
  std::string expression{};
  std::vector<std::string> comments{};  // above it
};

struct DraftStep {
  std::string name;
  std::vector<std::string> comments;                      // above it
  std::vector<std::pair<std::string, std::string>> keys;  // with their values as TOML
};

struct DraftProcess {
  std::string name;                                       // of the process
  std::vector<std::string> comments;                      // at the top
  std::vector<std::pair<std::string, std::string>> keys;  // with their values as TOML
  std::vector<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>> inputs;
  std::vector<std::pair<std::string, std::string>> environment;  // with their values as TOML
  std::vector<DraftTrigger> triggers;
  std::vector<DraftStep> steps;
  std::vector<std::string> notes;  // what could not be turned, a sentence each
};

// What came of files that hold many processes.
struct DraftBatch {
  std::vector<DraftProcess> drafts;
  std::set<std::string> names;     // of the drafts
  std::vector<std::string> notes;  // what could not be turned at all, a sentence each
};

std::string draft_text(const DraftProcess& draft);

// A script as TOML writes it: within single quotes, where nothing needs a backslash, if it can be.
std::string toml_script(const std::string& script);
// A value as TOML writes it, on one line. TOML has no null: what holds one cannot be written so (has_null).
std::string toml_value(const Value& value);
bool has_null(const Value& value);
// The text with every "${" written so that it stands for itself.
std::string literal_text(std::string text);

// The nearest name that a process may have: "Document Processing" is document-processing; empty when nothing is left.
std::string process_name_like(std::string_view text);
// The same, made one that is not in `taken`, which it joins; "process" when nothing is left.
std::string process_name_like(std::string_view text, std::set<std::string>& taken);
// The nearest name that a step may have and that is not in `taken`, which it joins.
std::string step_name_like(std::string_view text, std::set<std::string>& taken);

// Fires once a boot, a span after it.
DraftTrigger boot_trigger(const std::string& span);
// Whether a definition may set a variable of this name for its children.
bool is_variable_name(std::string_view name);

// Members of `object` that are not among `known`, each as a note "WHERE: KEY = VALUE has no counterpart".
void note_unknown(const Value& object, const std::set<std::string>& known, const std::string& where,
                  std::vector<std::string>& notes);
// A member's text; empty for one that is missing, null or no text.
std::string member_text(const Value& object, const std::string& key);

}  // namespace takt
