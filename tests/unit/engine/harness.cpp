#include "harness.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

namespace takt::test {

namespace {

struct RecordLine {
  std::string operator()(const ExecutionRow& row) const {
    std::string line = fmt::format("execution {} {}", row.id, to_word(row.state));
    if (row.ending) line += fmt::format(" ending {}", to_word(*row.ending));
    if (!row.reason.empty()) line += fmt::format(" ({})", row.reason);
    return line;
  }
  std::string operator()(const StepRow& row) const {
    std::string line = fmt::format("step {}/{} {}", row.execution, row.name, to_word(row.state));
    if (!row.error.empty()) line += fmt::format(" ({})", row.error);
    return line;
  }
  std::string operator()(const ItemRow& row) const {
    std::string line = fmt::format("item {}.{} {}", row.step, row.item, to_word(row.state));
    if (row.to_undo) line += " to undo";
    if (!row.error.empty()) line += fmt::format(" ({})", row.error);
    return line;
  }
  std::string operator()(const CacheRow& row) const { return fmt::format("keep {}/{}", row.step, row.key); }
  std::string operator()(const ForgetCache& row) const { return fmt::format("drop {}/{}", row.process, row.step); }
  std::string operator()(const AttemptRow& row) const {
    return fmt::format("attempt {} {}", row.token, row.outcome ? to_word(*row.outcome) : "running");
  }
  std::string operator()(const VersionRow& row) const { return fmt::format("version {} {}", row.process, row.version); }
  std::string operator()(const ProcessRow& row) const {
    return fmt::format("process {} {}", row.process, row.paused ? "paused" : "resumed");
  }
  std::string operator()(const TriggerMark& row) const { return fmt::format("mark {} {}", row.process, row.key); }
  std::string operator()(const ForgetMark& row) const { return fmt::format("unmark {} {}", row.process, row.key); }
  std::string operator()(const AuditRow& row) const { return fmt::format("audit {}", row.method); }
  std::string operator()(const SeenFileRow& row) const { return fmt::format("seen {}", row.path); }
  std::string operator()(const ForgetSeenFiles& row) const { return fmt::format("unseen {}", row.path.value_or("")); }
  std::string operator()(const ForgetExecution& row) const { return fmt::format("forget {}", row.id); }
};

struct AnnouncementLine {
  std::string operator()(const ExecutionQueued& one) const { return fmt::format("queued {}", one.execution.id); }
  std::string operator()(const ExecutionStarted& one) const { return fmt::format("started {}", one.execution.id); }
  std::string operator()(const ExecutionChanged& one) const { return fmt::format("changed {}", one.execution.id); }
  std::string operator()(const ExecutionFinished& one) const {
    return fmt::format("finished {} {}", one.execution.id, to_word(one.execution.state));
  }
  std::string operator()(const StepStarted& one) const { return fmt::format("step started {}", one.step.name); }
  std::string operator()(const StepFinished& one) const {
    return fmt::format("step finished {} {}", one.step.name, to_word(one.step.state));
  }
  std::string operator()(const StepWaits& one) const { return fmt::format("step waits {}", one.step.name); }
  std::string operator()(const Emitted& one) const { return fmt::format("emitted {}", one.event); }
  std::string operator()(const Progress& one) const { return fmt::format("progress {}/{}", one.done, one.total); }
  std::string operator()(const ProcessChanged& one) const { return fmt::format("process changed {}", one.process); }
  std::string operator()(const Reloaded& one) const { return fmt::format("reloaded {}", one.refused); }
};

struct EffectLine {
  std::string operator()(const StartAttempt& one) const { return fmt::format("> start {}", one.spec.token); }
  std::string operator()(const StartAction& one) const { return fmt::format("> act {}", one.spec.token); }
  std::string operator()(const StopAction& one) const { return fmt::format("> stop {}", one.token); }
  std::string operator()(const SignalAttempt& one) const {
    return fmt::format("> signal {} {}", one.token, one.signal);
  }
  std::string operator()(const FreezeAttempt& one) const { return fmt::format("> freeze {}", one.token); }
  std::string operator()(const ThawAttempt& one) const { return fmt::format("> thaw {}", one.token); }
  std::string operator()(const KillAttempt& one) const { return fmt::format("> kill {}", one.token); }
  std::string operator()(const AcknowledgeAttempt& one) const { return fmt::format("> acknowledge {}", one.token); }
  std::string operator()(const AwaitConstraint& one) const { return fmt::format("> await {}", one.constraint.key); }
  std::string operator()(const ForgetConstraint& one) const { return fmt::format("> forget {}", one.constraint); }
  std::string operator()(const ForgetFiles& one) const { return fmt::format("> forget files {}", one.execution); }
  std::string operator()(const Answer& one) const {
    return one.result ? fmt::format("> answer {}", *one.result)
                      : fmt::format("> refuse ({})", one.result.error().message);
  }
  std::string operator()(const Announce& one) const { return "! " + std::visit(AnnouncementLine{}, one.announcement); }
};

}  // namespace

std::vector<std::string> lines(const Actions& actions) {
  std::vector<std::string> all;
  for (const Record& record : actions.records) all.push_back(std::visit(RecordLine{}, record));
  for (const Effect& effect : actions.effects) all.push_back(std::visit(EffectLine{}, effect));
  return all;
}

StatesSeen& states_seen() {
  static StatesSeen seen;
  return seen;
}

Harness::Harness(std::vector<ProcessDefinition> definitions, Settings settings) : settings_(std::move(settings)) {
  for (ProcessDefinition& definition : definitions) {
    const Definition one = shared(std::move(definition));
    definitions_[one->name] = one;
    versions_[{one->name, one->version}] = one;
  }
  engine_ = std::make_unique<Engine>(settings_, evaluator_, std::map<std::string, std::string>{{"HOME", "/root"}});
  take(engine_->restore({}, definitions_, {}, now_));
}

std::vector<std::string> Harness::handle(const Event& event) {
  return take(engine_->handle(event, now_));
}

std::vector<std::string> Harness::start(const std::string& process, Value inputs) {
  return handle(StartRequested{++request_, Caller{0}, process, std::move(inputs), std::nullopt});
}

std::vector<std::string> Harness::fire(const std::string& process, const std::string& key) {
  Firing firing;
  firing.process = process;
  firing.key = key;
  firing.nominal = now_.wall;
  firing.fields = {{"kind", "at"}, {"at", format_utc(now_.wall)}};
  return handle(TriggerFired{firing});
}

std::vector<std::string> Harness::ended(const std::string& token, int exit_code, Value result) {
  AttemptEnded event;
  event.token = token;
  event.exit_code = exit_code;
  event.result = std::move(result);
  event.output_tail = "last words";
  return handle(event);
}

std::vector<std::string> Harness::request(ExecutionVerb verb, ExecutionId id) {
  return handle(ExecutionRequested{++request_, Caller{0}, verb, id, ""});
}

void Harness::advance(Duration span) {
  now_.wall += span;
  now_.boot += span;
}

std::vector<std::string> Harness::tick() {
  const auto next = engine_->next_at();
  if (!next) return {"nothing is due"};
  if (*next > now_.boot) advance(*next - now_.boot);
  return handle(Tick{});
}

std::vector<std::string> Harness::restart() {
  engine_ = std::make_unique<Engine>(settings_, evaluator_, std::map<std::string, std::string>{{"HOME", "/root"}});
  return take(engine_->restore(rows_, definitions_, versions_, now_));
}

const AttemptSpec& Harness::spec() const {
  return spec_;
}

std::vector<StepRow> Harness::steps_of(ExecutionId id) const {
  std::vector<StepRow> steps;
  for (const auto& [key, rows] : all_steps_)
    if (key.first == id) steps = rows;  // of the last run
  return steps;
}

std::vector<ItemRow> Harness::items_of(ExecutionId id) const {
  std::vector<ItemRow> items;
  for (const ItemRow& row : rows_.items)
    if (row.execution == id && row.run == steps_of(id).front().run) items.push_back(row);
  return items;
}

// Keeps the rows as the store does: the last one of each key, the live ones apart.
void Harness::keep(const Actions& actions) {
  const auto replace = [](auto& rows, const auto& row, auto same) {
    const auto old = std::find_if(rows.begin(), rows.end(), [&](const auto& one) { return same(one, row); });
    if (old == rows.end())
      rows.push_back(row);
    else
      *old = row;
  };
  const auto expect_execution = [this](ExecutionId id) {  // the store refuses a part without its whole
    const auto has = [id](const ExecutionRow& one) { return one.id == id; };
    EXPECT_TRUE(std::any_of(rows_.executions.begin(), rows_.executions.end(), has) ||
                std::any_of(ended_.begin(), ended_.end(), has))
        << "a row of execution " << id << " stands before that of the execution itself";
  };
  for (const Record& record : actions.records) {
    if (const auto* step = std::get_if<StepRow>(&record)) expect_execution(step->execution);
    if (const auto* item = std::get_if<ItemRow>(&record)) expect_execution(item->execution);
    if (const auto* attempt = std::get_if<AttemptRow>(&record)) expect_execution(attempt->execution);
    if (const auto* execution = std::get_if<ExecutionRow>(&record)) {
      rows_.last_execution = std::max(rows_.last_execution, execution->id);
      ExecutionState before = ExecutionState::queued;
      for (const auto* rows : {&rows_.executions, &ended_})
        for (const ExecutionRow& one : *rows)
          if (one.id == execution->id) before = one.state;
      states_seen().executions.insert({before, execution->state});
      const auto same = [](const ExecutionRow& a, const ExecutionRow& b) { return a.id == b.id; };
      std::erase_if(rows_.executions, [&](const ExecutionRow& one) { return one.id == execution->id; });
      std::erase_if(ended_, [&](const ExecutionRow& one) { return one.id == execution->id; });
      replace(is_live(execution->state) ? rows_.executions : ended_, *execution, same);
    } else if (const auto* step = std::get_if<StepRow>(&record)) {
      const auto same = [](const StepRow& a, const StepRow& b) {
        return a.execution == b.execution && a.run == b.run && a.step == b.step;
      };
      StepState before = StepState::pending;
      for (const StepRow& one : rows_.steps)
        if (same(one, *step)) before = one.state;
      states_seen().steps.insert({before, step->state});
      replace(rows_.steps, *step, same);
      replace(all_steps_[{step->execution, step->run}], *step, same);
    } else if (const auto* item = std::get_if<ItemRow>(&record)) {
      replace(rows_.items, *item, [](const ItemRow& a, const ItemRow& b) {
        return std::tie(a.execution, a.run, a.step, a.item) == std::tie(b.execution, b.run, b.step, b.item);
      });
    } else if (const auto* kept = std::get_if<CacheRow>(&record)) {
      replace(rows_.cache, *kept, [](const CacheRow& a, const CacheRow& b) {
        return std::tie(a.process, a.step, a.key) == std::tie(b.process, b.step, b.key);
      });
    } else if (const auto* attempt = std::get_if<AttemptRow>(&record)) {
      rows_.runner = attempt->runner;
      std::erase_if(rows_.attempts, [&](const AttemptRow& one) { return one.token == attempt->token; });
      if (!attempt->outcome) rows_.attempts.push_back(*attempt);
    } else if (const auto* process = std::get_if<ProcessRow>(&record)) {
      replace(rows_.processes, *process,
              [](const ProcessRow& a, const ProcessRow& b) { return a.process == b.process; });
    } else if (const auto* version = std::get_if<VersionRow>(&record)) {
      rows_.versions.push_back(*version);
    } else if (const auto* mark = std::get_if<TriggerMark>(&record)) {
      replace(rows_.marks, *mark,
              [](const TriggerMark& a, const TriggerMark& b) { return a.process == b.process && a.key == b.key; });
    }
  }
}

std::vector<std::string> Harness::take(const Actions& actions) {
  keep(actions);
  last_ = actions;
  for (const Effect& effect : actions.effects)
    if (const auto* start = std::get_if<StartAttempt>(&effect)) spec_ = start->spec;
  return lines(actions);
}

}  // namespace takt::test
