// One life of the daemon in a simulated year: the product's Runtime between its ports. What it had not written when it
// dies is gone with it.
#pragma once

#include "machine.h"
#include "runtime/runtime.h"
#include "support/fake_runner.h"

namespace takt::test {

inline constexpr const char* machine_id = "machine";

class NoEars final : public Announcer {
  void announce(const Announcement&) override {}
};

class NoLog final : public Log {
  void write(const LogEntry&) override {}
};

struct YearMachine::Daemon {
  explicit Daemon(YearMachine& machine)
      : store(machine.disk_),
        runner(machine.clock_),
        executor(runner),
        runtime({.clock = machine.clock_,
                 .alarms = alarms,
                 .executor = executor,
                 .actions = performer,
                 .store = store,
                 .definitions = machine.definitions_,
                 .announcer = ears,
                 .log = log,
                 .defer = [this](std::function<void()> then) { turn.defer(std::move(then)); },
                 .reloading = [](bool) {},
                 .broken =
                     [&machine](const Error& error) { machine.findings_.add("the store refused: {}", error.message); }},
                machine.settings_, machine.evaluator_, {machine_id, machine.boot_id_, {}}) {}

  MemoryStore store;
  FakeRunner runner;
  FakeExecutor executor;
  FakePerformer performer;
  FakeAlarms alarms;
  NoEars ears;
  NoLog log;
  Turn turn;
  bool stopped = false;
  Runtime runtime;
};

}  // namespace takt::test
