// The service's part in workflows: approvals, events, rollbacks, caches, versions, statistics.
#include <gmock/gmock.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/names.h"
#include "bus/dbus_path.h"
#include "bus/rows.h"
#include "bus_fixture.h"
#include "definition/definition.h"
#include "engine/limits.h"

namespace takt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Workflows : public BusTest {
 protected:
  template <class... T>
  void call(const char* method, const T&... arguments) {
    client_.manager().callMethod(method).onInterface(names::manager_interface).withArguments(arguments...);
  }
  template <class Out, class... T>
  Out ask(const char* method, const T&... arguments) {
    Out out{};
    client_.manager()
        .callMethod(method)
        .onInterface(names::manager_interface)
        .withArguments(arguments...)
        .storeResultsTo(out);
    return out;
  }
  template <class... T>
  std::string error_of(const char* method, const T&... arguments) {
    return error_name([&] { call(method, arguments...); });
  }
  // What Control was asked, without the uid.
  std::vector<std::string> asked() {
    std::vector<std::string> calls;
    in_service([&] { calls = control_.calls; });
    for (std::string& one : calls) one.erase(one.find(' '), one.find(' ', one.find(' ') + 1) - one.find(' '));
    return calls;
  }
  // A live execution 7 of `nightly` whose second step waits for an approval that these may give.
  void add_approval(const std::vector<std::string>& users, const std::vector<std::string>& groups) {
    in_service([&] {
      control_.add_live(7, "nightly");
      LiveExecution& execution = control_.live[7];
      auto definition = std::make_shared<ProcessDefinition>(*execution.definition);
      definition->steps[1].action = ApproveAction{"ship it?", users, groups, std::nullopt};
      definition->steps[1].after = {0};
      definition->steps[1].on_failure = Route{true, 0};
      execution.definition = definition;
      execution.steps[1].state = StepState::waiting;
      execution.steps[1].message = "ship it?";
      execution.steps[1].waits_until = wall_from_us(5'000'000);
      control_.histories[7].steps = execution.steps;
    });
  }
  std::string nobody_approves(const std::string& step) {
    return busctl_as_nobody({"call", names::bus_name, names::bus_path, names::manager_interface, "Approve", "tsbs", "7",
                             step, "true", "fine"});
  }

  Client client_{bus_daemon_.address()};
};

constexpr const char* invalid_args = "org.freedesktop.DBus.Error.InvalidArgs";
constexpr const char* limit_exceeded = "org.taktd.Takt1.Error.LimitExceeded";
constexpr const char* denied = "Call failed: Access denied\n";

// ---- Calls

TEST_F(Workflows, EveryCallReachesControl) {
  in_service([&] { control_.add_live(7, "nightly"); });
  const std::string name = "nightly";
  call("RollbackExecution", std::uint64_t{9}, Dict{{"to", std::string("fetch")}});
  call("RollbackExecution", std::uint64_t{9}, Dict{});
  call("Approve", std::uint64_t{7}, std::string("store"), true, std::string("fine"));
  EXPECT_EQ(ask<std::uint32_t>("Emit", std::string("arrived"), Dict{{"n", std::int32_t{1}}}), 3u);
  EXPECT_EQ(ask<std::uint32_t>("SkipNext", name, std::uint32_t{2}), 2u);
  call("ClearCache", Dict{});
  call("ClearCache", Dict{{"process", name}, {"step", std::string("fetch")}, {"key", std::string("k")}});
  call("CancelExecution", std::uint64_t{7}, Dict{{"undo", false}});
  call("RetryExecution", std::uint64_t{7}, Dict{{"step", std::string("fetch")}, {"item", std::uint32_t{17}}});
  call("PauseProcess", name, Dict{{"until_usec", std::uint64_t{5}}});
  call("PauseProcess", name, Dict{{"until_usec", std::uint64_t{0}}});
  client_.object(execution_path(7))
      ->callMethod("Cancel")
      .onInterface(names::execution_interface)
      .withArguments(Dict{{"undo", false}});
  client_.object(process_path("a-b"))
      ->callMethod("Pause")
      .onInterface(names::process_interface)
      .withArguments(Dict{{"until_usec", std::uint64_t{6}}});
  EXPECT_THAT(asked(),
              ElementsAre("rollback 9 fetch", "rollback 9 ", "approve 7 store true fine", "emit arrived {\"n\":1}",
                          "skip_next nightly 2", "clear_cache //*", "clear_cache nightly/fetch/k", "cancel 7 no undo",
                          "retry 7 fetch item 17", "pause_process nightly until 5", "pause_process nightly",
                          "cancel 7 no undo", "pause_process a-b until 6"));
}

