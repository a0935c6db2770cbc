#include "scenario.h"

#include <fmt/core.h>

#include "definition/definition.h"

namespace takt::test {

namespace {

using namespace std::chrono_literals;

std::string random_trigger(Dice& dice) {
  switch (dice.between(0, 4)) {
    case 0:
      return fmt::format("cron = \"*/{} * * * *\"\ncatch_up = \"{}\"\n", dice.between(1, 5),
                         dice.pick<std::string>({"none", "latest", "all"}));
    case 1:
      return fmt::format("calendar = \"*:*:{}\"\ncatch_up = \"{}\"\n", dice.between(0, 59),
                         dice.pick<std::string>({"none", "latest", "all"}));
    case 2:
      return fmt::format("every = \"{}s\"\n", dice.between(20, 120));
    case 3:
      return fmt::format("every = \"{}s\"\nanchor = \"finish\"\n", dice.between(20, 120));
    default:
      return fmt::format("boot = \"{}s\"\n", dice.between(0, 90));
  }
}

std::string random_step(Dice& dice, std::int64_t place) {
  std::string step = fmt::format("[[step]]\nname = \"s{}\"\nrun = [\"child\", \"${{inputs.n}}\"]\n", place);
  if (dice.percent(40)) step += fmt::format("timeout = \"{}s\"\n", dice.between(1, 30));
  if (dice.percent(40))
    step += fmt::format("retry = {{ limit = {}, delay = \"{}s\", backoff = {}.0, on = [{}] }}\n", dice.between(1, 3),
                        dice.between(0, 20), dice.between(1, 2),
                        dice.percent(50) ? "\"failed\"" : "\"failed\", \"timed-out\"");
  if (dice.percent(40)) step += "on_interrupt = \"retry\"\n";
  if (dice.percent(20)) step += "continue_on_failure = true\n";
  if (dice.percent(20)) step += fmt::format("when = \"inputs.n > {}\"\n", dice.between(0, 3));
  step += fmt::format("kill = {{ grace = \"{}s\" }}\n\n", dice.between(0, 8));
  return step;
}

std::string random_steps(Dice& dice) {
  std::string steps;
  const std::int64_t count = dice.between(1, 4);
  for (std::int64_t i = 0; i < count; ++i) steps += random_step(dice, i);
  return steps;
}

}  // namespace

Scenario Scenario::make(Dice& dice) {
  Scenario made;
  made.settings.max_concurrent = static_cast<std::size_t>(dice.between(1, 4));
  if (dice.percent(20)) made.settings.retry = {1, 2s, 1.0, std::nullopt, {Outcome::failed}};
  const std::int64_t count = dice.between(1, 4);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string name = fmt::format("p{}", i);
    Parts& parts = made.parts_[name];
    parts.head = fmt::format("overlap = \"{}\"\npriority = {}\n",
                             dice.pick<std::string>({"skip", "queue", "replace", "allow"}), dice.between(-1, 1));
    if (parts.head.find("allow") != std::string::npos)
      parts.head += fmt::format("max_instances = {}\n", dice.between(1, 3));
    if (dice.percent(30)) {
      parts.bounded = true;
      parts.head += fmt::format("timeout = \"{}s\"\n", dice.between(5, 120));
    }
    if (dice.percent(20)) parts.head += fmt::format("keep = {{ runs = {} }}\n", dice.between(1, 20));
    parts.head += "\n[inputs.n]\ntype = \"integer\"\ndefault = 2\n\n";
    if (dice.percent(80)) {
      parts.triggers = "[[trigger]]\n" + random_trigger(dice);
      if (dice.percent(15)) parts.triggers += "when = \"trigger.stands_for < 3\"\n";
      parts.triggers += "\n";
    }
    parts.steps = random_steps(dice);
    made.write(name);
  }
  return made;
}

void Scenario::edit(Dice& dice) {
  auto at = parts_.begin();
  std::advance(at, dice.between(0, static_cast<std::int64_t>(parts_.size()) - 1));
  at->second.steps = random_steps(dice);
  write(at->first);
}

void Scenario::write(const std::string& name) {
  const Parts& parts = parts_.at(name);
  texts[name] = parts.head + parts.triggers + parts.steps;
}

std::map<std::string, std::string> Scenario::quiet() const {
  std::map<std::string, std::string> quiet;
  for (const auto& [name, parts] : parts_) quiet[name] = parts.head + parts.steps;
  return quiet;
}

Fate cast_fate(Dice& dice, bool guarded) {
  Fate fate;
  fate.lasts = dice.percent(70) ? dice.between(Duration(1ms), Duration(5s)) : dice.between(Duration(1s), Duration(60s));
  if (guarded && dice.percent(15)) fate.lasts = std::nullopt;
  if (dice.percent(25)) fate.exit_code = static_cast<int>(dice.between(1, 255));
  if (dice.percent(5)) fate.dies_of = SIGSEGV;
  fate.ignores_signals = dice.percent(20);
  return fate;
}

}  // namespace takt::test
