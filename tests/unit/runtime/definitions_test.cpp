// Definitions that come, change, break and go while the daemon runs.
#include "base/names.h"
#include "definition/limits.h"
#include "fixture.h"

namespace takt::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* other = "[[step]]\nname = \"other\"\nrun = [\"true\"]\n";
constexpr const char* wrong = "[[step]]\nname = \"one\"\nrum = [\"true\"]\n";

class Definitions : public RuntimeTest {
 protected:
  void boot_with(std::map<std::string, std::string> texts) {
    definitions.texts = std::move(texts);
    boot();
    world.clear();
  }
  std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const ProcessSummary& one : runtime->processes()) all.push_back(one.definition->name);
    return all;
  }
  std::string step_of(const std::string& process) { return runtime->process(process)->definition->steps[0].name; }
};

TEST_F(Definitions, AWrongTextLeavesTheLastGoodVersionInForceAndTheOthersAlone) {
  boot_with({{"p", one_step}});
  definitions.texts["p"] = wrong;
  definitions.texts["q"] = one_step;
  runtime->reload({}, reply_to<Diagnostics>("reload"));
  settle();
  EXPECT_THAT(names(), ElementsAre("p", "q"));
  EXPECT_EQ(step_of("p"), "one");
  EXPECT_EQ(runtime->totals().refused, 1u);
  EXPECT_THAT(entries(LogPriority::error), Contains(HasSubstr("p.toml:3:1: error: step[1].rum")));
  EXPECT_THAT(world, Contains("announce reloaded, 1 refused"));

  crash();
  boot();
  EXPECT_THAT(names(), ElementsAre("p", "q")) << "the store has kept its last good version";
}

TEST_F(Definitions, ATextThatWasNeverGoodIsNotThere) {
  boot_with({{"p", wrong}});
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Definitions, AReloadIsAnsweredWhenItIsDurable) {
  boot_with({{"p", one_step}});
  definitions.texts["p"] = other;
  runtime->reload({}, reply_to<Diagnostics>("reload"));
  turn();
  EXPECT_THAT(world, ElementsAre("reloading"));
  settle();
  EXPECT_THAT(world, ElementsAre("reloading", "durable 2", "announce changed p", "announce reloaded, 0 refused",
                                 "reload is over", "reply reload"))
      << "the audit row and the version";
}

TEST_F(Definitions, OnlyAChangeOfTheZonesHasAllParsedAgain) {
  boot_with({{"p", one_step}});
  runtime->reload();
  settle();
  EXPECT_EQ(definitions.known, 1u);
  runtime->zones_changed();
  settle();
  EXPECT_EQ(definitions.known, 0u);
}

TEST_F(Definitions, ARunningExecutionKeepsItsVersionThroughAnEditAndADeath) {
  runner.fate = [](const AttemptSpec&) { return Fate{.lasts = 1h}; };
  boot_with({{"p", one_step}});
  start("p");
  settle();
  definitions.texts["p"] = other;
  runtime->reload();
  settle();
  crash();
  boot();
  EXPECT_EQ(runtime->live_execution(1)->definition->steps[0].name, "one");
  EXPECT_EQ(step_of("p"), "other");
}

TEST_F(Definitions, PutTakesGoodTextsAlone) {
  boot_with({});
  runtime->put_definition({}, "p", wrong, false, reply_to<Diagnostics>("put"));
  EXPECT_THAT(world.back(), AllOf(HasSubstr("refuse put: p.toml:"), HasSubstr("step[1].rum: unknown key")));
  EXPECT_THAT(definitions.texts, IsEmpty());
  runtime->put_definition({}, "../p", one_step, false, reply_to<Diagnostics>("put"));
  EXPECT_THAT(world.back(), HasSubstr("refuse put: '../p' is no name of a process"));

  runtime->put_definition({}, "p", one_step, false, reply_to<Diagnostics>("put"));
  settle();
  EXPECT_EQ(world.back(), "reply put");
  EXPECT_THAT(names(), ElementsAre("p"));
  EXPECT_EQ(disk.audit.back().method, "PutDefinition");
}