TEST_F(Workflows, AStartTakesItsOptions) {
  client_.manager()
      .callMethodAsync("StartProcess")
      .onInterface(names::manager_interface)
      .withArguments(std::string("nightly"), Dict{},
                     Dict{{"version", std::string("ab12")},
                          {"at_usec", std::numeric_limits<std::uint64_t>::max()},
                          {"idempotency_key", std::string("order-17")}})
      .uponReplyInvoke([](const sdbus::Error*, std::uint64_t, const sdbus::ObjectPath&) {});
  until_in_service([&] { return !control_.starts.empty(); });
  in_service([&] {
    EXPECT_EQ(control_.start_options.version, "ab12");
    EXPECT_EQ(control_.start_options.idempotency_key, "order-17");
    EXPECT_EQ(control_.start_options.at, wall_from_us(253'402'300'799'999'999));  // the end of the year 9999
    EXPECT_FALSE(control_.start_options.priority);
  });
}

TEST_F(Workflows, WrongArgumentsDoNotReachControl) {
  in_service([&] { control_.add_live(7, "nightly"); });
  const std::string long_text(limits::message_bytes + 1, 'x');
  const std::string name = "nightly";
  EXPECT_EQ(error_of("Approve", std::uint64_t{7}, std::string("store"), true, long_text), limit_exceeded);
  EXPECT_EQ(error_of("Emit", std::string(), Dict{}), invalid_args);
  EXPECT_EQ(error_of("Emit", std::string(limits::name_bytes + 1, 'x'), Dict{}), invalid_args);
  EXPECT_EQ(error_of("Emit", std::string("e"), Dict{{"x", std::string(limits::value_bytes, 'x')}}),
            "org.taktd.Takt1.Error.InvalidInput");
  EXPECT_EQ(error_of("RollbackExecution", std::uint64_t{9}, Dict{{"to", std::uint32_t{1}}}), invalid_args);
  EXPECT_EQ(error_of("RollbackExecution", std::uint64_t{9}, Dict{{"too", std::string("x")}}), invalid_args);
  EXPECT_EQ(error_of("ClearCache", Dict{{"step", std::string("fetch")}}), invalid_args);
  EXPECT_EQ(error_of("ClearCache", Dict{{"process", name}, {"key", std::string("k")}}), invalid_args);
  EXPECT_EQ(error_of("ClearCache", Dict{{"process", std::int32_t{1}}}), invalid_args);
  EXPECT_EQ(error_of("StartProcess", name, Dict{}, Dict{{"idempotency_key", std::string(limits::key_bytes + 1, 'x')}}),
            limit_exceeded);
  EXPECT_EQ(error_of("StartProcess", name, Dict{}, Dict{{"at_usec", std::string("now")}}), invalid_args);
  EXPECT_EQ(error_of("RetryExecution", std::uint64_t{7}, Dict{{"item", std::int32_t{-1}}}), invalid_args);
  EXPECT_EQ(error_of("PauseExecution", std::uint64_t{7}, Dict{{"undo", false}}), invalid_args);
  EXPECT_EQ(error_of("ResumeProcess", name, Dict{{"until_usec", std::uint64_t{1}}}), invalid_args);
  EXPECT_EQ(error_of("Statistics", Dict{{"since", std::uint64_t{1}}}), invalid_args);
  EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(Workflows, ControlsErrorsComeBackByName) {
  in_service([&] { control_.add_live(7, "nightly"); });
  EXPECT_EQ(error_of("RollbackExecution", std::uint64_t{7}, Dict{}), "org.taktd.Takt1.Error.NotEnded");
  EXPECT_EQ(error_of("SkipNext", std::string("none"), std::uint32_t{1}), "org.taktd.Takt1.Error.NoSuchProcess");
  EXPECT_EQ(error_of("ListVersions", std::string("none")), "org.taktd.Takt1.Error.NoSuchProcess");
  EXPECT_EQ(error_of("DescribeProcess", std::string("none")), "org.taktd.Takt1.Error.NoSuchProcess");
}

// ---- What is told

TEST_F(Workflows, VersionsAreListed) {
  in_service([&] {
    control_.kept_versions = {{"nightly", "v1", "text", "/etc/x.toml", "root", wall_from_us(2)},
                              {"nightly", "v0", "text", "/etc/x.toml", "takt", wall_from_us(1)}};
  });
  const auto versions = ask<std::vector<VersionEntry>>("ListVersions", std::string("nightly"));
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[0].get<0>(), "v1");
  EXPECT_EQ(versions[0].get<1>(), 2u);
  EXPECT_TRUE(versions[0].get<2>().at("InForce").get<bool>());
  EXPECT_FALSE(versions[1].get<2>().at("InForce").get<bool>());
  EXPECT_EQ(versions[1].get<2>().at("User").get<std::string>(), "takt");
}

TEST_F(Workflows, StatisticsAreCounted) {
  in_service([&] {
    control_.counts.processes = {{"nightly", {{"failed", 1}, {"succeeded", 9}}, {10, 20, 30}, {1, 2, 3}, 40, 50}};
    control_.counts.steps = {{"nightly", "fetch", "fast", {{"succeeded", 9}}, {4, 5, 6}, 7, 8}};
  });
  const Dict all = ask<Dict>(
      "Statistics",
      Dict{{"process", std::string("nightly")}, {"since_usec", std::uint64_t{5}}, {"until_usec", std::uint64_t{6}}});
  in_service([&] {
    EXPECT_EQ(control_.counted.process, "nightly");
    EXPECT_EQ(control_.counted.since, wall_from_us(5));
    EXPECT_EQ(control_.counted.until, wall_from_us(6));
  });
  const Dict process = all.at("Processes").get<std::vector<Dict>>().at(0);
  EXPECT_EQ(process.at("Process").get<std::string>(), "nightly");
  EXPECT_EQ((process.at("Outcomes").get<std::map<std::string, std::uint64_t>>().at("succeeded")), 9u);
  EXPECT_EQ(process.at("Duration").get<Dict>().at("P95USec").get<std::uint64_t>(), 20u);
  EXPECT_EQ(process.at("QueueTime").get<Dict>().at("MaxUSec").get<std::uint64_t>(), 3u);
  const Dict step = all.at("Steps").get<std::vector<Dict>>().at(0);
  EXPECT_EQ(step.at("Step").get<std::string>(), "fetch");
  EXPECT_EQ(step.at("Variant").get<std::string>(), "fast");
  EXPECT_EQ(step.at("Duration").get<Dict>().at("MedianUSec").get<std::uint64_t>(), 4u);
  EXPECT_EQ(step.at("MemoryPeak").get<std::uint64_t>(), 8u);
}

TEST_F(Workflows, ADefinitionIsDescribedWithItsOrder) {
  in_service([&] {
    auto definition = std::make_shared<ProcessDefinition>(*FakeControl::definition("nightly"));
    definition->pool = "disk";
    definition->slots = 2;
    Step& fetch = definition->steps[0];
    fetch.action = HttpAction();
    fetch.for_each = "inputs.urls";
    fetch.max_parallel = 4;
    fetch.on_failure = Route{false, 1};
    fetch.undo = Undo();
    Step& store = definition->steps[1];
    store.after = {0};
    store.on_success = Route{true, 0};
    store.variants = {{"a", 1, RunAction{{"/bin/true"}}}, {"b", 1, SetAction()}};
    definition->triggers = {Trigger{"every 1s", EveryTrigger{std::chrono::seconds(1)}, "", Value::object(), true,
                                    std::chrono::seconds(5), Rate{3, std::chrono::hours(1), Excess::coalesce}}};
    control_.known["nightly"].definition = definition;
    control_.known["nightly"].paused_until = wall_from_us(9);
    control_.known["nightly"].skip_next = 3;
  });
  announce(ProcessChanged{"nightly"});
  const Dict all = ask<Dict>("DescribeProcess", std::string("nightly"));
  const auto steps = all.at("Steps").get<std::vector<Dict>>();
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].at("Action").get<std::string>(), "http");
  EXPECT_EQ(steps[0].at("OnFailure").get<std::string>(), "store");
  EXPECT_EQ(steps[0].at("MaxParallel").get<std::uint32_t>(), 4u);
  EXPECT_TRUE(steps[0].contains("Undo"));
  EXPECT_FALSE(steps[0].contains("After"));
  EXPECT_FALSE(steps[0].contains("Slots"));
  EXPECT_FALSE(steps[1].contains("Action"));
  EXPECT_EQ(steps[1].at("OnSuccess").get<std::string>(), "end");
  EXPECT_THAT(steps[1].at("After").get<std::vector<std::string>>(), ElementsAre("fetch"));
  EXPECT_THAT(steps[1].at("Variants").get<std::vector<std::string>>(), ElementsAre("a", "b"));
  const Dict trigger = all.at("Triggers").get<std::vector<Dict>>().at(0);
  EXPECT_EQ(trigger.at("Kind").get<std::string>(), "every");
  EXPECT_EQ(trigger.at("DebounceUSec").get<std::uint64_t>(), 5'000'000u);
  EXPECT_EQ(trigger.at("RateLimit").get<std::uint32_t>(), 3u);
  EXPECT_EQ(trigger.at("RateExcess").get<std::string>(), "coalesce");
  const auto process = client_.object(process_path("nightly"));
  const auto property = [&](const char* name) {
    return process->getProperty(name).onInterface(names::process_interface);
  };
  EXPECT_EQ(property("Pool").get<std::string>(), "disk");
  EXPECT_EQ(property("Slots").get<std::uint32_t>(), 2u);
  EXPECT_EQ(property("PausedUntilUSec").get<std::uint64_t>(), 9u);
  EXPECT_EQ(property("SkipNext").get<std::uint32_t>(), 3u);
}

