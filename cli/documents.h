// What taktctl knows of the daemon's things: JSON documents of one stable shape each, as taktctl(1), JSON OUTPUT,
// lists them. `--json` prints them as they are; the views for people read from them. Pure.
//
// Members are in snake_case; instants are RFC 3339 in UTC and end in _at; spans are microseconds and end in _us; what
// is not known, or may not be read, is null.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "base/value.h"
#include "definition/diagnostic.h"

namespace takt {

// ---- From what D-Bus gives. The values of a{sv} come as an object with D-Bus's own keys.

// null for 0, which is D-Bus's way to say that there is none.
Value instant(std::uint64_t us);
// null for an empty text.
Value text_or_null(const std::string& text);

Value daemon_document(const Value& manager_properties);
Value process_document(const Value& process_properties);
Value execution_document(const Value& description);
// {"steps", "triggers", "truncated"}, from DescribeProcess.
Value definition_document(const Value& description);
// From Statistics. A "success_rate" is the part of those that ran which succeeded; null when none ran.
Value statistics_document(const Value& statistics);
// A diagnostic, and back.
Value to_json(const Diagnostic& diagnostic);
Diagnostic diagnostic_from_json(const Value& document);

// A row of ListProcesses, ListExecutions, ListUpcoming; `more` is its a{sv}.
struct ProcessRowFields {
  std::string name, object, description;
  bool enabled = false, paused = false;
  std::uint64_t next_us = 0, last_execution = 0;
  std::string last_outcome;
  std::uint32_t running = 0, queued = 0;
};
Value process_row(const ProcessRowFields& row, const Value& more);
struct ExecutionRowFields {
  std::uint64_t id = 0;
  std::string process, state, trigger_kind;
  std::uint64_t queued_us = 0, started_us = 0, ended_us = 0;
  std::string reason;
};
Value execution_row(const ExecutionRowFields& row, const Value& more);
Value version_row(const std::string& hash, std::uint64_t loaded_us, const Value& more);
Value upcoming_row(std::uint64_t at_us, const std::string& process, const std::string& trigger, const std::string& zone,
                   const Value& more);

// ---- Reading a document

// The text of a member: strings as they are, null and what is missing as "", all else as JSON.
std::string text_of(const Value& document, std::string_view key);
std::optional<WallTime> time_of(const Value& document, std::string_view key);
std::optional<Duration> span_of(const Value& document, std::string_view key);
// 0 for null and what is missing.
double number_of(const Value& document, std::string_view key);
std::uint64_t count_of(const Value& document, std::string_view key);
bool truth_of(const Value& document, std::string_view key);
// An array; empty for null and what is missing.
const Value& items_of(const Value& document, std::string_view key);

bool is_live(std::string_view state);

}  // namespace takt
