#include "bus/rows.h"
#include "base/limits.h"
#include "definition/definition.h"

#include <gmock/gmock.h>

#include "bus/lists.h"
#include "fake_control.h"

namespace takt {
namespace {

using testing::ElementsAre;

TEST(Rows, ProgressCountsWhatHasEnded) {
  const auto step = [](const char* name, StepState state) { return FakeControl::step(1, 0, name, state); };
  const StepsProgress none = steps_progress({}, 0);
  EXPECT_EQ(none.fraction(), 0.0);
  const StepsProgress some = steps_progress({step("a", StepState::succeeded), step("b", StepState::skipped),
                                             step("c", StepState::waiting), step("d", StepState::pending)},
                                            4);
  EXPECT_EQ(some.done, 2u);
  EXPECT_EQ(some.fraction(), 0.5);
  EXPECT_EQ(some.current, "c");
}

TEST(Rows, ADescriptionLeavesOutWhatHasNoValue) {
  ExecutionHistory history;
  history.execution.id = 7;
  history.execution.state = ExecutionState::running;
  const Dict dict = describe_execution(history, ExecutionSurroundings(), true);
  EXPECT_FALSE(dict.contains("Outcome"));
  EXPECT_FALSE(dict.contains("EndedUSec"));
  EXPECT_FALSE(dict.contains("Reason"));
  EXPECT_FALSE(dict.contains("Result"));
  EXPECT_FALSE(dict.contains("Truncated"));
  EXPECT_EQ(dict.at("State").get<std::string>(), "running");
  for (const char* key : {"Phase", "StartUSec", "Parent", "Depth", "Children"})
    EXPECT_EQ(dict.contains(key), key == std::string("Phase")) << key;
}

TEST(Rows, ADescriptionShowsWhatIsPrivateOnlyToSome) {
  ExecutionHistory history;
  history.execution.inputs = Value::parse(R"({"a":1})");
  history.execution.result = 2;
  history.steps = {FakeControl::step(1, 0, "fetch", StepState::succeeded)};
  history.steps[0].result = 3;
  history.attempts.emplace_back().output_tail = "tail";
  const Dict all = describe_execution(history, ExecutionSurroundings(), true);
  EXPECT_EQ(all.at("Inputs").get<std::string>(), R"({"a":1})");
  EXPECT_EQ(all.at("Result").get<std::string>(), "2");
  EXPECT_EQ(all.at("Steps").get<std::vector<Dict>>().at(0).at("Result").get<std::string>(), "3");
  EXPECT_EQ(all.at("Attempts").get<std::vector<Dict>>().at(0).at("OutputTail").get<std::string>(), "tail");
  EXPECT_EQ(all.at("Attempts").get<std::vector<Dict>>().at(0).at("Step").get<std::string>(), "fetch");
  const Dict some = describe_execution(history, ExecutionSurroundings(), false);
  for (const char* key : {"Inputs", "Result", "TriggerFields"}) EXPECT_FALSE(some.contains(key)) << key;
  EXPECT_FALSE(some.at("Steps").get<std::vector<Dict>>().at(0).contains("Result"));
  EXPECT_FALSE(some.at("Attempts").get<std::vector<Dict>>().at(0).contains("OutputTail"));
}

TEST(Rows, StrangersAreToldNoInputByAnError) {
  ExecutionRow row;
  row.id = 1;
  row.process = "nightly";
  row.state = ExecutionState::failed;
  row.error_step = "fetch";
  row.reason = "step 'fetch' failed: exec /secret: No such file or directory";
  EXPECT_EQ(execution_entry(row, false).get<7>(), "step 'fetch' failed");
  EXPECT_EQ(execution_entry(row, true).get<7>(), row.reason);
  row.error_step.clear();
  EXPECT_EQ(public_reason(row), "its guard or its inputs could not be evaluated");
  row.state = ExecutionState::skipped;
  row.reason = "overlap: execution 1 is running";
  EXPECT_EQ(public_reason(row), row.reason);
  StepRow step = FakeControl::step(1, 0, "fetch", StepState::failed);
  step.error = "exec /secret: No such file or directory";
  EXPECT_EQ(public_error(step), "it could not be run");
  step.exit_code = 7;
  EXPECT_EQ(public_error(step), "exit status 7");
}

TEST(Rows, ADescriptionFitsIntoAReply) {
  ExecutionHistory history;
  for (std::uint32_t i = 0; i < 12; ++i) {
    history.steps.push_back(FakeControl::step(1, i, fmt::format("s{}", i), StepState::succeeded));
    history.steps.back().result = std::string(limits::value_bytes - 2, 'x');
  }
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    history.attempts.emplace_back().attempt = i;
    history.attempts.back().error = std::string(limits::message_bytes, 'x');
  }
  const Dict dict = describe_execution(history, ExecutionSurroundings(), true);
  EXPECT_TRUE(dict.at("Truncated").get<bool>());
  std::size_t bytes = 0;
  const auto steps = dict.at("Steps").get<std::vector<Dict>>();
  EXPECT_EQ(steps.size(), 12u);
  for (const Dict& step : steps)
    if (step.contains("Result")) bytes += step.at("Result").get<std::string>().size();
  EXPECT_GT(bytes, limits::page_bytes / 2);
  const auto attempts = dict.at("Attempts").get<std::vector<Dict>>();
  for (const Dict& attempt : attempts)
    if (attempt.contains("Error")) bytes += attempt.at("Error").get<std::string>().size();
  EXPECT_LE(bytes, limits::page_bytes);
  ASSERT_FALSE(attempts.empty());
  EXPECT_LT(attempts.size(), 1'000u);
  EXPECT_EQ(attempts.back().at("Attempt").get<std::uint32_t>(), 999u);
}

TEST(Rows, DiagnosticsThatDoNotFitAreCounted) {
  const Diagnostic one{Severity::warning, "x.toml", 1, 1, "k", std::string(limits::message_bytes, 'x'), ""};
  const auto entries = diagnostic_entries(Diagnostics(3'000, one));
  ASSERT_GT(entries.size(), 100u);
  EXPECT_EQ(entries.back().get<5>(), fmt::format("{} more, too many for one reply", 3'000 - entries.size() + 1));
}

TEST(Lists, ProcessesAreFiltered) {
  FakeControl control;
  for (const char* name : {"etl-a", "etl-b", "other"}) control.add_process(name);
  const auto names = [&control](const Dict& filter) {
    std::vector<std::string> all;
    const auto entries = list_processes(control, filter);
    for (const ProcessEntry& entry : *entries) all.push_back(entry.get<0>());
    return all;
  };
  EXPECT_THAT(names({}), ElementsAre("etl-a", "etl-b", "other"));
  EXPECT_THAT(names({{"name", std::string("etl-*")}}), ElementsAre("etl-a", "etl-b"));
  EXPECT_THAT(names({{"tag", std::string("none")}}), ElementsAre());
  EXPECT_THAT(names({{"enabled", false}}), ElementsAre());
}

TEST(Lists, AListThatIsTooLongIsRefused) {
  FakeControl control;
  for (int i = 0; i < 2'100; ++i) {
    auto definition = std::make_shared<ProcessDefinition>(*FakeControl::definition(fmt::format("p{}", i)));
    definition->description = std::string(limits::message_bytes, 'x');
    control.known[definition->name].definition = definition;
  }
  const auto all = list_processes(control, {});
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().code, ErrorCode::limit_exceeded);
  EXPECT_TRUE(list_processes(control, {{"name", std::string("p1*")}}));
}

TEST(Lists, APageOfLongRowsGoesOnWhereItWasCut) {
  FakeControl control;
  for (ExecutionId id = 1; id <= 1'500; ++id) {
    control.histories[id].execution.id = id;
    control.histories[id].execution.reason = std::string(limits::message_bytes, 'x');
    control.histories[id].execution.trigger_key = std::string(limits::message_bytes, 'x');
    control.histories[id].execution.error_step = std::string(limits::message_bytes, 'x');
  }
  ExecutionId expected = 1'500;
  std::string cursor;
  int pages = 0;
  do {
    const auto page = list_executions(control, {}, cursor, 1'000, true);
    ASSERT_TRUE(page);
    for (const ExecutionEntry& entry : std::get<0>(*page)) ASSERT_EQ(entry.get<0>(), expected--);
    cursor = std::get<1>(*page);
    ++pages;
  } while (!cursor.empty());
  EXPECT_EQ(expected, 0u);
  EXPECT_GT(pages, 2);
}

TEST(Lists, UpcomingOfAnUnknownProcessIsAnError) {
  FakeControl control;
  control.add_process("nightly");
  EXPECT_EQ(list_upcoming(control, {{"process", std::string("nightly")}}, 2)->size(), 2u);
  EXPECT_EQ(list_upcoming(control, {{"process", std::string("none")}}, 2).error().code, ErrorCode::no_such_process);
}

}  // namespace
}  // namespace takt
