#include "fixture.h"

namespace takt::test {

namespace {

struct Heard {
  std::string operator()(const ExecutionQueued& one) const { return fmt::format("queued {}", one.execution.id); }
  std::string operator()(const ExecutionStarted& one) const { return fmt::format("started {}", one.execution.id); }
  std::string operator()(const ExecutionChanged& one) const { return fmt::format("changed {}", one.execution.id); }
  std::string operator()(const ExecutionFinished& one) const {
    return fmt::format("finished {} {}", one.execution.id, to_word(one.execution.state));
  }
  std::string operator()(const StepStarted& one) const { return fmt::format("step {} started", one.step.name); }
  std::string operator()(const StepFinished& one) const {
    return fmt::format("step {} {}", one.step.name, to_word(one.step.state));
  }
  std::string operator()(const StepWaits& one) const { return fmt::format("step {} waits", one.step.name); }
  std::string operator()(const Emitted& one) const { return "emitted " + one.event; }
  std::string operator()(const Progress& one) const { return fmt::format("progress {}/{}", one.done, one.total); }
  std::string operator()(const ProcessChanged& one) const { return fmt::format("changed {}", one.process); }
  std::string operator()(const Reloaded& one) const { return fmt::format("reloaded, {} refused", one.refused); }
};

}  // namespace

RuntimeTest::RuntimeTest() {
  disk.writing = [this](const Record&) { ++records_; };
  disk.written = [this] { world.push_back(fmt::format("durable {}", std::exchange(records_, 0))); };
}

RuntimeTest::~RuntimeTest() = default;

void RuntimeTest::boot(bool runner_is_there) {
  store = std::make_unique<MemoryStore>(disk);
  executor = std::make_unique<FakeExecutor>(runner);
  executor->ordering = [this](const std::string& order) { world.push_back(order); };
  performer = std::make_unique<FakePerformer>();
  performer->ordering = executor->ordering;
  const Runtime::Ports ports{
      .clock = clock,
      .alarms = alarms,
      .executor = *executor,
      .actions = *performer,
      .store = *store,
      .definitions = definitions,
      .announcer = *this,
      .log = log,
      .defer = [this](std::function<void()> then) { deferred.defer(std::move(then)); },
      .reloading = [this](bool begins) { world.push_back(begins ? "reloading" : "reload is over"); },
      .broken = [this](const Error& error) { broken.push_back(error.message); }};
  runtime = std::make_unique<Runtime>(ports, settings, evaluator, Runtime::Machine{"machine", "boot", {}});
  ASSERT_TRUE(runtime->start());
  settle();
  if (!runner_is_there) return;
  executor->connect(*runtime);
  settle();
}

void RuntimeTest::crash() {
  runtime.reset();
  executor.reset();
  performer.reset();
  store.reset();
  deferred = {};
}

void RuntimeTest::turn() {
  deferred.end();
}

void RuntimeTest::report() {
  store->report();
}

void RuntimeTest::settle() {
  while (deferred.pending() || store->waiting() > 0 || store->unreported() > 0 || executor->has_report()) {
    if (executor->has_report()) executor->deliver(*runtime);
    deferred.end();
    if (store->waiting() > 0) store->write();
    if (store->unreported() > 0) store->report();
  }
}

void RuntimeTest::pass(Duration span) {
  const BootTime end = clock.value.boot + span;
  while (true) {
    settle();
    Duration next = end - clock.value.boot;
    if (const auto at = runner.next_at()) next = std::min(next, *at - clock.value.boot);
    if (alarms.boot) next = std::min(next, *alarms.boot - clock.value.boot);
    if (alarms.wall) next = std::min(next, *alarms.wall - clock.value.wall);
    clock.advance(std::max(next, Duration(0)));
    runner.pass_time();
    if ((alarms.boot && *alarms.boot <= clock.value.boot) || (alarms.wall && *alarms.wall <= clock.value.wall)) {
      alarms.boot.reset();
      alarms.wall.reset();
      runtime->alarm();
    }
    settle();
    if (clock.value.boot >= end && (!runner.next_at() || *runner.next_at() > end)) return;
  }
}

std::vector<std::string> RuntimeTest::entries(LogPriority least) const {
  std::vector<std::string> messages;
  for (const LogEntry& entry : log.entries)
    if (entry.priority <= least) messages.push_back(entry.message);
  return messages;
}

void RuntimeTest::announce(const Announcement& announcement) {
  world.push_back("announce " + std::visit(Heard{}, announcement));
}

}  // namespace takt::test