TEST_F(Workflows, AnExecutionIsDescribedWithItsPlaceInTheOrder) {
  add_approval({}, {});
  in_service([&] {
    control_.live[7].row.phase = Phase::undo;
    control_.live[7].total = 1;
    ExecutionHistory& history = control_.histories[7];
    history.execution.phase = Phase::undo;
    history.execution.parent = 3;
    history.execution.depth = 1;
    history.execution.start_at = wall_from_us(4);
    StepRow& fetch = history.steps[0];
    fetch.visits = 2;
    fetch.order = 0;
    fetch.items = Value::array({1, 2, 3});
    fetch.items_ended = 2;
    fetch.items_failed = 1;
    AttemptRow& attempt = history.attempts.emplace_back();
    attempt.item = 2;
    attempt.kind = AttemptKind::undo;
    control_.add_live(8, "a-b");
    control_.live[8].row.parent = 7;
  });
  const Dict all = ask<Dict>("DescribeExecution", std::uint64_t{7});
  EXPECT_EQ(all.at("Phase").get<std::string>(), "undo");
  EXPECT_EQ(all.at("Parent").get<std::uint64_t>(), 3u);
  EXPECT_EQ(all.at("Depth").get<std::uint32_t>(), 1u);
  EXPECT_EQ(all.at("StartUSec").get<std::uint64_t>(), 4u);
  EXPECT_EQ(all.at("TotalSteps").get<std::uint32_t>(), 1u);
  EXPECT_THAT(all.at("Children").get<std::vector<std::uint64_t>>(), ElementsAre(8));
  const auto steps = all.at("Steps").get<std::vector<Dict>>();
  EXPECT_EQ(steps[0].at("Visits").get<std::uint32_t>(), 2u);
  EXPECT_EQ(steps[0].at("Order").get<std::uint32_t>(), 0u);
  const auto items = steps[0].at("Items").get<sdbus::Struct<std::uint32_t, std::uint32_t, std::uint32_t>>();
  EXPECT_EQ(items, (sdbus::Struct<std::uint32_t, std::uint32_t, std::uint32_t>(3, 2, 1)));
  EXPECT_EQ(steps[1].at("Action").get<std::string>(), "approve");
  EXPECT_EQ(steps[1].at("Message").get<std::string>(), "ship it?");
  EXPECT_EQ(steps[1].at("WaitsUntilUSec").get<std::uint64_t>(), 5'000'000u);
  EXPECT_EQ(steps[1].at("OnFailure").get<std::string>(), "end");
  EXPECT_THAT(steps[1].at("After").get<std::vector<std::string>>(), ElementsAre("fetch"));
  const Dict attempt = all.at("Attempts").get<std::vector<Dict>>().at(0);
  EXPECT_EQ(attempt.at("Kind").get<std::string>(), "undo");
  EXPECT_EQ(attempt.at("Item").get<std::uint32_t>(), 2u);
  const auto execution = client_.object(execution_path(7));
  EXPECT_EQ(execution->getProperty("Phase").onInterface(names::execution_interface).get<std::string>(), "undo");
}

