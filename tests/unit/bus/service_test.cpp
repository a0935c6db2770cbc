// The service as its callers see it. It is long because it is one list, of all that the service promises, on one
// fixture.
#include <gmock/gmock.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/names.h"
#include "bus/dbus_path.h"
#include "bus/rows.h"
#include "bus_fixture.h"
#include "definition/definition.h"
#include "definition/limits.h"
#include "support/patience.h"

namespace takt {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Service : public BusTest {
 protected:
  std::string uid_ = std::to_string(::getuid());
};

Announcement finished(ExecutionId id, const std::string& process) {
  ExecutionRow row;
  row.id = id;
  row.process = process;
  row.state = ExecutionState::failed;
  row.error_step = "fetch";
  row.reason = "step 'fetch' failed: exit status 7";
  return ExecutionFinished{row, ""};
}

ExecutionRow row_of(ExecutionId id, const std::string& process) {
  ExecutionRow row;
  row.id = id;
  row.process = process;
  row.trigger_kind = "manual";
  return row;
}

// ---- Calls

TEST_F(Service, AnswersAStartWhenItIsOnDisk) {
  Client client(bus_daemon_.address());
  bool answered = false;
  std::uint64_t id = 0;
  sdbus::ObjectPath path;
  client.manager()
      .callMethodAsync("StartProcess")
      .onInterface(names::manager_interface)
      .withArguments(std::string("nightly"), Dict{{"batch", std::string("x")}, {"count", std::int32_t{3}}},
                     Dict{{"priority", std::int32_t{5}}})
      .uponReplyInvoke([&](const sdbus::Error* error, std::uint64_t the_id, const sdbus::ObjectPath& the_path) {
        EXPECT_EQ(error, nullptr);
        answered = true;
        id = the_id;
        path = the_path;
      });
  until_in_service([&] { return !control_.starts.empty(); });
  EXPECT_FALSE(answered);
  in_service([&] {
    EXPECT_THAT(control_.calls, ElementsAre("start " + uid_ + " nightly"));
    EXPECT_EQ(control_.inputs, Value::parse(R"({"batch":"x","count":3})"));
    EXPECT_EQ(control_.start_options.priority, 5);
    control_.starts.at(0)(ExecutionId{17});
  });
  client.until([&] { return answered; });
  EXPECT_EQ(id, 17u);
  EXPECT_EQ(path, "/org/taktd/Takt1/execution/17");
}

TEST_F(Service, TellsErrorsByName) {
  Client client(bus_daemon_.address());
  const auto name_of = [&client](const char* method, auto... arguments) {
    return error_name(
        [&] { client.manager().callMethod(method).onInterface(names::manager_interface).withArguments(arguments...); });
  };
  EXPECT_EQ(name_of("CancelExecution", std::uint64_t{9}, Dict{}), "org.taktd.Takt1.Error.NotRunning");
  EXPECT_EQ(name_of("DescribeExecution", std::uint64_t{9}), "org.taktd.Takt1.Error.NoSuchExecution");
  EXPECT_EQ(name_of("GetProcess", std::string("none")), "org.taktd.Takt1.Error.NoSuchProcess");
  EXPECT_EQ(name_of("ListProcesses", Dict{{"nmae", std::string("x")}}), "org.freedesktop.DBus.Error.InvalidArgs");
  EXPECT_EQ(name_of("PauseExecution", std::uint64_t{9}, Dict{{"reason", std::int32_t{1}}}),
            "org.freedesktop.DBus.Error.InvalidArgs");
  EXPECT_EQ(name_of("StartProcess", std::string("nightly"), Dict{{"x", 0.0 / 0.0}}, Dict{}),
            "org.taktd.Takt1.Error.InvalidInput");
  EXPECT_EQ(name_of("CheckDefinition", std::string("x"), std::string(limits::definition_bytes + 1, '#')),
            "org.taktd.Takt1.Error.LimitExceeded");
  EXPECT_EQ(name_of("ListExecutions", Dict{}, std::string("zz"), std::uint32_t{0}),
            "org.freedesktop.DBus.Error.InvalidArgs");
}

TEST_F(Service, OutlivesAnExceptionInAHandler) {
  Client client(bus_daemon_.address());
  in_service([&] { control_.misbehave = [] { throw std::runtime_error("out of order"); }; });
  const auto describe = [&] {
    client.manager()
        .callMethod("DescribeExecution")
        .onInterface(names::manager_interface)
        .withArguments(std::uint64_t{1});
  };
  const auto list = [&] {
    client.manager().callMethod("ListProcesses").onInterface(names::manager_interface).withArguments(Dict{});
  };
  EXPECT_EQ(error_name(describe), "org.taktd.Takt1.Error.Internal");
  EXPECT_EQ(error_name(list), "org.taktd.Takt1.Error.Internal");
  in_service([&] { control_.misbehave = nullptr; });
  EXPECT_EQ(error_name(list), "");
}

TEST_F(Service, RefusesAWrongDefinitionWithAllThatIsWrong) {
  in_service([&] { control_.found = {{Severity::error, "x.toml", 3, 1, "cron", "no such hour", "cron = 99"}}; });
  Client client(bus_daemon_.address());
  try {
    client.manager()
        .callMethod("PutDefinition")
        .onInterface(names::manager_interface)
        .withArguments(std::string("x"), std::string("bad"), Dict{{"transient", true}});
    FAIL() << "it was taken";
  } catch (const sdbus::Error& error) {
    EXPECT_EQ(error.getName(), "org.taktd.Takt1.Error.InvalidDefinition");
    EXPECT_THAT(error.getMessage(), HasSubstr("no such hour"));
  }
  std::vector<DiagnosticEntry> warnings;
  client.manager()
      .callMethod("PutDefinition")
      .onInterface(names::manager_interface)
      .withArguments(std::string("x"), std::string("good"), Dict{})
      .storeResultsTo(warnings);
  EXPECT_THAT(warnings, IsEmpty());
  in_service([&] { EXPECT_THAT(control_.calls, ElementsAre("put_transient " + uid_ + " x", "put " + uid_ + " x")); });
}

TEST_F(Service, EveryVerbReachesControl) {
  in_service([&] { control_.add_live(7, "nightly"); });
  Client client(bus_daemon_.address());
  const auto call = [&](const char* method, auto... arguments) {
    client.manager().callMethod(method).onInterface(names::manager_interface).withArguments(arguments...);
  };
  const std::string name = "nightly";
  call("PauseExecution", std::uint64_t{7}, Dict{{"reason", std::string("why")}});
  call("ResumeExecution", std::uint64_t{7}, Dict{});
  call("CancelExecution", std::uint64_t{7}, Dict{});
  call("RetryExecution", std::uint64_t{7}, Dict{{"step", std::string("fetch")}, {"current", true}});
  call("EnableProcess", name, Dict{});
  call("DisableProcess", name, Dict{});
  call("PauseProcess", name, Dict{});
  call("ResumeProcess", name, Dict{});
  call("DeleteDefinition", name, Dict{});
  call("Reload");
  const auto process = client.object(process_path("a-b"));
  process->callMethod("Disable").onInterface(names::process_interface).withArguments(Dict{});
  const auto execution = client.object(execution_path(7));
  execution->callMethod("Cancel").onInterface(names::execution_interface).withArguments(Dict{});
  in_service([&] {
    const auto with = [this](const char* verb, const char* detail) {
      return fmt::format("{} {} {}", verb, uid_, detail);
    };
    EXPECT_THAT(control_.calls, ElementsAre(with("pause", "7 why"), with("resume", "7 "), with("cancel", "7 "),
                                            with("retry", "7 fetch current"), with("enable", "nightly"),
                                            with("disable", "nightly"), with("pause_process", "nightly"),
                                            with("resume_process", "nightly"), with("delete", "nightly"),
                                            with("reload", ""), with("disable", "a-b"), with("cancel", "7 ")));
  });
}

TEST_F(Service, HandsOutTheLogAsADescriptor) {
  in_service([&] { control_.add_live(7, "nightly"); });
  Client client(bus_daemon_.address());
  sdbus::UnixFd log;
  client.manager()
      .callMethod("OpenLog")
      .onInterface(names::manager_interface)
      .withArguments(std::uint64_t{7}, Dict{})
      .storeResultsTo(log);
  char text[16] = {};
  EXPECT_EQ(::pread(log.get(), text, sizeof text, 0), 7);
  EXPECT_STREQ(text, "a line\n");
}

TEST_F(Service, PagesExecutions) {
  in_service([&] {
    for (ExecutionId id = 1; id <= 5; ++id) control_.histories[id].execution = row_of(id, "nightly");
  });
  Client client(bus_daemon_.address());
  std::vector<ExecutionId> ids;
  std::string cursor;
  int pages = 0;
  do {
    std::vector<ExecutionEntry> rows;
    std::string next;
    client.manager()
        .callMethod("ListExecutions")
        .onInterface(names::manager_interface)
        .withArguments(Dict{{"process", std::string("nightly")}}, cursor, std::uint32_t{2})
        .storeResultsTo(rows, next);
    for (const ExecutionEntry& row : rows) ids.push_back(row.get<0>());
    cursor = next;
    ++pages;
  } while (!cursor.empty() && pages < 10);
  EXPECT_THAT(ids, ElementsAre(5, 4, 3, 2, 1));
  EXPECT_EQ(pages, 3);
}

// ---- Waiting

TEST_F(Service, AnswersAWaitWhenTheExecutionEnds) {
  in_service([&] { control_.add_live(7, "nightly"); });
  Client client(bus_daemon_.address());
  std::string outcome;
  std::string result;
  client.manager()
      .callMethodAsync("WaitExecution")
      .onInterface(names::manager_interface)
      .withArguments(std::uint64_t{7})
      .uponReplyInvoke([&](const sdbus::Error*, const std::string& the_outcome, const std::string& the_result) {
        outcome = the_outcome;
        result = the_result;
      });
  until_in_service([&] { return control_.waits.size() == 1; });
  EXPECT_EQ(outcome, "");
  in_service([&] {
    const auto reply = control_.waits.extract(control_.waits.begin()).mapped();
    reply(Ended{Outcome::timed_out, Value::parse(R"({"n":1})")});
  });
  client.until([&] { return !outcome.empty(); });
  EXPECT_EQ(outcome, "timed-out");
  EXPECT_EQ(result, R"({"n":1})");
}

TEST_F(Service, DropsTheWaitsOfACallerWhoLeaves) {
  in_service([&] { control_.add_live(7, "nightly"); });
  Client stays(bus_daemon_.address());
  const auto wait = [](Client& client) {
    client.manager()
        .callMethodAsync("WaitExecution")
        .onInterface(names::manager_interface)
        .withArguments(std::uint64_t{7})
        .uponReplyInvoke([](const sdbus::Error*, const std::string&, const std::string&) {});
  };
  wait(stays);
  until_in_service([&] { return control_.waits.size() == 1; });
  {
    Client leaves(bus_daemon_.address());
    wait(leaves);
    until_in_service([&] { return control_.waits.size() == 2; });
  }
  until_in_service([&] { return control_.waits.size() == 1; });
  in_service([&] {
    EXPECT_THAT(control_.stopped, ElementsAre(2));
    EXPECT_TRUE(control_.waits.contains(1));
  });
}

// ---- Signals

TEST_F(Service, TellsEverybodyOfExecutionsAndOnlySubscribersOfSteps) {
  Client client(bus_daemon_.address());
  client.listen();
  const auto run = [this](ExecutionId id) {
    in_service([&] { control_.add_live(id, "nightly"); });
    const ExecutionRow row = row_of(id, "nightly");
    StepRow step = FakeControl::step(id, 0, "fetch", StepState::running);
    announce(ExecutionQueued{row});
    announce(ExecutionStarted{row, 2});
    announce(StepStarted{row, step});
    step.state = StepState::failed;
    step.exit_code = 7;
    step.error = "exit status 7: of no concern to everybody";
    announce(StepFinished{row, step, ""});
    announce(Progress{id, "nightly", 0.5, "store", 1, 2});
    in_service([&] { control_.live.erase(id); });
    announce(finished(id, "nightly"));
  };
  run(1);
  client.until_heard("ExecutionFinished 1 nightly failed step 'fetch' failed");
  EXPECT_THAT(client.heard, ElementsAre("ExecutionQueued 1 nightly manual", "ExecutionStarted 1 nightly 2",
                                        "ExecutionFinished 1 nightly failed step 'fetch' failed"));
  client.heard.clear();
  client.manager().callMethod("Subscribe").onInterface(names::manager_interface);
  run(2);
  client.until_heard("ExecutionFinished 2 nightly failed step 'fetch' failed");
  std::erase_if(client.heard, [](const std::string& line) { return line.starts_with("PropertiesChanged"); });
  EXPECT_THAT(
      client.heard,
      ElementsAre("ExecutionQueued 2 nightly manual", "ExecutionStarted 2 nightly 2", "StepStarted 2 nightly fetch 1",
                  "StepFinished 2 nightly fetch failed exit status 7", "Progress 2 nightly 0.5 store 1 2",
                  "ExecutionFinished 2 nightly failed step 'fetch' failed"));
  client.heard.clear();
  client.manager().callMethod("Unsubscribe").onInterface(names::manager_interface);
  run(3);
  client.until_heard("ExecutionFinished 3 nightly failed step 'fetch' failed");
  EXPECT_EQ(client.heard.size(), 3u);
}

TEST_F(Service, ForgetsASubscriberWhoLeaves) {
  Client client(bus_daemon_.address());
  client.listen();
  const Announcement progress = Progress{1, "nightly", 0.5, "store", 1, 2};
  {
    Client leaves(bus_daemon_.address());
    leaves.manager().callMethod("Subscribe").onInterface(names::manager_interface);
    announce(progress);
    client.until_heard("Progress 1 nightly 0.5 store 1 2");
  }
  // That it is forgotten shows in what comes before a later signal that everybody gets.
  const auto deadline = std::chrono::steady_clock::now() + test::patience;
  for (std::uint32_t round = 1;; ++round) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "the subscription is still there";
    client.heard.clear();
    announce(progress);
    announce(Reloaded{round});
    client.until_heard(fmt::format("Reloaded {}", round));
    if (client.heard.size() == 1) break;
  }
}

