// The runtime's answers to the bus about executions and processes.
#include "runtime/control.h"

#include <fmt/core.h>

#include "base/limits.h"
#include "definition/definition.h"
#include "engine/limits.h"
#include "runtime/entries.h"
#include "runtime/limits.h"
#include "runtime/runtime.h"

namespace takt {

RequestId Runtime::expect(Reply<ExecutionId> reply) {
  requests_[++last_request_] = std::move(reply);
  return last_request_;
}

void Runtime::start(Caller caller, const std::string& process, const Value& inputs, const StartOptions& options,
                    Reply<ExecutionId> reply) {
  if (ending_) return reply(fail(ErrorCode::unavailable, "the daemon stops"));
  if (const std::string& key = options.idempotency_key; !key.empty()) {
    if (key.size() > limits::key_bytes)
      return reply(fail(ErrorCode::invalid_argument, "an idempotency key of {} bytes; expected at most {}", key.size(),
                        limits::key_bytes));
    // The engine knows those that live, the store those that have ended, and nobody what lies between.
    if (end_is_under_way(process, key))
      return after_commit([=, this] { start(caller, process, inputs, options, reply); });
    auto first = ports_.store.with_key(process, key);
    if (!first) return reply(tl::unexpected(std::move(first).error()));
    if (*first) return reply(**first);
  }
  Definition definition;
  if (!options.version.empty()) {
    auto version = version_of(process, options.version);
    if (!version) return reply(tl::unexpected(std::move(version).error()));
    definition = std::move(*version);
  }
  post(StartRequested{expect(std::move(reply)), caller, process, inputs, options.priority, std::move(definition),
                      options.at, options.idempotency_key});
}

// Why nothing can be asked of it any more: what the history knows.
Error Runtime::has_ended(ExecutionId id) const {
  auto history = ports_.store.history(id);
  if (!history) return std::move(history).error();
  return {ErrorCode::not_running, fmt::format("execution {} has ended: {}", id, to_word(history->execution.state))};
}

void Runtime::control(Caller caller, ExecutionVerb verb, ExecutionId id, const std::string& reason, bool undo,
                      Reply<ExecutionId> reply) {
  if (end_is_under_way(id)) return after_commit([=, this] { control(caller, verb, id, reason, undo, reply); });
  if (engine_.live(id) == nullptr) return reply(tl::unexpected(has_ended(id)));
  post(ExecutionRequested{expect(std::move(reply)), caller, verb, id, reason, undo});
}

void Runtime::approve(Caller caller, ExecutionId id, const std::string& step, bool yes, const std::string& comment,
                      Reply<ExecutionId> reply) {
  if (comment.size() > limits::message_bytes)
    return reply(fail(ErrorCode::invalid_argument, "a comment of {} bytes; expected at most {}", comment.size(),
                      limits::message_bytes));
  if (end_is_under_way(id)) return after_commit([=, this] { approve(caller, id, step, yes, comment, reply); });
  if (engine_.live(id) == nullptr) return reply(tl::unexpected(has_ended(id)));
  post(ApprovalGiven{expect(std::move(reply)), caller, id, step, yes, comment});
}

void Runtime::emit(Caller caller, const std::string& event, const Value& payload, Reply<ExecutionId> reply) {
  post(EventEmitted{expect(std::move(reply)), caller, event, payload});
}

void Runtime::clear_cache(Caller caller, const ForgetCache& what, Reply<ExecutionId> reply) {
  post(CacheCleared{expect(std::move(reply)), caller, what});
}

// `verb` is the participle of what is asked: "retried".
Result<Runtime::Past> Runtime::past(ExecutionId id, bool current, std::string_view verb) {
  Past past;
  TAKT_ASSIGN(past.history, ports_.store.history(id));
  const ExecutionRow& row = past.history.execution;
  if (engine_.live(id) != nullptr || is_live(row.state))
    return fail(ErrorCode::not_ended, "execution {} has not ended; only what has ended is {}", id, verb);
  TAKT_ASSIGN(past.items, ports_.store.items(id, row.run));
  if (!current) {
    TAKT_ASSIGN(past.definition, version_of(row.process, row.version));
    return past;
  }
  const auto known = engine_.definitions().find(row.process);
  if (known == engine_.definitions().end())
    return fail(ErrorCode::no_such_process, "no process is named '{}' any more", row.process);
  past.definition = known->second;
  return past;
}

void Runtime::retry(Caller caller, ExecutionId id, const RetryOptions& options, Reply<ExecutionId> reply) {
  if (ending_) return reply(fail(ErrorCode::unavailable, "the daemon stops"));
  if (end_is_under_way(id))  // its rows, which the retry goes on from, can be read after that
    return after_commit([this, caller, id, options, reply = std::move(reply)] { retry(caller, id, options, reply); });
  auto from = past(id, options.current, "retried");
  if (!from) return reply(tl::unexpected(std::move(from).error()));
  post(RetryRequested{expect(std::move(reply)), caller, std::move(from->history.execution),
                      std::move(from->history.steps), std::move(from->items), std::move(from->definition), options.step,
                      options.item, options.reason});
}

void Runtime::rollback(Caller caller, ExecutionId id, const std::string& to, Reply<ExecutionId> reply) {
  if (ending_) return reply(fail(ErrorCode::unavailable, "the daemon stops"));
  if (end_is_under_way(id)) return after_commit([=, this] { rollback(caller, id, to, reply); });
  auto from = past(id, false, "rolled back");
  if (!from) return reply(tl::unexpected(std::move(from).error()));
  post(RollbackRequested{expect(std::move(reply)), caller, std::move(from->history.execution),
                         std::move(from->history.steps), std::move(from->items), std::move(from->definition), to});
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
  if (const ProcessRow* row = engine_.process(definition->name)) {
    summary.paused = row->paused;
    summary.paused_until = row->paused_until;
    summary.skip_next = row->skip_next;
  }
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

void Runtime::pause_process(Caller caller, const std::string& name, bool paused, std::optional<WallTime> until,
                            Reply<ExecutionId> reply) {
  post(ProcessPauseRequested{expect(std::move(reply)), caller, name, paused, until});
}

void Runtime::skip_next(Caller caller, const std::string& name, std::uint32_t count, Reply<ExecutionId> reply) {
  post(SkipNextRequested{expect(std::move(reply)), caller, name, count});
}

Result<Statistics> Runtime::statistics(const StatisticsFilter& filter) {
  return ports_.store.statistics(filter);
}

Totals Runtime::totals() {
  Totals totals;
  const Load load = engine_.load();
  totals.running = static_cast<std::uint32_t>(load.running);
  totals.queued = static_cast<std::uint32_t>(load.queued);
  totals.processes = static_cast<std::uint32_t>(engine_.definitions().size());
  totals.enabled = settings_.enabled;
  totals.refused = static_cast<std::uint32_t>(loaded_.refused.size());
  for (const auto& [name, definition] : engine_.definitions())
    if (const ProcessRow* row = engine_.process(name); row != nullptr && row->paused) ++totals.paused;
  totals.started_at = started_at_;
  totals.runner_connected = ports_.executor.connected();
  return totals;
}

}  // namespace takt
