// The shapes of JSON, which taktctl(1) promises, and the views that read from them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/bus_values.h"
#include "cli/documents.h"
#include "cli/views.h"
#include "cli/why_view.h"

namespace takt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t t0 = 1'797'000'000'000'000;  // 2026-12-11T14:40:00Z
constexpr std::uint64_t second = 1'000'000;

std::vector<std::string> keys(const Value& document) {
  std::vector<std::string> names;
  for (const auto& [key, value] : document.items()) names.push_back(key);
  return names;
}

struct PlainView {
  Look look;
  Zone zone = Zone::utc();
  View view{look, zone, wall_from_us(t0 + 60 * second)};
};

Value failed_execution() {
  return {{"ID", 12},
          {"Process", "nightly"},
          {"State", "failed"},
          {"Run", 1},
          {"TriggerKind", "cron"},
          {"Trigger", "cron 30 7 * * *"},
          {"NominalUSec", t0},
          {"QueuedUSec", t0 + second},
          {"StartedUSec", t0 + second},
          {"EndedUSec", t0 + 4 * second},
          {"Reason", "exit code 7"},
          {"ErrorStep", "store"},
          {"Progress", 0.5},
          {"TotalSteps", 2},
          {"DoneSteps", 1},
          {"Inputs", R"({"batch":"daily"})"},
          {"Result", ""},
          {"Steps",
           {{{"Name", "fetch"}, {"State", "succeeded"}, {"Attempts", 1}, {"Result", R"({"count":3})"}},
            {{"Name", "store"}, {"State", "failed"}, {"Attempts", 2}, {"ExitCode", 7}}}},
          {"Attempts",
           {{{"Run", 1},
             {"Step", "store"},
             {"Attempt", 2},
             {"Outcome", "failed"},
             {"StartedUSec", t0 + 2 * second},
             {"EndedUSec", t0 + 4 * second},
             {"MemoryPeak", 2048},
             {"OutputTail", "disk full\n"}}}}};
}

TEST(Documents, AnExecutionHasAllItsMembersWhateverIsKnown) {
  const Value bare = execution_document({{"ID", 12}, {"Process", "p"}, {"State", "queued"}});
  EXPECT_EQ(keys(bare), keys(execution_document(failed_execution())));
  EXPECT_THAT(keys(bare),
              ElementsAre("attempts", "children", "current_step", "deadline_at", "depth", "done_steps", "duration_us",
                          "ended_at", "error_step", "id", "idempotency_key", "inputs", "nominal_at", "outcome",
                          "parent", "phase", "priority", "process", "progress", "queued_at", "reason", "requested_by",
                          "result", "run", "start_at", "started_at", "state", "steps", "total_steps", "trigger",
                          "trigger_fields", "trigger_kind", "truncated", "version"));
  EXPECT_TRUE(bare["inputs"].is_null());
  EXPECT_EQ(bare["truncated"], false);
  EXPECT_EQ(bare["steps"], Value::array());
}

TEST(Documents, AnExecutionsValuesAreTyped) {
  const Value document = execution_document(failed_execution());
  EXPECT_EQ(document["queued_at"], "2026-12-11T14:40:01Z");
  EXPECT_EQ(document["duration_us"], 3 * second);
  EXPECT_EQ(document["inputs"], Value({{"batch", "daily"}}));
  EXPECT_TRUE(document["result"].is_null());
  EXPECT_TRUE(document["deadline_at"].is_null());
  EXPECT_EQ(document["steps"][0]["result"], Value({{"count", 3}}));
  EXPECT_EQ(document["attempts"][0]["duration_us"], 2 * second);
  EXPECT_THAT(keys(document["steps"][0]),
              ElementsAre("action", "after", "approved_by", "attempts", "comment", "duration_us", "ended_at", "error",
                          "exit_code", "finally", "for_each", "items", "max_visits", "message", "name", "on_failure",
                          "on_success", "order", "parallel_group", "pool", "result", "retry_at", "routed", "signal",
                          "slots", "started_at", "state", "undo", "variant", "visits", "waits_until_at"));
  EXPECT_THAT(keys(document["attempts"][0]),
              ElementsAre("attempt", "cpu_system_us", "cpu_user_us", "duration_us", "ended_at", "error", "exit_code",
                          "io_read_bytes", "io_write_bytes", "item", "kind", "memory_peak_bytes", "outcome",
                          "output_bytes", "output_cut", "output_tail", "run", "signal", "started_at", "step"));
}

