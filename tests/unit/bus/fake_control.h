// A Control that keeps what it is asked, and answers when the test says so.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "definition/definition.h"
#include "runtime/control.h"

namespace takt {

class FakeControl final : public Control {
 public:
  // ---- What there is
  std::map<std::string, ProcessSummary> known;
  std::map<ExecutionId, LiveExecution> live;
  std::map<ExecutionId, ExecutionHistory> histories;
  Diagnostics found;
  Totals sums;

  // ---- What was asked, and is to be answered
  std::vector<std::string> calls;
  std::vector<Reply<ExecutionId>> starts;
  std::map<std::uint64_t, Reply<Ended>> waits;
  std::vector<std::uint64_t> stopped;
  Value inputs;
  StartOptions start_options;
  Statistics counts;
  StatisticsFilter counted;
  std::vector<VersionRow> kept_versions;
  std::function<void()> misbehave;  // called by every function that can fail

  static Definition definition(const std::string& name) {
    ProcessDefinition process;
    process.name = name;
    process.description = "what " + name + " does";
    process.tags = {"etl"};
    process.user = "root";
    process.version = "v1";
    process.origin = "/etc/takt/processes/" + name + ".toml";
    process.steps.resize(2);
    process.steps[0].name = "fetch";
    process.steps[1].name = "store";
    return std::make_shared<const ProcessDefinition>(std::move(process));
  }
  void add_process(const std::string& name) { known[name].definition = definition(name); }
  void add_live(ExecutionId id, const std::string& name) {
    LiveExecution& execution = live[id];
    execution.definition = definition(name);
    execution.row.id = id;
    execution.row.process = name;
    execution.row.state = ExecutionState::running;
    execution.row.trigger_kind = "manual";
    execution.row.queued_at = wall_from_us(1'000'000);
    execution.done = 1;
    execution.total = 2;
    execution.steps = {step(id, 0, "fetch", StepState::succeeded), step(id, 1, "store", StepState::running)};
    histories[id] = {execution.row, execution.steps, {}};
  }
  static StepRow step(ExecutionId id, std::uint32_t place, const std::string& name, StepState state) {
    StepRow row;
    row.execution = id;
    row.step = place;
    row.name = name;
    row.state = state;
    row.attempts = 1;
    return row;
  }

