// What a simulated administrator has written: processes by chance, as the TOML texts that the product reads.
#pragma once

#include <map>
#include <string>

#include "dice.h"
#include "engine/engine.h"
#include "support/fake_runner.h"

namespace takt::test {

struct Scenario {
  std::map<std::string, std::string> texts;  // by name of the process
  Settings settings;

  static Scenario make(Dice& dice);
  // Another version of one of the texts: other steps, the same triggers and the same overlap rule.
  void edit(Dice& dice);
  // The texts without their triggers.
  [[nodiscard]] std::map<std::string, std::string> quiet() const;

 private:
  struct Parts {
    std::string head, triggers, steps;
    bool bounded = false;  // the whole has a time-out
  };
  void write(const std::string& name);

  std::map<std::string, Parts> parts_;
};

// How a child behaves: most end soon, some fail, some are deaf to signals, some never end (when a time-out guards
// them).
Fate cast_fate(Dice& dice, bool guarded);

}  // namespace takt::test