TEST(Documents, RowsHaveTheirMembers) {
  const Value execution = execution_row({12, "p", "running", "cron", t0, t0 + second, 0, ""}, Value::object());
  EXPECT_THAT(keys(execution),
              ElementsAre("duration_us", "ended_at", "error_step", "id", "nominal_at", "process", "queued_at", "reason",
                          "requested_by", "run", "started_at", "state", "trigger", "trigger_kind"));
  EXPECT_TRUE(execution["duration_us"].is_null());
  EXPECT_TRUE(execution["reason"].is_null());
  const Value process = process_row({"p", "/o", "d", true, false, t0, 0, "", 1, 2}, {{"Triggers", {"boot 5s"}}});
  EXPECT_THAT(keys(process),
              ElementsAre("description", "enabled", "last_at", "last_execution", "last_outcome", "name", "next_at",
                          "object", "origin", "paused", "queued", "running", "tags", "triggers"));
  EXPECT_EQ(process["triggers"], Value::array({"boot 5s"}));
  EXPECT_TRUE(process["last_execution"].is_null());
  const Value upcoming = upcoming_row(t0 + second, "p", "cron", "", {{"NominalUSec", t0}});
  EXPECT_EQ(upcoming, Value({{"at", "2026-12-11T14:40:01Z"},
                             {"process", "p"},
                             {"trigger", "cron"},
                             {"zone", nullptr},
                             {"nominal_at", "2026-12-11T14:40:00Z"}}));
}

TEST(Documents, StatisticsHaveARateOfWhatRan) {
  const Value document = statistics_document(
      {{"Processes",
        {{{"Process", "p"},
          {"Outcomes", {{"succeeded", 3}, {"failed", 1}, {"skipped", 6}}},
          {"Duration", {{"P95USec", 5}}}},
         {{"Process", "q"}, {"Outcomes", {{"skipped", 1}}}}}},
       {"Steps", {{{"Process", "p"}, {"Step", "s"}, {"Variant", "b"}, {"Outcomes", {{"cached", 1}, {"undone", 1}}}}}}});
  EXPECT_EQ(document["processes"][0]["ran"], 4);
  EXPECT_EQ(document["processes"][0]["success_rate"], 0.75);
  EXPECT_EQ(document["processes"][0]["duration"]["p95_us"], 5);
  EXPECT_TRUE(document["processes"][1]["success_rate"].is_null());
  EXPECT_EQ(document["steps"][0]["success_rate"], 1.0);
  EXPECT_EQ(document["steps"][0]["variant"], "b");
  EXPECT_THAT(keys(document["processes"][0]), ElementsAre("cpu_us", "duration", "memory_peak_bytes", "outcomes",
                                                          "process", "queue_time", "ran", "success_rate"));
}

TEST(Documents, DiagnosticsComeBackTheSame) {
  const Diagnostic diagnostic{Severity::warning, "/etc/takt/processes/x.toml", 3, 5, "step[0].run", "wrong", "run = 1"};
  const Diagnostic back = diagnostic_from_json(to_json(diagnostic));
  EXPECT_EQ(to_text(back), to_text(diagnostic));
}

TEST(BusValues, GoThereAndBack) {
  const Value value = {{"b", true}, {"i", -5},         {"d", 1.5},
                       {"s", "x"},  {"a", {1, "two"}}, {"o", {{"k", Value::array()}}}};
  EXPECT_EQ(to_value(to_variant(value).value()), value);
  const Value big = UINT64_MAX;
  EXPECT_EQ(to_value(to_variant(big).value()), big);
  Value deep = 1;
  for (int i = 0; i < 20; ++i) deep = {{"a", deep}};
  EXPECT_EQ(to_value(to_variant(deep).value()), deep);
  EXPECT_EQ(to_variant({{"a", deep}}).error().message,
            "a: a: a: a: a: a: a: a: a: a: a: a: a: a: a: a: a: a: a: a: a: "
            "it is nested deeper than D-Bus takes");
}