TEST_F(Definitions, PutTellsWhenOtherFilesHaveTheLastWord) {
  boot_with({{"p", one_step}});
  definitions.shadowed = true;
  runtime->put_definition({}, "p", other, false, reply_to<Diagnostics>("put"));
  settle();
  EXPECT_THAT(world.back(), HasSubstr("refuse put: /lower/p.toml is written, but"));
  definitions.shadowed = false;
  definitions.drop_ins["p"] = wrong;
  runtime->put_definition({}, "p", other, false, reply_to<Diagnostics>("put"));
  settle();
  EXPECT_THAT(world.back(), AllOf(HasSubstr("is written, and refused as it is now"), HasSubstr("90-enabled.toml")));
  EXPECT_EQ(step_of("p"), "one") << "the last good one goes on";
}

TEST_F(Definitions, WhatCameFromAFolderThatCannotBeReadGoesOn) {
  boot_with({{"p", one_step}, {"q", one_step}});
  definitions.layer = "/etc/x";
  runtime->reload({}, reply_to<Diagnostics>("reload"));
  settle();
  definitions.texts.clear();
  definitions.texts["r"] = one_step;
  definitions.unread = true;
  runtime->reload({}, reply_to<Diagnostics>("reload"));
  settle();
  EXPECT_THAT(names(), ElementsAre("p", "q", "r"));
  definitions.unread = false;
  runtime->reload({}, reply_to<Diagnostics>("reload"));
  settle();
  EXPECT_THAT(names(), ElementsAre("r"));
}

TEST_F(Definitions, AChangeOfOneReadsNoOther) {
  boot_with({{"p", one_step}, {"q", wrong}});
  const Definition p = runtime->process("p")->definition;
  definitions.texts["p"] = wrong;
  runtime->put_definition({}, "r", one_step, false, reply_to<Diagnostics>("put"));
  settle();
  EXPECT_EQ(runtime->process("p")->definition, p);
  EXPECT_THAT(names(), ElementsAre("p", "r"));
  EXPECT_THAT(world, Contains("announce reloaded, 1 refused")) << "q still is";
  EXPECT_EQ(runtime->totals().refused, 1u);
  runtime->enable_process({}, "r", false, reply_to<Diagnostics>("disable"));
  runtime->delete_definition({}, "q", reply_to<Diagnostics>("delete"));
  settle();
  EXPECT_EQ(runtime->process("p")->definition, p);
  EXPECT_EQ(runtime->totals().refused, 0u);
}

TEST_F(Definitions, ThereAreOnlySoMany) {
  std::map<std::string, std::string> texts;
  for (std::size_t i = 0; i < limits::definitions; ++i) texts[std::to_string(i)] = one_step;
  boot_with(std::move(texts));
  runtime->put_definition({}, "more", one_step, false, reply_to<Diagnostics>("put"));
  EXPECT_THAT(world.back(), HasSubstr("refuse put: there are 10000 definitions already"));
  EXPECT_FALSE(definitions.texts.contains("more"));
  runtime->put_definition({}, "1", other, false, reply_to<Diagnostics>("put"));
  settle();
  EXPECT_EQ(world.back(), "reply put");
}

TEST_F(Definitions, DeleteTakesWhatThereIs) {
  boot_with({{"p", one_step}});
  runtime->delete_definition({}, "q", reply_to<Diagnostics>("delete"));
  EXPECT_EQ(world.back(), "refuse delete: no process is named 'q'");
  runtime->delete_definition({}, "p", reply_to<Diagnostics>("delete"));
  settle();
  EXPECT_EQ(world.back(), "reply delete");
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Definitions, WhatIsDisabledDoesNotStart) {
  boot_with({{"p", one_step}});
  runtime->enable_process({}, "p", false, reply_to<Diagnostics>("disable"));
  settle();
  EXPECT_EQ(world.back(), "reply disable");
  start("p");
  settle();
  EXPECT_THAT(world.back(), HasSubstr("refuse start: process 'p' is disabled"));
  runtime->enable_process({}, "p", true, reply_to<Diagnostics>("enable"));
  settle();
  start("p");
  settle();
  EXPECT_THAT(world, Contains("announce queued 1"));
}

TEST_F(Definitions, ALaterDropInThatSaysOtherwiseIsTold) {
  boot_with({{"p", one_step}});
  definitions.overruled = true;
  runtime->enable_process({}, "p", false, reply_to<Diagnostics>("disable"));
  settle();
  EXPECT_THAT(world.back(), HasSubstr("refuse disable: a drop-in of 'p' that comes later says enabled = true"));
}

}  // namespace
}  // namespace takt::test