// ---- Signals

TEST_F(Workflows, AnApprovalIsAskedForOnce) {
  add_approval({}, {});
  client_.listen();
  ExecutionRow row;
  row.id = 7;
  row.process = "nightly";
  StepRow step = FakeControl::step(7, 1, "store", StepState::waiting);
  announce(StepWaits{row, step});  // without a message: the definition tells that it is an approval
  step.retry_at = wall_from_us(1);
  announce(StepWaits{row, step});
  step = FakeControl::step(7, 0, "fetch", StepState::waiting);
  announce(StepWaits{row, step});
  step.message = "ship it?";
  announce(StepWaits{row, step});
  announce(Reloaded{0});
  client_.until_heard("Reloaded 0");
  EXPECT_THAT(client_.heard,
              ElementsAre("StepWaiting 7 nightly store ", "StepWaiting 7 nightly fetch ship it?", "Reloaded 0"));
}

TEST_F(Workflows, EventsAreToldToSubscribers) {
  client_.listen();
  const Announcement emitted =
      Emitted{"arrived", Value::parse(R"({"file":"x","n":1,"none":null,"nones":[null]})"), "nightly", 7};
  announce(emitted);
  announce(Reloaded{0});
  client_.until_heard("Reloaded 0");
  call("Subscribe");
  announce(emitted);
  announce(Reloaded{1});
  client_.until_heard("Reloaded 1");
  EXPECT_THAT(client_.heard, ElementsAre("Reloaded 0", "Emitted arrived file n nightly 7", "Reloaded 1"));
}