TEST_F(Service, CoalescesTheChangesOfATurn) {
  in_service([&] { control_.add_live(7, "nightly"); });
  Client client(bus_daemon_.address());
  client.listen();
  client.manager().callMethod("Subscribe").onInterface(names::manager_interface);
  ExecutionRow row;
  row.id = 7;
  announce_in_one_turn(std::vector<Announcement>(5, ExecutionChanged{row}));
  announce(Reloaded{0});
  client.until_heard("Reloaded 0");
  EXPECT_THAT(client.heard, Contains(HasSubstr("PropertiesChanged /org/taktd/Takt1/execution/7")).Times(1));
}

TEST_F(Service, ProcessesComeChangeAndGo) {
  Client client(bus_daemon_.address());
  client.listen();
  in_service([&] { control_.add_process("fresh"); });
  announce(ProcessChanged{"fresh"});
  client.until_heard("ProcessChanged fresh");
  in_service([&] { control_.known["fresh"].paused = true; });
  announce(ProcessChanged{"fresh"});
  client.until([&] { return std::count(client.heard.begin(), client.heard.end(), "ProcessChanged fresh") == 2; });
  in_service([&] { control_.known.erase("fresh"); });
  announce(ProcessChanged{"fresh"});
  client.until([&] { return std::count(client.heard.begin(), client.heard.end(), "ProcessChanged fresh") == 3; });
  EXPECT_THAT(client.heard,
              ElementsAre("InterfacesAdded /org/taktd/Takt1 /org/taktd/Takt1/process/fresh", "ProcessChanged fresh",
                          "PropertiesChanged /org/taktd/Takt1/process/fresh org.taktd.Takt1.Process Paused",
                          "ProcessChanged fresh", "InterfacesRemoved /org/taktd/Takt1 /org/taktd/Takt1/process/fresh",
                          "ProcessChanged fresh"));
  EXPECT_EQ(error_name([&] {
              client.object(process_path("fresh"))->getProperty("Name").onInterface(names::process_interface);
            }),
            "org.freedesktop.DBus.Error.UnknownObject");
}

