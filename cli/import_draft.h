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
  std::vector<std::pair<std::string, std::string>> trigger;  // its one trigger; empty: none
  std::vector<DraftStep> steps;
  std::vector<std::string> notes;  // what could not be turned, a sentence each
};

std::string draft_text(const DraftProcess& draft);

// A value as TOML writes it, on one line. TOML has no null: what holds one cannot be written so (has_null).
std::string toml_value(const Value& value);
bool has_null(const Value& value);
// The text with every "${" written so that it stands for itself.
std::string literal_text(std::string text);

// The nearest name that a process may have: "Document Processing" is document-processing; empty when nothing is left.
std::string process_name_like(std::string_view text);
// The nearest name that a step may have and that is not in `taken`, which it joins.
std::string step_name_like(std::string_view text, std::set<std::string>& taken);

// Members of `object` that are not among `known`, each as a note "WHERE: KEY = VALUE has no counterpart".
void note_unknown(const Value& object, const std::set<std::string>& known, const std::string& where,
                  std::vector<std::string>& notes);
// A member's text; empty for one that is missing, null or no text.
std::string member_text(const Value& object, const std::string& key);

}  // namespace takt