// ---- Who may

TEST_F(Workflows, OthersMayNot) {
  if (::getuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  add_approval({"root"}, {"root"});
  const std::vector<std::vector<std::string>> refused{
      {"RollbackExecution", "ta{sv}", "7", "0"},
      {"Approve", "tsbs", "7", "store", "true", ""},
      {"Emit", "sa{sv}", "arrived", "0"},
      {"SkipNext", "su", "nightly", "1"},
      {"ClearCache", "a{sv}", "0"},
  };
  for (const auto& arguments : refused) {
    std::vector<std::string> all{"call", names::bus_name, names::bus_path, names::manager_interface};
    all.insert(all.end(), arguments.begin(), arguments.end());
    EXPECT_EQ(busctl_as_nobody(all), denied) << arguments[0];
  }
  EXPECT_THAT(asked(), IsEmpty());
  const std::string description = busctl_as_nobody(
      {"call", names::bus_name, names::bus_path, names::manager_interface, "DescribeExecution", "t", "7"});
  EXPECT_THAT(description, HasSubstr("\"approve\""));
  EXPECT_THAT(description, Not(HasSubstr("ship it?")));
}

TEST_F(Workflows, AnApproverIsWhomTheStepNames) {
  if (::getuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  add_approval({"nobody"}, {});
  EXPECT_EQ(nobody_approves("store"), "");
  EXPECT_EQ(nobody_approves("fetch"), denied);
  add_approval({}, {"no-such-group", "nogroup"});
  EXPECT_EQ(nobody_approves("store"), "");
  EXPECT_THAT(asked(), ElementsAre("approve 7 store true fine", "approve 7 store true fine"));
}

}  // namespace
}  // namespace takt