// ---- Objects

TEST_F(Service, TheObjectManagerListsProcessesAlone) {
  in_service([&] { control_.add_live(7, "nightly"); });
  Client client(bus_daemon_.address());
  const auto execution = client.object(execution_path(7));
  const auto state = [&] {
    return execution->getProperty("State").onInterface(names::execution_interface).get<std::string>();
  };
  EXPECT_EQ(state(), "running");
  std::map<sdbus::ObjectPath, std::map<std::string, Dict>> objects;
  client.manager()
      .callMethod("GetManagedObjects")
      .onInterface("org.freedesktop.DBus.ObjectManager")
      .storeResultsTo(objects);
  std::vector<std::string> paths;
  for (const auto& [path, interfaces] : objects)
    if (interfaces.contains(names::process_interface) || interfaces.contains(names::execution_interface))
      paths.push_back(path);
  EXPECT_THAT(paths, ElementsAre("/org/taktd/Takt1/process/a_2db", "/org/taktd/Takt1/process/nightly"));
  EXPECT_EQ(
      objects.at(sdbus::ObjectPath(process_path("a-b"))).at(names::process_interface).at("Name").get<std::string>(),
      "a-b");
  EXPECT_EQ(state(), "running");
}

TEST_F(Service, AnExecutionHasAnObjectWhileItIsLive) {
  Client client(bus_daemon_.address());
  const auto execution = client.object(execution_path(7));
  const auto progress = [&] { return execution->getProperty("Progress").onInterface(names::execution_interface); };
  EXPECT_EQ(error_name([&] { progress(); }), "org.freedesktop.DBus.Error.UnknownObject");
  in_service([&] { control_.add_live(7, "nightly"); });
  EXPECT_EQ(progress().get<double>(), 0.5);
  EXPECT_EQ(execution->getProperty("CurrentStep").onInterface(names::execution_interface).get<std::string>(), "store");
  in_service([&] { control_.live.erase(7); });
  EXPECT_EQ(error_name([&] { progress(); }), "org.taktd.Takt1.Error.NotRunning");
  announce(finished(7, "nightly"));
  EXPECT_EQ(error_name([&] { progress(); }), "org.freedesktop.DBus.Error.UnknownObject");
}

