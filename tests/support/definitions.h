// Definitions for tests, made in code.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "definition/definition.h"

namespace takt::test {

inline Step run_step(std::string name, std::vector<std::string> argv = {"true"}) {
  Step step;
  step.name = std::move(name);
  step.action = RunAction{std::move(argv)};
  return step;
}

// The steps run one after another.
inline ProcessDefinition process_of(std::string name, std::vector<Step> steps) {
  ProcessDefinition definition;
  definition.name = std::move(name);
  definition.user = "root";
  for (std::uint32_t place = 1; place < steps.size(); ++place)
    if (steps[place].after.empty()) steps[place].after = {place - 1};
  definition.steps = std::move(steps);
  definition.version = "v1";
  return definition;
}

inline Definition shared(ProcessDefinition definition) {
  return std::make_shared<const ProcessDefinition>(std::move(definition));
}

}  // namespace takt::test
