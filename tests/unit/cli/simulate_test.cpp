// Definitions played on the engine: what would happen when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/simulate.h"
#include "definition/parser.h"

namespace takt {
namespace {

using testing::ElementsAre;

const WallTime begin = parse_rfc3339("2026-12-01T00:00:00Z").value();

void define(SimulationRequest& request, const std::string& name, const std::string& text) {
  Evaluator evaluator;
  const std::map<std::string, std::string> none;
  const ParseContext context{evaluator, none, Zone::utc(), "root"};
  ParseOutcome parsed = parse_definition(name, {"/x/" + name + ".toml", text}, {}, context);
  for (const Diagnostic& diagnostic : parsed.diagnostics) ADD_FAILURE() << to_text(diagnostic);
  if (parsed.definition) request.definitions[name] = parsed.definition;
}

SimulationRequest request_for(const std::string& text) {
  SimulationRequest request;
  request.process = "job";
  request.machine_id = "machine";
  request.from = begin;
  define(request, "job", text);
  return request;
}

SimulationOutcome played(const SimulationRequest& request) {
  Evaluator evaluator;
  Result<SimulationOutcome> outcome = simulate(request, evaluator);
  EXPECT_TRUE(outcome.has_value()) << outcome.error().message;
  return outcome ? *std::move(outcome) : SimulationOutcome{};
}

// "0 a runs true": whole seconds since the beginning, and what happened.
std::vector<std::string> told(const SimulationOutcome& outcome, const std::string& event) {
  std::vector<std::string> lines;
  for (const SimulatedEvent& one : outcome.events) {
    if (one.event != event) continue;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(one.at - begin).count();
    lines.push_back(fmt::format("{} {} {}", seconds, one.step, one.detail));
  }
  return lines;
}

const std::string two_steps = R"(
[inputs.word]
type = "string"
default = "hello"
[[step]]
name = "a"
run = ["echo", "${inputs.word}"]
undo = ["unsay"]
[[step]]
name = "b"
run = ["send", "${steps.a.result}"]
retry = { limit = 2, delay = "5s", backoff = 2.0 }
)";

TEST(Simulate, TheMachineLetsItStartAndABlackoutDoesNot) {
  const SimulationOutcome outcome = played(request_for(R"(
[constraints]
ac_power = true
not_between = { from = "00:00", to = "06:00" }
[[step]]
name = "a"
run = ["true"]
)"));
  EXPECT_EQ(outcome.outcome, Outcome::succeeded);
  EXPECT_THAT(told(outcome, "waits"),
              ElementsAre("0  waits for not_between = *-*-* 00:00:00 and *-*-* 06:00:00 (UTC): until "
                          "2026-12-01T06:00:00Z"));
  EXPECT_THAT(told(outcome, "runs"), ElementsAre("21600 a true"));
}

TEST(Simulate, AStartRunsItsStepsInNoTime) {
  SimulationRequest request = request_for(two_steps);
  request.results["a"] = "it's said";
  const SimulationOutcome outcome = played(request);
  EXPECT_EQ(outcome.outcome, Outcome::succeeded);
  EXPECT_THAT(told(outcome, "runs"), ElementsAre("0 a echo hello", "0 b send it's said"));
  EXPECT_THAT(told(outcome, "undoes"), ElementsAre());
}

TEST(Simulate, AStepThatFailsIsTriedAgainAndTheRestTakenBack) {
  SimulationRequest request = request_for(two_steps);
  request.results["a"] = 1;
  request.fails.insert("b");
  request.inputs["word"] = "bye";
  const SimulationOutcome outcome = played(request);
  EXPECT_EQ(outcome.outcome, Outcome::failed);
  EXPECT_THAT(told(outcome, "runs"), ElementsAre("0 a echo bye", "0 b send 1", "5 b send 1", "15 b send 1"));
  EXPECT_THAT(told(outcome, "undoes"), ElementsAre("15 a unsay"));
}

TEST(Simulate, TriggersFireInTheTimeGiven) {
  SimulationRequest request = request_for(
      "[[trigger]]\ncron = \"0 7 * * *\"\n[[trigger]]\nboot = \"90s\"\n"
      "[[step]]\nname = \"a\"\nrun = [\"true\"]\n");
  request.to = begin + std::chrono::hours(48);
  const SimulationOutcome outcome = played(request);
  EXPECT_THAT(told(outcome, "runs"), ElementsAre("90 a true", "25200 a true", "111600 a true"));
}

TEST(Simulate, AWaitMovesTheClockAndOneWithoutAnEndIsTold) {
  const std::string wait = "[[step]]\nname = \"a\"\nwait = \"1h\"\n[[step]]\nname = \"b\"\nrun = [\"true\"]\n";
  EXPECT_THAT(told(played(request_for(wait)), "runs"), testing::Contains("3600 b true"));
  const SimulationOutcome endless = played(request_for("[[step]]\nname = \"a\"\nwait = { event = \"x\" }\n"));
  EXPECT_EQ(endless.outcome, std::nullopt);
}

TEST(Simulate, AnApprovalIsGivenOrRefused) {
  SimulationRequest request = request_for(
      "[[step]]\nname = \"a\"\napprove = { message = \"Go on?\" }\n"
      "[[step]]\nname = \"b\"\nrun = [\"true\"]\n");
  EXPECT_EQ(played(request).outcome, Outcome::succeeded);
  request.fails.insert("a");
  const SimulationOutcome refused = played(request);
  EXPECT_EQ(refused.outcome, Outcome::failed);
  EXPECT_THAT(told(refused, "runs"), testing::Not(testing::Contains("0 b true")));
}

TEST(Simulate, WhatAStartRefusesIsRefused) {
  SimulationRequest request = request_for(two_steps);
  request.inputs["nothing"] = 1;
  Evaluator evaluator;
  const Result<SimulationOutcome> outcome = simulate(request, evaluator);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, ErrorCode::invalid_input);
}

TEST(Simulation, OfAllShowsWhatFiresOverlapsAndQueues) {
  SimulationRequest request;
  request.machine_id = "machine";
  request.from = begin;
  request.to = begin + std::chrono::minutes(5);
  request.attempt = std::chrono::seconds(90);
  const std::string each_minute = "[[trigger]]\ncron = \"* * * * *\"\n";
  const std::string step = "[[step]]\nname = \"a\"\nrun = [\"work\"]\n";
  define(request, "queues", "overlap = \"queue\"\n" + each_minute + step);
  define(request, "skips", each_minute + step);
  define(request, "follows", "[[trigger]]\nafter = \"skips\"\n" + step);
  define(request, "off", "enabled = false\n" + each_minute + step);
  std::map<std::string, std::string> seen;
  for (const SimulatedEvent& one : played(request).events)
    if (one.event == "started" || one.event == "skipped")
      seen[one.process] += fmt::format("{}{} ", one.event == "started" ? "" : "-",
                                       std::chrono::floor<std::chrono::seconds>(one.at - begin).count());
  EXPECT_EQ(seen, (std::map<std::string, std::string>{
                      {"queues", "60 150 240 "}, {"skips", "60 -120 180 -240 300 "}, {"follows", "150 270 "}}));
}

}  // namespace
}  // namespace takt
