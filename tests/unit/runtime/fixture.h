// A runtime on fakes, a turn of the loop at a time. What reaches the world is one list of lines, in its order:
// "durable 3" for a batch of three records, the executor's orders, "announce queued 1", "reply …".
#pragma once

#include <fmt/core.h>
#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "definition/definition.h"
#include "runtime/runtime.h"
#include "support/fake_ports.h"
#include "support/fake_runner.h"
#include "support/memory_store.h"

namespace takt::test {

inline constexpr const char* one_step = "[[step]]\nname = \"one\"\nrun = [\"true\"]\n";

class RuntimeTest : public testing::Test, private Announcer {
 protected:
  RuntimeTest();
  ~RuntimeTest() override;

  // The daemon starts, and is connected to the runner, if there is one, when all of that is durable.
  void boot(bool runner_is_there = true);
  // It dies with all that was not written. The disk and the runner live on.
  void crash();

  // One turn of the loop ends; its batch, if any, goes to the store.
  void turn();
  void write() { store->write(); }
  void report();
  // Everything that waits happens: turns, commits, reports of the runner; no time passes.
  void settle();
  // Time passes; alarms go off, children end.
  void pass(Duration span);

  template <class T>
  Reply<T> reply_to(std::string what) {
    return [this, what](const Result<T>& result) {
      if (result)
        world.push_back("reply " + what);
      else
        world.push_back(fmt::format("refuse {}: {}", what, result.error().message));
    };
  }
  void start(const std::string& process, const Value& inputs = Value::object()) {
    runtime->start({1000}, process, inputs, {}, reply_to<ExecutionId>("start"));
  }
  // Of the administrator's log, from a priority up.
  std::vector<std::string> entries(LogPriority least = LogPriority::info) const;

  VirtualClock clock;
  Disk disk;
  FakeRunner runner{clock};
  MemoryDefinitions definitions;
  Evaluator evaluator;
  Settings settings;
  KeptLog log;
  std::vector<std::string> world;
  std::vector<std::string> broken;

  FakeAlarms alarms;
  Turn deferred;
  std::unique_ptr<MemoryStore> store;
  std::unique_ptr<FakeExecutor> executor;
  std::unique_ptr<FakePerformer> performer;
  std::unique_ptr<Runtime> runtime;

 private:
  void announce(const Announcement& announcement) override;

  std::size_t records_ = 0;  // of the batch that is being written
};

}  // namespace takt::test
