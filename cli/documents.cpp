#include "cli/documents.h"

#include <span>

namespace takt {
namespace {

// How a key of D-Bus becomes a member: as it is, an instant (0: null), a text (empty: null), JSON in a text, a flag
// (false when it is left out), a list (empty when it is), or the items of a for_each.
enum class As { plain, instant, text, json, flag, list, items };
struct Member {
  const char* key;
  const char* name;
  As as = As::plain;
};

constexpr Member daemon_members[] = {
    {"Version", "version"}, {"Enabled", "enabled"}, {"StartedUSec", "started_at", As::instant},
    {"Running", "running"}, {"Queued", "queued"},   {"Processes", "processes"},
    {"Refused", "refused"}, {"Paused", "paused"},   {"RunnerConnected", "runner_connected"},
};
constexpr Member process_members[] = {
    {"Name", "name"},
    {"Description", "description"},
    {"Tags", "tags"},
    {"Enabled", "enabled"},
    {"Paused", "paused"},
    {"Version", "version"},
    {"Origin", "origin", As::text},
    {"User", "user"},
    {"Overlap", "overlap"},
    {"Triggers", "triggers"},
    {"Steps", "steps"},
    {"Pool", "pool", As::text},
    {"Slots", "slots"},
    {"PausedUntilUSec", "paused_until_at", As::instant},
    {"SkipNext", "skip_next"},
    {"NextUSec", "next_at", As::instant},
    {"LastExecution", "last_execution"},
    {"LastOutcome", "last_outcome", As::text},
};
constexpr Member execution_members[] = {
    {"ID", "id"},
    {"Process", "process"},
    {"Version", "version"},
    {"State", "state"},
    {"Outcome", "outcome", As::text},
    {"Run", "run"},
    {"Priority", "priority"},
    {"TriggerKind", "trigger_kind"},
    {"Trigger", "trigger", As::text},
    {"NominalUSec", "nominal_at", As::instant},
    {"RequestedBy", "requested_by"},
    {"QueuedUSec", "queued_at", As::instant},
    {"StartedUSec", "started_at", As::instant},
    {"EndedUSec", "ended_at", As::instant},
    {"DeadlineUSec", "deadline_at", As::instant},
    {"Reason", "reason", As::text},
    {"ErrorStep", "error_step", As::text},
    {"Phase", "phase", As::text},
    {"StartUSec", "start_at", As::instant},
    {"Parent", "parent"},
    {"Depth", "depth"},
    {"Children", "children", As::list},
    {"IdempotencyKey", "idempotency_key", As::text},
    {"Progress", "progress"},
    {"CurrentStep", "current_step", As::text},
    {"TotalSteps", "total_steps"},
    {"DoneSteps", "done_steps"},
    {"Inputs", "inputs", As::json},
    {"Result", "result", As::json},
    {"TriggerFields", "trigger_fields", As::json},
    {"Truncated", "truncated", As::flag},
};
constexpr Member step_members[] = {
    {"Name", "name"},
    {"State", "state"},
    {"Attempts", "attempts"},
    {"StartedUSec", "started_at", As::instant},
    {"EndedUSec", "ended_at", As::instant},
    {"RetryUSec", "retry_at", As::instant},
    {"ExitCode", "exit_code"},
    {"Signal", "signal"},
    {"Error", "error", As::text},
    {"Result", "result", As::json},
    {"Visits", "visits"},
    {"Order", "order"},
    {"Variant", "variant", As::text},
    {"Items", "items", As::items},
    {"WaitsUntilUSec", "waits_until_at", As::instant},
    {"Message", "message", As::text},
    {"ApprovedBy", "approved_by"},
    {"Comment", "comment", As::text},
    {"Action", "action", As::text},
    {"After", "after", As::list},
    {"OnSuccess", "on_success", As::text},
    {"OnFailure", "on_failure", As::text},
    {"Routed", "routed", As::flag},
    {"MaxVisits", "max_visits"},
    {"ParallelGroup", "parallel_group", As::text},
    {"Finally", "finally", As::flag},
    {"ForEach", "for_each", As::flag},
    {"Undo", "undo", As::flag},
    {"Pool", "pool", As::text},
    {"Slots", "slots"},
};
// Of a definition; those of its order are an execution's step's, too.
constexpr Member defined_step_members[] = {
    {"Name", "name"},
    {"Description", "description", As::text},
    {"Action", "action", As::text},
    {"After", "after", As::list},
    {"OnSuccess", "on_success", As::text},
    {"OnFailure", "on_failure", As::text},
    {"Routed", "routed", As::flag},
    {"MaxVisits", "max_visits"},
    {"ParallelGroup", "parallel_group", As::text},
    {"Finally", "finally", As::flag},
    {"ForEach", "for_each", As::flag},
    {"Undo", "undo", As::flag},
    {"Pool", "pool", As::text},
    {"Slots", "slots"},
    {"MaxParallel", "max_parallel"},
    {"Generate", "generate", As::flag},
    {"Cached", "cached", As::flag},
    {"Variants", "variants", As::list},
};
constexpr Member trigger_members[] = {
    {"Trigger", "trigger"},        {"Kind", "kind"},
    {"Enabled", "enabled"},        {"DebounceUSec", "debounce_us"},
    {"RateLimit", "rate_limit"},   {"RateSpanUSec", "rate_span_us"},
    {"RateExcess", "rate_excess"},
};
constexpr Member statistics_members[] = {
    {"Process", "process"},
    {"CPUUSec", "cpu_us"},
    {"MemoryPeak", "memory_peak_bytes"},
};
constexpr Member spread_members[] = {
    {"MedianUSec", "median_us"},
    {"P95USec", "p95_us"},
    {"MaxUSec", "max_us"},
};
constexpr Member attempt_members[] = {
    {"Run", "run"},
    {"Step", "step"},
    {"Attempt", "attempt"},
    {"Kind", "kind"},
    {"Item", "item"},
    {"Outcome", "outcome", As::text},
    {"StartedUSec", "started_at", As::instant},
    {"EndedUSec", "ended_at", As::instant},
    {"ExitCode", "exit_code"},
    {"Signal", "signal"},
    {"Error", "error", As::text},
    {"CPUUserUSec", "cpu_user_us"},
    {"CPUSystemUSec", "cpu_system_us"},
    {"MemoryPeak", "memory_peak_bytes"},
    {"IORead", "io_read_bytes"},
    {"IOWrite", "io_write_bytes"},
    {"OutputBytes", "output_bytes"},
    {"OutputCut", "output_cut"},
    {"OutputTail", "output_tail"},
};

Value converted(const Value& value, As as) {
  switch (as) {
    case As::plain:
      return value;
    case As::instant:
      return value.is_whole() ? instant(value.get<std::uint64_t>()) : Value();
    case As::text:
      return value.is_string() ? text_or_null(value.get<std::string>()) : Value();
    case As::json: {
      if (!value.is_string()) return {};
      // Text that is not JSON would break the shape; it is shown as the text that it is.
      const std::string text = value.get<std::string>();
      return text.empty() ? Value() : parse_value(text).value_or(Value(text));
    }
    case As::flag:
      return value.is_boolean() && value.get<bool>();
    case As::list:
      return value.is_array() ? value : Value::array();
    case As::items:
      if (!value.is_array() || value.size() != 3) return {};
      return {{"all", value[0]}, {"ended", value[1]}, {"failed", value[2]}};
  }
  return {};
}

Value document(const Value& source, std::span<const Member> members) {
  Value out = Value::object();
  for (const Member& member : members) {
    const Value* found = source.member(member.key);
    out[member.name] = converted(found == nullptr ? Value() : *found, member.as);
  }
  return out;
}

// From start to end, null while one of them is not there.
Value duration(const Value& out) {
  const auto from = time_of(out, "started_at");
  const auto to = time_of(out, "ended_at");
  if (!from || !to) return {};
  return (*to - *from).count();
}

Value documents(const Value& source, const char* key, std::span<const Member> members) {
  Value out = Value::array();
  for (const Value& item : items_of(source, key)) {
    Value one = document(item, members);
    one["duration_us"] = duration(one);
    out.push_back(std::move(one));
  }
  return out;
}

Value id_or_null(const Value& id) {
  return id.is_whole() && id == 0 ? Value() : id;
}

Value member_of(const Value& source, const char* key) {
  const Value* found = source.member(key);
  return found == nullptr ? Value::object() : *found;
}

// A row of Statistics, of a process or of a step. What was skipped has not run.
Value statistics_row(const Value& source) {
  Value out = document(source, statistics_members);
  out["outcomes"] = member_of(source, "Outcomes");
  out["duration"] = document(member_of(source, "Duration"), spread_members);
  std::uint64_t ran = 0, good = 0;
  for (const auto& [outcome, count] : out["outcomes"].items()) {
    const auto many = count.get<std::uint64_t>();
    if (outcome != "skipped") ran += many;
    if (outcome == "succeeded" || outcome == "cached" || outcome == "undone") good += many;
  }
  out["ran"] = ran;
  out["success_rate"] = ran == 0 ? Value() : Value(static_cast<double>(good) / static_cast<double>(ran));
  return out;
}

}  // namespace

Value instant(std::uint64_t us) {
  if (us == 0) return {};
  return format_utc(wall_from_us(static_cast<std::int64_t>(us)));
}

Value text_or_null(const std::string& text) {
  return text.empty() ? Value() : Value(text);
}

Value daemon_document(const Value& manager_properties) {
  return document(manager_properties, daemon_members);
}

Value process_document(const Value& process_properties) {
  Value out = document(process_properties, process_members);
  out["last_execution"] = id_or_null(out["last_execution"]);
  return out;
}

Value execution_document(const Value& description) {
  Value out = document(description, execution_members);
  out["duration_us"] = duration(out);
  out["steps"] = documents(description, "Steps", step_members);
  out["attempts"] = documents(description, "Attempts", attempt_members);
  return out;
}

Value definition_document(const Value& description) {
  Value out = {
      {"steps", Value::array()}, {"triggers", Value::array()}, {"truncated", truth_of(description, "Truncated")}};
  for (const Value& step : items_of(description, "Steps")) out["steps"].push_back(document(step, defined_step_members));
  for (const Value& trigger : items_of(description, "Triggers"))
    out["triggers"].push_back(document(trigger, trigger_members));
  return out;
}

Value statistics_document(const Value& statistics) {
  Value out = {
      {"processes", Value::array()}, {"steps", Value::array()}, {"truncated", truth_of(statistics, "Truncated")}};
  for (const Value& source : items_of(statistics, "Processes")) {
    Value row = statistics_row(source);
    row["queue_time"] = document(member_of(source, "QueueTime"), spread_members);
    out["processes"].push_back(std::move(row));
  }
  for (const Value& source : items_of(statistics, "Steps")) {
    Value row = statistics_row(source);
    row["step"] = text_of(source, "Step");
    row["variant"] = text_or_null(text_of(source, "Variant"));
    out["steps"].push_back(std::move(row));
  }
  return out;
}

Value version_row(const std::string& hash, std::uint64_t loaded_us, const Value& more) {
  return {{"version", hash},
          {"loaded_at", instant(loaded_us)},
          {"origin", text_or_null(text_of(more, "Origin"))},
          {"user", text_or_null(text_of(more, "User"))},
          {"in_force", truth_of(more, "InForce")}};
}

Value to_json(const Diagnostic& diagnostic) {
  return {{"severity", diagnostic.severity == Severity::error ? "error" : "warning"},
          {"file", diagnostic.file},
          {"line", diagnostic.line},
          {"column", diagnostic.column},
          {"key", text_or_null(diagnostic.key)},
          {"message", diagnostic.message},
          {"excerpt", text_or_null(diagnostic.excerpt)}};
}

Diagnostic diagnostic_from_json(const Value& document) {
  return {text_of(document, "severity") == "warning" ? Severity::warning : Severity::error,
          text_of(document, "file"),
          static_cast<std::uint32_t>(count_of(document, "line")),
          static_cast<std::uint32_t>(count_of(document, "column")),
          text_of(document, "key"),
          text_of(document, "message"),
          text_of(document, "excerpt")};
}

Value process_row(const ProcessRowFields& row, const Value& more) {
  return {{"name", row.name},
          {"object", row.object},
          {"description", row.description},
          {"enabled", row.enabled},
          {"paused", row.paused},
          {"next_at", instant(row.next_us)},
          {"last_execution", id_or_null(row.last_execution)},
          {"last_outcome", text_or_null(row.last_outcome)},
          {"last_at", instant(count_of(more, "LastUSec"))},
          {"running", row.running},
          {"queued", row.queued},
          {"triggers", items_of(more, "Triggers")},
          {"tags", items_of(more, "Tags")},
          {"origin", text_or_null(text_of(more, "Origin"))}};
}

Value execution_row(const ExecutionRowFields& row, const Value& more) {
  Value out = {{"id", row.id},
               {"process", row.process},
               {"state", row.state},
               {"trigger_kind", row.trigger_kind},
               {"trigger", text_or_null(text_of(more, "Trigger"))},
               {"nominal_at", instant(count_of(more, "NominalUSec"))},
               {"requested_by", more.contains("RequestedBy") ? more["RequestedBy"] : Value()},
               {"queued_at", instant(row.queued_us)},
               {"started_at", instant(row.started_us)},
               {"ended_at", instant(row.ended_us)},
               {"run", more.contains("Run") ? more["Run"] : Value()},
               {"reason", text_or_null(row.reason)},
               {"error_step", text_or_null(text_of(more, "ErrorStep"))}};
  out["duration_us"] = duration(out);
  return out;
}

Value upcoming_row(std::uint64_t at_us, const std::string& process, const std::string& trigger, const std::string& zone,
                   const Value& more) {
  return {{"at", instant(at_us)},
          {"process", process},
          {"trigger", trigger},
          {"zone", text_or_null(zone)},
          {"nominal_at", instant(count_of(more, "NominalUSec"))}};
}

std::string text_of(const Value& document, std::string_view key) {
  const Value* found = document.member(key);
  if (found == nullptr || found->is_null()) return {};
  return found->is_string() ? found->get<std::string>() : value_text(*found);
}

std::optional<WallTime> time_of(const Value& document, std::string_view key) {
  const std::string text = text_of(document, key);
  if (text.empty()) return std::nullopt;
  const Result<WallTime> at = parse_rfc3339(text);
  return at ? std::optional(*at) : std::nullopt;
}

std::optional<Duration> span_of(const Value& document, std::string_view key) {
  const Value* found = document.member(key);
  if (found == nullptr || !found->is_whole()) return std::nullopt;
  return Duration(found->get<std::int64_t>());
}

double number_of(const Value& document, std::string_view key) {
  const Value* found = document.member(key);
  return found != nullptr && found->is_number() ? found->get<double>() : 0;
}

std::uint64_t count_of(const Value& document, std::string_view key) {
  const Value* found = document.member(key);
  return found != nullptr && found->is_whole() ? found->get<std::uint64_t>() : 0;
}

bool truth_of(const Value& document, std::string_view key) {
  const Value* found = document.member(key);
  return found != nullptr && found->is_boolean() && found->get<bool>();
}

const Value& items_of(const Value& document, std::string_view key) {
  static const Value none = Value::array();
  const Value* found = document.member(key);
  return found != nullptr && found->is_array() ? *found : none;
}

bool is_live(std::string_view state) {
  return state == "queued" || state == "running" || state == "paused" || state == "interrupted";
}

}  // namespace takt