  // ---- Control
  void start(Caller caller, const std::string& process, const Value& given, const StartOptions& options,
             Reply<ExecutionId> reply) override {
    note("start", caller, process);
    inputs = given;
    start_options = options;
    starts.push_back(std::move(reply));
  }
  void control(Caller caller, ExecutionVerb verb, ExecutionId id, const std::string& reason, bool undo,
               Reply<ExecutionId> reply) override {
    const char* words[] = {"pause", "resume", "cancel"};
    note(words[static_cast<int>(verb)], caller, std::to_string(id) + " " + reason + (undo ? "" : "no undo"));
    if (live.contains(id)) return reply(id);
    reply(fail(ErrorCode::not_running, "execution {} has ended", id));
  }
  void retry(Caller caller, ExecutionId id, const RetryOptions& options, Reply<ExecutionId> reply) override {
    note("retry", caller,
         std::to_string(id) + " " + options.step + (options.current ? " current" : "") +
             (options.item ? fmt::format(" item {}", *options.item) : ""));
    reply(id);
  }
  void rollback(Caller caller, ExecutionId id, const std::string& to, Reply<ExecutionId> reply) override {
    note("rollback", caller, std::to_string(id) + " " + to);
    if (live.contains(id)) return reply(fail(ErrorCode::not_ended, "execution {} is live", id));
    reply(id);
  }
  void approve(Caller caller, ExecutionId id, const std::string& step, bool yes, const std::string& comment,
               Reply<ExecutionId> reply) override {
    note("approve", caller, fmt::format("{} {} {} {}", id, step, yes, comment));
    reply(id);
  }
  void emit(Caller caller, const std::string& event, const Value& payload, Reply<ExecutionId> reply) override {
    note("emit", caller, event + " " + value_text(payload));
    reply(ExecutionId{3});
  }
  void clear_cache(Caller caller, const ForgetCache& what, Reply<ExecutionId> reply) override {
    note("clear_cache", caller, fmt::format("{}/{}/{}", what.process, what.step, what.key.value_or("*")));
    reply(ExecutionId{0});
  }
  void skip_next(Caller caller, const std::string& name, std::uint32_t count, Reply<ExecutionId> reply) override {
    note("skip_next", caller, fmt::format("{} {}", name, count));
    if (!known.contains(name)) return reply(fail(ErrorCode::no_such_process, "no process is named '{}'", name));
    reply(ExecutionId{count});
  }
  Result<Statistics> statistics(const StatisticsFilter& filter) override {
    counted = filter;
    return counts;
  }
  Result<std::vector<VersionRow>> versions(const std::string& name) override {
    if (!known.contains(name)) return fail(ErrorCode::no_such_process, "no process is named '{}'", name);
    return kept_versions;
  }
  std::uint64_t wait(ExecutionId id, Reply<Ended> reply) override {
    if (!histories.contains(id)) return reply(fail(ErrorCode::no_such_execution, "no execution {}", id)), 0;
    waits[++last_waiter_] = std::move(reply);
    return last_waiter_;
  }
  void stop_waiting(std::uint64_t waiter) override {
    waits.erase(waiter);
    stopped.push_back(waiter);
  }
  Result<ExecutionHistory> describe(ExecutionId id) override {
    if (misbehave) misbehave();
    const auto one = histories.find(id);
    if (one == histories.end()) return fail(ErrorCode::no_such_execution, "no execution {}", id);
    return one->second;
  }
  Result<ExecutionPage> list_executions(const ExecutionFilter& filter, ExecutionId before, std::size_t limit) override {
    ExecutionPage page;
    for (auto one = histories.rbegin(); one != histories.rend(); ++one) {
      if (before != 0 && one->first >= before) continue;
      if (!filter.process.empty() && one->second.execution.process != filter.process) continue;
      if (page.rows.size() == limit) {
        page.next = page.rows.back().id;
        break;
      }
      page.rows.push_back(one->second.execution);
    }
    return page;
  }
  void open_log(ExecutionId id, Reply<UniqueFd> reply) override;
  std::vector<const LiveExecution*> live_executions() override {
    std::vector<const LiveExecution*> all;
    for (const auto& [id, one] : live) all.push_back(&one);
    return all;
  }
  const LiveExecution* live_execution(ExecutionId id) override {
    const auto one = live.find(id);
    return one == live.end() ? nullptr : &one->second;
  }
  std::vector<ProcessSummary> processes() override {
    if (misbehave) misbehave();
    std::vector<ProcessSummary> all;
    for (const auto& [name, one] : known) all.push_back(one);
    return all;
  }
  Result<ProcessSummary> process(const std::string& name) override {
    const auto one = known.find(name);
    if (one == known.end()) return fail(ErrorCode::no_such_process, "no process is named '{}'", name);
    return one->second;
  }
  std::vector<Upcoming> upcoming(const std::string& process, std::size_t count) override {
    std::vector<Upcoming> all;
    for (std::size_t i = 0; i < count && i < 5; ++i)
      all.push_back({wall_from_us(2'000'000), wall_from_us(1'000'000), process, "every 1s", ""});
    return all;
  }
  void pause_process(Caller caller, const std::string& name, bool paused, std::optional<WallTime> until,
                     Reply<ExecutionId> reply) override {
    note(paused ? "pause_process" : "resume_process", caller,
         name + (until ? fmt::format(" until {}", to_us(*until)) : ""));
    reply(ExecutionId{0});
  }
  Result<std::string> definition_text(const std::string& name, const std::string&) override { return "# " + name; }
  Diagnostics check_definition(const std::string&, const std::string& text) override {
    return text == "good" ? Diagnostics() : found;
  }
  void put_definition(Caller caller, const std::string& name, const std::string& text, bool transient,
                      Reply<Diagnostics> reply) override {
    note(transient ? "put_transient" : "put", caller, name);
    reply(check_definition(name, text));
  }
  void delete_definition(Caller caller, const std::string& name, Reply<Diagnostics> reply) override {
    note("delete", caller, name);
    reply(Diagnostics());
  }
  void enable_process(Caller caller, const std::string& name, bool enabled, Reply<Diagnostics> reply) override {
    note(enabled ? "enable" : "disable", caller, name);
    reply(Diagnostics());
  }
  void reload(Caller caller, Reply<Diagnostics> reply) override {
    note("reload", caller, "");
    reply(found);
  }
  Diagnostics diagnostics() override { return found; }
  Totals totals() override { return sums; }

 private:
  void note(const char* what, Caller caller, const std::string& detail) {
    calls.push_back(fmt::format("{} {} {}", what, caller.uid, detail));
  }
  std::uint64_t last_waiter_ = 0;
};

}  // namespace takt
