// What the tests of the watches have in common: a loop, what was told, and waiting for it.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "definition/definition.h"
#include "loop/clock.h"
#include "loop/loop.h"
#include "support/patience.h"
#include "support/temp_folder.h"
#include "watch/watching.h"

namespace takt::test {

inline std::map<std::string, Definition> definitions_with(std::vector<Trigger> triggers, bool enabled = true) {
  auto definition = std::make_shared<ProcessDefinition>();
  definition->name = "p";
  definition->enabled = enabled;
  definition->triggers = std::move(triggers);
  return {{"p", definition}};
}

// Remembers what a watch tells.
class Watching : public testing::Test {
 protected:
  WatchCallbacks callbacks() {
    return {[this](TriggerSeen event) {
              seen.push_back(std::move(event));
              end_turn();
            },
            [this](const std::string&, const std::string& message) {
              failures.push_back(message);
              end_turn();
            }};
  }
  // What is told before the loop waits is looked at before it does.
  void end_turn() {
    loop->defer([] {});
  }
  // Turns the loop until the condition holds; false when it does not within reason.
  template <class Condition>
  bool until(Condition condition) {
    const BootTime end = clock.now().boot + patience;
    while (!condition() && clock.now().boot < end) {
      if (!loop->turn(end - clock.now().boot)) return false;
    }
    return condition();
  }

  SystemClock clock;
  std::unique_ptr<Loop> loop = Loop::create().value();
  std::vector<TriggerSeen> seen;
  std::vector<std::string> failures;
};

}  // namespace takt::test