TEST(BusValues, WhatOnlyTheDaemonSendsIsRead) {
  EXPECT_EQ(to_value(sdbus::Variant(std::vector<std::uint64_t>{7, 8})), Value({7, 8}));
  EXPECT_EQ(to_value(sdbus::Variant(std::map<std::string, std::uint64_t>{{"failed", 2}})), Value({{"failed", 2}}));
  using Three = sdbus::Struct<std::uint32_t, std::uint32_t, std::uint32_t>;
  EXPECT_EQ(to_value(sdbus::Variant(Three{10U, 4U, 1U})), Value({10, 4, 1}));
}

TEST(BusValues, NullIsRefusedAndNamed) {
  const auto variants = to_variants({{"list", {1, nullptr}}});
  ASSERT_FALSE(variants);
  EXPECT_THAT(variants.error().message, HasSubstr("list"));
}

TEST(Views, AnExecutionTellsItsFailure) {
  const PlainView plain;
  const std::string text = execution_text(execution_document(failed_execution()), plain.view);
  EXPECT_THAT(text, HasSubstr("execution 12 of nightly\n"));
  EXPECT_THAT(text, HasSubstr("State: failed in step store: exit code 7\n"));
  EXPECT_THAT(text, HasSubstr("Started by: cron 30 7 * * *, for Fri 2026-12-11 14:40:00+00:00\n"));
  EXPECT_THAT(text, HasSubstr("Duration: 3s\n"));
  EXPECT_THAT(text, HasSubstr("Progress: 50% (1/2)\n"));
  EXPECT_THAT(text, HasSubstr("Inputs: {\"batch\":\"daily\"}\n"));
  EXPECT_THAT(text, HasSubstr("store failed           2        - exit code 7\n"));
  EXPECT_THAT(text, HasSubstr("2.0K"));
  EXPECT_THAT(text, HasSubstr("Last output\n  disk full\n"));
  EXPECT_THAT(text, Not(HasSubstr("Result")));
}

// What a step's row says behind its duration.
TEST(Views, AStepTellsItsCircumstances) {
  const PlainView plain;
  const struct {
    Value step;
    const char* told;
  } rows[] = {
      {{{"State", "waiting"}, {"Action", "approve"}, {"Message", "Ship it?"}, {"WaitsUntilUSec", t0}},
       "waits for an approval, until Fri 2026-12-11 14:40:00: Ship it?\n"},
      {{{"State", "waiting"}, {"Action", "wait"}}, "waits for an event\n"},
      {{{"State", "waiting"}, {"Action", "wait"}, {"WaitsUntilUSec", t0}}, "waits, until Fri 2026-12-11 14:40:00\n"},
      {{{"State", "waiting"}, {"RetryUSec", t0 + 90 * second}, {"ExitCode", 7}}, "tries again in 30s; exit code 7\n"},
      {{{"State", "running"}, {"Items", {10, 4, 1}}}, "4/10 items, 1 failed\n"},
      {{{"State", "succeeded"}, {"Variant", "b"}, {"Visits", 3}}, "variant b; visit 3\n"},
      {{{"State", "failed"}, {"ApprovedBy", 1000}, {"Comment", "not now"}}, "answered by uid 1000; not now\n"},
  };
  for (const auto& row : rows) {
    Value step = row.step;
    step["Name"] = "s";
    const Value execution = execution_document({{"ID", 1}, {"State", "running"}, {"Steps", Value::array({step})}});
    EXPECT_THAT(step_table(execution, plain.view), HasSubstr(row.told));
  }
}