TEST_F(Service, RefusesPropertiesThatAreTooMuchForOneReply) {
  in_service([&] {
    auto heavy = std::make_shared<ProcessDefinition>(*FakeControl::definition("heavy"));
    Step step;
    step.name = std::string(limits::name_bytes, 'x');
    heavy->steps.assign(limits::page_bytes / limits::name_bytes, step);
    control_.known["heavy"].definition = heavy;
  });
  announce(ProcessChanged{"heavy"});
  Client client(bus_daemon_.address());
  const auto managed = [&] {
    client.manager().callMethod("GetManagedObjects").onInterface("org.freedesktop.DBus.ObjectManager");
  };
  EXPECT_EQ(error_name(managed), "org.taktd.Takt1.Error.LimitExceeded");
  in_service([&] { control_.known.erase("heavy"); });
  announce(ProcessChanged{"heavy"});
  EXPECT_EQ(error_name(managed), "");
}

// ---- Who may

TEST_F(Service, OthersMayReadAndNotChange) {
  if (::getuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  in_service([&] {
    control_.add_live(7, "nightly");
    ExecutionHistory& history = control_.histories[7];
    history.execution.inputs = Value::parse(R"({"password":"hush"})");
    history.steps[0].result = "hush";
    history.attempts.emplace_back().output_tail = "hush";
    control_.found = {{Severity::error, "x.toml", 3, 1, "cron", "no such hour", "hush"}};
  });
  const auto call = [this](std::vector<std::string> arguments) {
    std::vector<std::string> all{"call", names::bus_name, names::bus_path, names::manager_interface};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return busctl_as_nobody(all);
  };
  EXPECT_THAT(call({"ListProcesses", "a{sv}", "0"}), HasSubstr("\"nightly\""));
  EXPECT_THAT(call({"DescribeExecution", "t", "7"}),
              testing::AllOf(HasSubstr("\"TotalSteps\""), Not(HasSubstr("hush"))));
  EXPECT_THAT(call({"ListDiagnostics"}),
              testing::AllOf(HasSubstr("x.toml"), Not(HasSubstr("no such hour")), Not(HasSubstr("hush"))));
  const std::vector<std::vector<std::string>> refused{
      {"StartProcess", "sa{sv}a{sv}", "nightly", "0", "0"},
      {"CancelExecution", "ta{sv}", "7", "0"},
      {"RetryExecution", "ta{sv}", "7", "0"},
      {"OpenLog", "ta{sv}", "7", "0"},
      {"GetDefinition", "ss", "nightly", ""},
      {"PutDefinition", "ssa{sv}", "nightly", "good", "0"},
      {"DeleteDefinition", "sa{sv}", "nightly", "0"},
      {"EnableProcess", "sa{sv}", "nightly", "0"},
      {"PauseProcess", "sa{sv}", "nightly", "0"},
      {"Reload"},
  };
  for (const auto& arguments : refused) EXPECT_EQ(call(arguments), "Call failed: Access denied\n") << arguments[0];
  EXPECT_THAT(busctl_as_nobody({"call", names::bus_name, process_path("nightly"), names::process_interface, "Start",
                                "a{sv}a{sv}", "0", "0"}),
              "Call failed: Access denied\n");
  in_service([&] { EXPECT_THAT(control_.calls, IsEmpty()); });
}

TEST_F(Service, OthersLearnAnOutcomeButNoResult) {
  if (::getuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  in_service([&] { control_.add_live(7, "nightly"); });
  auto said = std::async(std::launch::async, [this] {
    return busctl_as_nobody(
        {"call", names::bus_name, names::bus_path, names::manager_interface, "WaitExecution", "t", "7"});
  });
  until_in_service([&] { return control_.waits.size() == 1; });
  ASSERT_FALSE(HasFailure());
  in_service([&] {
    const auto reply = control_.waits.extract(control_.waits.begin()).mapped();
    reply(Ended{Outcome::succeeded, "hush"});
  });
  EXPECT_EQ(said.get(), "ss \"succeeded\" \"\"\n");
}

// ---- The bus

TEST_F(Service, SurvivesARestartOfTheBus) {
  {
    Client client(bus_daemon_.address());
    client.manager().callMethod("Subscribe").onInterface(names::manager_interface);
    in_service([&] { control_.add_live(7, "nightly"); });
    client.manager()
        .callMethodAsync("WaitExecution")
        .onInterface(names::manager_interface)
        .withArguments(std::uint64_t{7})
        .uponReplyInvoke([](const sdbus::Error*, const std::string&, const std::string&) {});
    client.manager()
        .callMethodAsync("StartProcess")
        .onInterface(names::manager_interface)
        .withArguments(std::string("nightly"), Dict{}, Dict{})
        .uponReplyInvoke([](const sdbus::Error*, std::uint64_t, const sdbus::ObjectPath&) {});
    until_in_service([&] { return control_.waits.size() == 1 && control_.starts.size() == 1; });
    bus_daemon_.stop();
  }
  until_in_service([&] { return states_.size() == 2; });
  in_service([&] {
    EXPECT_THAT(states_[1], HasSubstr("lost the bus"));
    EXPECT_THAT(control_.waits, IsEmpty());
    control_.starts.at(0)(ExecutionId{8});  // an answer to nobody harms nobody
    control_.add_process("meanwhile");
  });
  announce(Reloaded{0});
  bus_daemon_.start();
  until_in_service([&] { return states_.size() == 3; });
  in_service([&] {
    EXPECT_EQ(states_[2], "named");
    EXPECT_THAT(log_.messages, ElementsAre(HasSubstr("lost the bus"), "on the bus again"));
  });
  Client client(bus_daemon_.address());
  EXPECT_EQ(client.object(process_path("meanwhile"))
                ->getProperty("Name")
                .onInterface(names::process_interface)
                .get<std::string>(),
            "meanwhile");
}

TEST_F(Service, TellsWhenAnotherHasTheName) {
  auto loop = std::move(*Loop::create());
  FakeControl control;
  MemoryLog log;
  auto second = Bus::create(*loop, {BusAddress::Kind::address, bus_daemon_.address()}, "0.1.0", log);
  ASSERT_TRUE(second);
  std::optional<Error> error;
  ASSERT_TRUE((*second)->serve(control, [&](const Status& state) {
    if (!state) error = state.error();
    loop->stop();
  }));
  ASSERT_TRUE(loop->run());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::already_exists);
  second->reset();
}

TEST(Bus, SaysThatThereIsNone) {
  auto loop = std::move(*Loop::create());
  MemoryLog log;
  const auto bus = Bus::create(*loop, {BusAddress::Kind::address, "unix:path=/nonexistent/bus"}, "0.1.0", log);
  ASSERT_FALSE(bus);
  EXPECT_EQ(bus.error().code, ErrorCode::unavailable);
  EXPECT_THAT(bus.error().message, HasSubstr("/nonexistent/bus"));
}

}  // namespace
}  // namespace takt
