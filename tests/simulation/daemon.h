// One life of the simulated daemon: the product's Runtime between its ports. What it had not written when it dies is
// gone with it.
#pragma once

#include "support/fake_ports.h"
#include "support/fake_runner.h"
#include "support/memory_store.h"
#include "world.h"

namespace takt::test {

struct World::Daemon {
  explicit Daemon(World& world)
      : store(world.disk_),
        executor(world.runner_),
        runtime(ports(world), world.scenario_.settings, world.evaluator_, {"machine", world.boot_id_, {}}),
        ears(world) {}

  // Listeners; and the daemon may die while it talks to them.
  struct Ears final : Announcer {
    explicit Ears(World& of) : world(of) {}
    void announce(const Announcement& announcement) override {
      world.maybe_die();
      world.checkers_.announce(announcement);
    }
    World& world;
  };

  Runtime::Ports ports(World& world) {
    return {.clock = world.clock_,
            .alarms = alarms,
            .executor = executor,
            .actions = performer,
            .store = store,
            .definitions = world.definitions_,
            .announcer = ears,
            .log = log,
            .defer = [this](std::function<void()> then) { turn.defer(std::move(then)); },
            .reloading = [](bool) {},
            .broken = [&world](const Error& error) { world.findings_.add("the store refused: {}", error.message); }};
  }

  MemoryStore store;
  FakeExecutor executor;
  FakePerformer performer;
  FakeAlarms alarms;
  KeptLog log;
  Turn turn;
  bool turn_planned = false;
  bool stopping = false;
  Runtime runtime;
  Ears ears;
};

}  // namespace takt::test