TEST(Views, AnExecutionTellsWhereItStands) {
  const PlainView plain;
  const std::string text = execution_text(execution_document({{"ID", 12},
                                                              {"Process", "p"},
                                                              {"State", "running"},
                                                              {"Phase", "undo"},
                                                              {"StartedUSec", t0},
                                                              {"Progress", 0.25},
                                                              {"CurrentStep", "load"},
                                                              {"TotalSteps", 4},
                                                              {"DoneSteps", 1},
                                                              {"Parent", 11},
                                                              {"Children", {13, 14}},
                                                              {"IdempotencyKey", "k1"}}),
                                          plain.view);
  for (const char* line :
       {"Phase: undo\n", "Parent: 11\n", "Children: 13, 14\n", "Key: k1\n", "Progress: 25% (1/4, load)\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(Views, TheOverviewLeavesOutWhatIsEmpty) {
  const PlainView plain;
  Value overview = {{"bus", "the system bus"}, {"disabled", 1}};
  overview["daemon"] = daemon_document({{"Version", "1.2"},
                                        {"Enabled", true},
                                        {"StartedUSec", t0},
                                        {"Running", 0},
                                        {"Queued", 0},
                                        {"Processes", 3},
                                        {"Paused", 0},
                                        {"Refused", 0},
                                        {"RunnerConnected", true}});
  EXPECT_EQ(overview_text(overview, plain.view),
            "* taktd 1.2 - on the system bus\n"
            "         Since: Fri 2026-12-11 14:40:00+00:00 (1min ago)\n"
            "      Triggers: fire\n"
            "        Runner: connected\n"
            "     Processes: 3, 1 disabled\n"
            "    Executions: 0 running, 0 queued\n");
  overview["daemon"]["runner_connected"] = false;
  EXPECT_THAT(overview_text(overview, plain.view), HasSubstr("no step can run"));
}

TEST(Views, ProcessesAreListed) {
  const PlainView plain;
  const Value rows = {process_row({"a", "/o", "first", true, false, t0 + 120 * second, 7, "failed", 1, 1},
                                  {{"Triggers", {"boot 5s", "every 1h"}}, {"LastUSec", t0}}),
                      process_row({"b", "/o", "", false, true, 0, 0, "", 0, 0}, Value::object())};
  const std::string text = process_table(rows, plain.view);
  EXPECT_THAT(
      text,
      HasSubstr("a       enabled  Fri 2026-12-11 14:42:00 in 1min 1min ago failed     2 boot 5s, every 1h first\n"));
  EXPECT_THAT(text, HasSubstr("b       disabled -"));
  EXPECT_THAT(text, HasSubstr("\n2 processes listed.\n"));
}

TEST(Why, TellsWhatBecameOfAFiring) {
  Value row = execution_row({12, "p", "succeeded", "cron", t0 + second, t0 + second, t0 + 2 * second, ""},
                            {{"NominalUSec", t0}});
  EXPECT_EQ(fate_text(row), "ran: succeeded");
  row["nominal_at"] = "2026-12-11T12:40:01Z";
  EXPECT_EQ(fate_text(row), "caught up 2h late: succeeded");
  row["state"] = "running";
  row["nominal_at"] = nullptr;
  EXPECT_EQ(fate_text(row), "runs now: running");
  row["state"] = "skipped";
  row["reason"] = "execution 11 is running";
  EXPECT_EQ(fate_text(row), "skipped: execution 11 is running");
  row["state"] = "cancelled";
  row["reason"] = "cancelled by uid 0";
  EXPECT_EQ(fate_text(row), "ran: cancelled by uid 0");
  row["state"] = "queued";
  row["reason"] = "waits for ac_power = true: the machine runs on battery";
  EXPECT_EQ(fate_text(row), "waits for ac_power = true: the machine runs on battery");
  row["reason"] = nullptr;
  EXPECT_EQ(fate_text(row), "waits in the queue");
}

TEST(Why, SaysFirstWhatHoldsTheProcess) {
  const PlainView plain;
  Value document = {{"process", {{"enabled", false}, {"paused", true}, {"triggers", {"boot 5s"}}}},
                    {"daemon", {{"enabled", true}, {"runner_connected", true}}}};
  const auto first = [&] {
    const std::string text = why_text("p", document, plain.view);
    return text.substr(0, text.find('\n'));
  };
  EXPECT_EQ(first(), "p is disabled: its triggers do not fire and it cannot be started ('taktctl enable p').");
  document["process"]["enabled"] = true;
  EXPECT_EQ(first(), "p is paused: its firings are skipped ('taktctl resume p').");
  document["process"]["paused"] = false;
  EXPECT_EQ(first(), "p is enabled.");
  document["process"]["triggers"] = Value::array();
  EXPECT_EQ(first(), "p has no trigger: it runs when it is started.");
  document["daemon"]["enabled"] = false;
  EXPECT_EQ(first(), "All triggers are held: enabled = false in taktd.toml.");
  document["process"] = nullptr;
  EXPECT_EQ(first(), "p never ran: its definition is refused, and there is no earlier good one.");
}

}  // namespace
}  // namespace takt
