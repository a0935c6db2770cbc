// What people do in a simulation: start, pause, resume, cancel, retry, wait, edit; at any time, sense or not.
#include <fmt/core.h>

#include "daemon.h"

#include "definition/definition.h"

namespace takt::test {

using namespace std::chrono_literals;

void World::people_call() {
  after(dice_.between(10ms, 15s), [this] {
    if (!chaos_) return;
    in_daemon([this](Runtime& runtime) { call(runtime); });
    people_call();
  });
}

std::optional<ExecutionId> World::some_execution(bool live) {
  std::vector<ExecutionId> all;
  for (const auto& [id, row] : disk_.executions)
    if (is_live(row.state) == live) all.push_back(id);
  if (all.empty()) return std::nullopt;
  // Of those that have ended, mostly one of the last.
  return live || dice_.percent(20) ? dice_.pick(all) : all.back();
}

// A reply comes once, and only after what it tells of is on disk.
Reply<ExecutionId> World::promise_of_execution() {
  return [this, replied = false](const Result<ExecutionId>& reply) mutable {
    if (std::exchange(replied, true)) findings_.add("a call was answered twice");
    if (reply) checkers_.promised(*reply);
  };
}

void World::call(Runtime& runtime) {
  std::vector<std::string> names;
  for (const auto& [name, text] : scenario_.texts) names.push_back(name);
  const std::string& name = dice_.pick(names);
  switch (dice_.between(0, 9)) {
    case 0:
    case 1:
    case 2: {
      StartOptions options;
      if (dice_.once_in(4)) options.priority = static_cast<int>(dice_.between(-3, 3));
      return runtime.start({}, name, {{"n", dice_.between(0, 5)}}, options, promise_of_execution());
    }
    case 3:
      return runtime.pause_process({}, name, dice_.percent(40), std::nullopt, [](const auto&) {});
    case 4:
      scenario_.edit(dice_);
      definitions_.texts = scenario_.texts;
      return runtime.reload();
    default:
      return call_about_execution(runtime);
  }
}

void World::call_about_execution(Runtime& runtime) {
  const auto live = some_execution(true);
  switch (dice_.between(0, 4)) {
    case 0:
      if (live) runtime.control({}, ExecutionVerb::pause, *live, "", true, promise_of_execution());
      if (live)  // nobody forgets it for ever
        after(dice_.between(1s, 60s), [this, id = *live] {
          in_daemon(
              [&](Runtime& later) { later.control({}, ExecutionVerb::resume, id, "", true, promise_of_execution()); });
        });
      return;
    case 1:
      if (live) runtime.control({}, ExecutionVerb::resume, *live, "", true, promise_of_execution());
      return;
    case 2:
      if (live) runtime.control({}, ExecutionVerb::cancel, *live, "", true, promise_of_execution());
      return;
    case 3:
      if (live)
        runtime.wait(*live, [this, id = *live](const Result<Ended>& ended) {
          if (ended) checkers_.promised_end(id);
        });
      return;
    default:
      if (const auto ended = some_execution(false)) {
        RetryOptions options;
        options.current = dice_.percent(30);
        if (dice_.percent(30)) options.step = fmt::format("s{}", dice_.between(0, 3));
        runtime.retry({}, *ended, options, promise_of_execution());
        if (dice_.percent(20)) runtime.control({}, ExecutionVerb::cancel, *ended, "", true, promise_of_execution());
        if (dice_.percent(20)) runtime.retry({}, *ended, options, promise_of_execution());
      }
  }
}

}  // namespace takt::test
