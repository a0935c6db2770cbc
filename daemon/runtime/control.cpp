// The runtime's answers to the bus about executions and processes.
#include "runtime/control.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "runtime/entries.h"
#include "runtime/runtime.h"

namespace takt {

RequestId Runtime::expect(Reply<ExecutionId> reply) {
  requests_[++last_request_] = std::move(reply);
  return last_request_;
}

void Runtime::start(Caller caller, const std::string& process, const Value& inputs, const StartOptions& options,
                    Reply<ExecutionId> reply) {
  if (ending_) return reply(fail(ErrorCode::unavailable, "the daemon stops"));
  post(StartRequested{expect(std::move(reply)), caller, process, inputs, options.priority});
}

void Runtime::control(Caller caller, ExecutionVerb verb, ExecutionId id, const std::string& reason,
                      Reply<ExecutionId> reply) {
  if (end_is_under_way(id)) return after_commit([=, this] { control(caller, verb, id, reason, reply); });
  if (engine_.live(id) == nullptr) {
    const auto history = ports_.store.history(id);
    if (!history) return reply(tl::unexpected(history.error()));
    return reply(fail(ErrorCode::not_running, "execution {} has ended: {}", id, to_word(history->execution.state)));
  }
  post(ExecutionRequested{expect(std::move(reply)), caller, verb, id, reason});
}

void Runtime::retry(Caller caller, ExecutionId id, const RetryOptions& options, Reply<ExecutionId> reply) {
  if (ending_) return reply(fail(ErrorCode::unavailable, "the daemon stops"));
  if (end_is_under_way(id))  // its rows, which the retry goes on from, can be read after that
    return after_commit([this, caller, id, options, reply = std::move(reply)] { retry(caller, id, options, reply); });
  auto history = ports_.store.history(id);
  if (!history) return reply(tl::unexpected(std::move(history).error()));
  const ExecutionRow& row = history->execution;
  if (engine_.live(id) != nullptr || is_live(row.state))
    return reply(fail(ErrorCode::not_ended, "execution {} has not ended; only what has ended is retried", id));
  Definition definition;
  if (options.current) {
    const auto known = engine_.definitions().find(row.process);
    if (known == engine_.definitions().end())
      return reply(fail(ErrorCode::no_such_process, "no process is named '{}' any more", row.process));
    definition = known->second;
  } else {
    const auto version = ports_.store.version(row.process, row.version);
    if (!version) return reply(tl::unexpected(version.error()));
    auto parsed = ports_.definitions.parse_version(*version);
    if (!parsed) return reply(tl::unexpected(std::move(parsed).error()));
    definition = std::move(*parsed);
  }
  post(RetryRequested{expect(std::move(reply)), caller, row, history->steps, std::move(definition), options.step,
                      options.reason});
}

std::uint64_t Runtime::wait(ExecutionId id, Reply<Ended> reply) {
  if (engine_.live(id) == nullptr) {
    const auto history = ports_.store.history(id);
    if (!history) return reply(tl::unexpected(history.error())), 0;
    // The row may still say that it runs, when the commit of its end is under way: the announcement then follows.
    if (const ExecutionRow& row = history->execution; !is_live(row.state))
      return reply(Ended{outcome_of(row.state), row.result}), 0;
  }
  if (waiters_.size() >= limits::waiters)
    return reply(fail(ErrorCode::limit_exceeded, "{} callers wait already", waiters_.size())), 0;
  waiters_.emplace(id, Waiter{++last_waiter_, std::move(reply)});
  return last_waiter_;
}

void Runtime::stop_waiting(std::uint64_t waiter) {
  std::erase_if(waiters_, [waiter](const auto& one) { return one.second.number == waiter; });
}

Result<ExecutionHistory> Runtime::describe(ExecutionId id) {
  TAKT_ASSIGN(ExecutionHistory history, ports_.store.history(id));
  // The store has no rows of steps that the execution has not come to yet.
  if (const LiveExecution* live = engine_.live(id)) history.steps = live->steps;
  return history;
}

Result<ExecutionPage> Runtime::list_executions(const ExecutionFilter& filter, ExecutionId before, std::size_t limit) {
  return ports_.store.list(filter, before, limit);
}

void Runtime::open_log(ExecutionId id, Reply<UniqueFd> reply) {
  if (const auto history = ports_.store.history(id); !history) return reply(tl::unexpected(history.error()));
  ports_.executor.open_log(id, std::move(reply));
}

std::vector<const LiveExecution*> Runtime::live_executions() {
  return engine_.live_executions();
}

ProcessSummary Runtime::summarise(const Definition& definition) {
  ProcessSummary summary;
  summary.definition = definition;
  if (const ProcessRow* row = engine_.process(definition->name)) summary.paused = row->paused;
  if (const auto next = upcoming(definition->name, 1); !next.empty()) summary.next_at = next.front().at;
  if (auto last = ports_.store.last_of(definition->name)) summary.last = std::move(*last);
  const Load load = engine_.load(definition->name);
  summary.running = static_cast<std::uint32_t>(load.running);
  summary.queued = static_cast<std::uint32_t>(load.queued);
  return summary;
}

std::vector<ProcessSummary> Runtime::processes() {
  std::vector<ProcessSummary> all;
  for (const auto& [name, definition] : engine_.definitions()) all.push_back(summarise(definition));
  return all;
}

Result<ProcessSummary> Runtime::process(const std::string& name) {
  const auto known = engine_.definitions().find(name);
  if (known == engine_.definitions().end()) return fail(ErrorCode::no_such_process, "no process is named '{}'", name);
  return summarise(known->second);
}

std::vector<Upcoming> Runtime::upcoming(const std::string& process, std::size_t count) {
  if (!settings_.enabled) return {};
  return schedule_.upcoming(process, count, ports_.clock.now());
}

void Runtime::pause_process(Caller caller, const std::string& name, bool paused, Reply<ExecutionId> reply) {
  post(ProcessPauseRequested{expect(std::move(reply)), caller, name, paused});
}

Totals Runtime::totals() {
  Totals totals;
  const Load load = engine_.load();
  totals.running = static_cast<std::uint32_t>(load.running);
  totals.queued = static_cast<std::uint32_t>(load.queued);
  totals.processes = static_cast<std::uint32_t>(engine_.definitions().size());
  totals.enabled = settings_.enabled;
  std::set<std::string> refused;
  for (const Diagnostic& diagnostic : diagnostics_)
    if (diagnostic.severity == Severity::error) refused.insert(diagnostic.file);
  totals.refused = static_cast<std::uint32_t>(refused.size());
  for (const auto& [name, definition] : engine_.definitions())
    if (const ProcessRow* row = engine_.process(name); row != nullptr && row->paused) ++totals.paused;
  totals.started_at = started_at_;
  totals.runner_connected = ports_.executor.connected();
  return totals;
}

}  // namespace takt
