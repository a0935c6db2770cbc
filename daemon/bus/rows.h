// What replies hold: rows of lists, and an execution whole, made of the runtime's structs. Bounded: each text, and all
// of a reply together, because the bus ends the connection of whoever sends more than it allows.
#pragma once

#include <sdbus-c++/Types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "bus/dbus_value.h"
#include "definition/diagnostic.h"
#include "runtime/control.h"

namespace takt {

// As dbus/org.taktd.Takt1.Manager.xml has them.
using ProcessEntry = sdbus::Struct<std::string, sdbus::ObjectPath, std::string, bool, bool, std::uint64_t,
                                   std::uint64_t, std::string, std::uint32_t, std::uint32_t, Dict>;
using ExecutionEntry = sdbus::Struct<std::uint64_t, std::string, std::string, std::string, std::uint64_t, std::uint64_t,
                                     std::uint64_t, std::string, Dict>;
using UpcomingEntry = sdbus::Struct<std::uint64_t, std::string, std::string, std::string, Dict>;
using DiagnosticEntry =
    sdbus::Struct<std::string, std::string, std::uint32_t, std::uint32_t, std::string, std::string, std::string>;
using VersionEntry = sdbus::Struct<std::string, std::uint64_t, Dict>;
using StepEntry = sdbus::Struct<std::string, std::string, std::uint32_t>;

// What is left of the bytes that one reply may have.
class ReplyBudget {
 public:
  // False, and nothing taken, when that much is not left.
  bool take(std::size_t bytes) {
    if (bytes > left_) return false;
    left_ -= bytes;
    return true;
  }
  void reset() { left_ = limits::page_bytes; }

 private:
  std::size_t left_ = limits::page_bytes;
};

// Microseconds of UTC; 0: there is none.
std::uint64_t usec(std::optional<WallTime> at);

ProcessEntry process_entry(const ProcessSummary& summary);
ExecutionEntry execution_entry(const ExecutionRow& row, bool private_too);
// Why something did not succeed, for those who may not read inputs and results: what a step's failure says may hold
// them (a program's path, a value that an expression met).
std::string public_reason(const ExecutionRow& row);
std::string public_error(const StepRow& step);
UpcomingEntry upcoming_entry(const Upcoming& upcoming);
// What does not fit into a reply is counted in a last row.
std::vector<DiagnosticEntry> diagnostic_entries(const Diagnostics& diagnostics);

VersionEntry version_entry(const VersionRow& row, bool in_force);

// Bytes that an entry takes on the bus, or a little more.
std::size_t size_of(const ProcessEntry& entry);
std::size_t size_of(const ExecutionEntry& entry);
std::size_t size_of(const VersionEntry& entry);

// Texts for the bus, in the definition's order.
std::vector<std::string> trigger_texts(const ProcessDefinition& definition);
std::vector<std::string> tag_texts(const ProcessDefinition& definition);

// How far the steps of a run have come.
struct StepsProgress {
  std::uint32_t done = 0;
  std::uint32_t total = 0;
  std::string current;  // the step that runs, waits or is paused
  [[nodiscard]] double fraction() const { return total == 0 ? 0.0 : static_cast<double>(done) / total; }
};
StepsProgress steps_progress(const std::vector<StepRow>& steps, std::size_t total);
StepsProgress steps_progress(const LiveExecution& execution);
std::vector<StepEntry> step_entries(const LiveExecution& execution);

// What is known of an execution beside its history, good until the next event.
struct ExecutionSurroundings {
  const LiveExecution* live = nullptr;  // null: it has ended
  Definition definition;                // that it runs or ran with; null: not at hand
  std::vector<ExecutionId> children;    // executions of its steps that are live
};

// DescribeExecution's reply. Without `private_too` what is private is left out; what does not fit is left out too,
// oldest attempts first, and "Truncated" says so.
Dict describe_execution(const ExecutionHistory& history, const ExecutionSurroundings& around, bool private_too);

}  // namespace takt
