// The program: its arguments, what it asks of the daemon, what it prints, and its exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>

#include "base/value.h"
#include "cli/program.h"
#include "program_run.h"
#include "support/temp_folder.h"

// sdbus-c++ 1.2 loses the sd_bus of a connection by address that cannot be made, as a test here sees to.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier): the sanitizer's name
  return "leak:libsystemd.so";
}

namespace takt {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;
using testing::StartsWith;

// ---- Arguments

TEST(Arguments, WhatIsWrongWithThemIsAUsageError) {
  const std::vector<std::vector<std::string>> wrong{{"frobnicate"},
                                                    {"start"},
                                                    {"--json=xml", "list"},
                                                    {"--user", "--system", "list"},
                                                    {"cancel"},
                                                    {"cancel", "7", "--all"},
                                                    {"rollback", "nightly"},
                                                    {"approve", "nightly"},
                                                    {"emit"},
                                                    {"emit", "e", "novalue"},
                                                    {"emit", "e", "--payload", "[1]"},
                                                    {"emit", "e", "a=1", "--payload", "{}"},
                                                    {"emit", "e", "a=1", "a=2"},
                                                    {"skip"},
                                                    {"skip", "n", "--count", "-1"},
                                                    {"pause", "12", "--until", "tomorrow"},
                                                    {"pause", "n", "--until", "yesterday"},
                                                    {"retry", "12", "--item", "3"},
                                                    {"start", "n", "--at", "whenever"},
                                                    {"cache"},
                                                    {"cache", "clear", "n", "--key", "k"},
                                                    {"diff", "n"},
                                                    {"stats", "--since", "whenever"},
                                                    {"graph", "n", "--format", "png"},
                                                    {"wait", "nightly"},
                                                    {"retry", "x"},
                                                    {"start", "n", "--input", "novalue"},
                                                    {"history", "--state", "broken"},
                                                    {"next", "-n", "0"},
                                                    {"history", "--since", "whenever"},
                                                    {"put", "-"},
                                                    {"put", "/tmp/NAME.txt"},
                                                    {"list", "--nothing"},
                                                    {"wait", "7", "--timeout", "soon"},
                                                    {"logs"}};
  for (const auto& arguments : wrong) {
    const Ran ran = taktctl(arguments);
    EXPECT_EQ(ran.code, 2) << arguments.front() << ": " << ran.error;
    EXPECT_THAT(ran.error, StartsWith("taktctl: "));
    EXPECT_EQ(ran.out, "");
  }
}

TEST(Arguments, AnUnknownVerbIsNamedWithTheOneThatWasMeant) {
  EXPECT_EQ(taktctl({"statsu"}).error, "taktctl: unknown verb statsu; did you mean status?\nTry 'taktctl --help'.\n");
  EXPECT_EQ(taktctl({"frobnicate"}).error, "taktctl: unknown verb frobnicate\nTry 'taktctl --help'.\n");
}

TEST(Arguments, HelpAndVersionAreNoErrors) {
  const Ran help = taktctl({"--help"});
  EXPECT_EQ(help.code, 0);
  for (const char* verb :
       {"status",   "list",     "show",    "start",   "pause",    "resume",  "cancel", "retry",   "wait",
        "logs",     "history",  "next",    "why",     "reload",   "check",   "enable", "disable", "put",
        "delete",   "calendar", "monitor", "version", "rollback", "approve", "reject", "emit",    "skip",
        "versions", "diff",     "cache",   "stats",   "graph",    "top"}) {
    EXPECT_THAT(help.out, HasSubstr(std::string("\n  ") + verb + " ")) << verb;
  }
  EXPECT_EQ(taktctl({"start", "--help"}).code, 0);
  EXPECT_THAT(taktctl({"--version"}).out, StartsWith("taktctl "));
}

// ---- Without a daemon

TEST(WithoutBus, ItSaysThatItCannotBeReached) {
  const Ran ran = taktctl({"list", "--bus", "unix:path=/nonexistent/bus"});
  EXPECT_EQ(ran.code, 5);
  EXPECT_EQ(ran.error, "taktctl: the bus at unix:path=/nonexistent/bus cannot be reached: No such file or directory\n");
}

TEST_F(ProgramTest, WithoutADaemonItSaysSo) {
  const Ran ran = run({"list"});
  EXPECT_EQ(ran.code, 5);
  EXPECT_EQ(ran.error, "taktctl: taktd is not running on the bus at " + bus_.address() + "\n");
}

TEST(WithoutBus, CalendarsAreExplained) {
  const Ran ran = taktctl(
      {"calendar", "30 7 * * 1-5", "--zone", "Asia/Tehran", "--from", "2026-12-18", "--count", "2", "--json=short"});
  EXPECT_EQ(ran.code, 0) << ran.error;
  const Value document = parse_value(ran.out).value();
  EXPECT_EQ(document["kind"], "cron");
  EXPECT_EQ(document["zone"], "Asia/Tehran");
  ASSERT_EQ(document["next"].size(), 2u);
  EXPECT_EQ(document["next"][0]["at"], "2026-12-18T04:00:00Z");
  EXPECT_EQ(document["next"][0]["local"], "2026-12-18 07:30:00+03:30");
  EXPECT_EQ(document["next"][1]["at"], "2026-12-21T04:00:00Z");
  EXPECT_EQ(document["description"], "at 07:30 on Monday to Friday");
  EXPECT_EQ(document["warnings"], Value::array());
  EXPECT_EQ(document["dst"], "takt");
  EXPECT_THAT(taktctl({"calendar", "Mon..Fri", "07:30"}).out, HasSubstr("Kind: calendar expression"));
  EXPECT_EQ(taktctl({"calendar", "61 7 * * *"}).code, 2);
}

TEST(WithoutBus, CalendarsAreWarnedOfAndTheirOddInstantsMarked) {
  const auto ask = [](const std::string& expression, const std::string& from, const std::string& dst) {
    return taktctl({"calendar", expression, "--zone", "Europe/Berlin", "--from", from, "--count", "3", "--dst", dst});
  };
  const Ran trap = ask("30 2 13 * 5", "2026-03-28", "takt");
  EXPECT_THAT(trap.out, HasSubstr("Fires: at 02:30 on the 13th of the month, and on every Friday\n"));
  EXPECT_THAT(trap.out, HasSubstr("Warning: it fires when the day of the month or the weekday matches; write +"));
  EXPECT_THAT(ask("30 2 * * *", "2026-03-28 12:00", "takt").out,
              HasSubstr("Sun 2026-03-29 03:00:00+02:00 2026-03-29T01:00:00Z"));
  EXPECT_THAT(ask("30 2 * * *", "2026-03-28 12:00", "takt").out, HasSubstr("moved out of a daylight-saving gap"));
  EXPECT_THAT(ask("30 2 * * *", "2026-03-28 12:00", "systemd").out, Not(HasSubstr("2026-03-29")));
  const std::string passes = ask("30 * * * *", "2026-10-25 01:45", "takt").out;
  EXPECT_THAT(passes, HasSubstr("first of two passes"));
  EXPECT_THAT(passes, HasSubstr("second pass"));
  const Ran json =
      taktctl({"calendar", "30 * * * *", "--zone", "Europe/Berlin", "--from", "2026-10-25 01:45", "--json=short"});
  const Value document = parse_value(json.out).value();
  EXPECT_EQ(document["next"][0]["pass"], "first");
  EXPECT_EQ(document["next"][1]["pass"], "second");
  EXPECT_EQ(document["next"][2]["pass"], "only");
}

TEST(WithoutBus, CalendarsAreAskedForRightly) {
  EXPECT_EQ(taktctl({"calendar"}).code, 2);
  EXPECT_THAT(taktctl({"calendar"}).error, HasSubstr("EXPRESSION"));
  EXPECT_EQ(taktctl({"calendar", "@daily", "--dst", "java"}).code, 2);
  EXPECT_EQ(taktctl({"calendar", "@daily", "--batch"}).code, 2);
  EXPECT_EQ(taktctl({"calendar", "--batch", "--zone", "UTC"}).code, 2);
  EXPECT_EQ(taktctl({"calendar", "@daily", "--zone", ""}).code, 2);
  EXPECT_EQ(taktctl({"calendar", "@daily", "--from", ""}).code, 2);
}

class DefinitionFile : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  test::TempFolder folder_;
};

TEST_F(DefinitionFile, AGoodOneChecksWithoutAWord) {
  const Ran ran = taktctl({"check", write("good.toml", "[[step]]\nname = \"a\"\nrun = [\"true\"]\n")});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out + ran.error, "");
}

TEST_F(DefinitionFile, AWrongOneIsToldAsACompilerTells) {
  const std::string path = write("bad.toml", "timeot = \"1h\"\n[[step]]\nname = \"a\"\nrun = [\"true\"]\n");
  const Ran ran = taktctl({"check", path});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, StartsWith(path + ":1:1: error: "));
  const Ran json = taktctl({"check", path, "--json=short"});
  EXPECT_EQ(parse_value(json.out).value()[0]["severity"], "error");
}

TEST_F(DefinitionFile, AMissingOneIsAnError) {
  const Ran ran = taktctl({"check", folder_ / "none.toml"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.error, HasSubstr("No such file"));
}

// ---- With a daemon

TEST_F(ProgramTest, ListsForPeopleAndForPrograms) {
  start();
  EXPECT_THAT(run({"list", "--no-legend"}).out, StartsWith("nightly enabled - "));
  const Ran json = run({"--json=short", "list", "night*", "--tag", "etl", "--enabled"});
  EXPECT_EQ(parse_value(json.out).value()[0]["last_execution"], 12);
  EXPECT_THAT(daemon_->calls(), Contains("ListProcesses enabled=b:true name=s:\"night*\" tag=s:\"etl\""));
}

TEST_F(ProgramTest, HistoryComesInPages) {
  start();
  const Ran ran = run({"history", "nightly", "--state", "failed,skipped", "--since", "@1797000000", "-j"});
  EXPECT_EQ(parse_value(ran.out).value().size(), 2u);
  const std::string filter = " process=s:\"nightly\" since=t:1797000000000000 states=as:[\"failed\",\"skipped\"]";
  EXPECT_THAT(daemon_->calls(), ElementsAre("ListExecutions /30" + filter, "ListExecutions 1/29" + filter));
  EXPECT_EQ(parse_value(run({"history", "-n", "1", "-j"}).out).value().size(), 1u);
}

TEST_F(ProgramTest, StartSendsTypedInputsAndPrintsTheId) {
  start();
  const Ran ran = run({"start", "-i", "n=5", "-i", "x=1.5", "-i", "on=true", "-i", "list=[1]", "--input", "word=daily",
                       "--input-string", "digits=5", "--priority", "-3", "nightly"});
  EXPECT_EQ(ran.code, 0) << ran.error;
  EXPECT_EQ(ran.out, "12\n");
  EXPECT_THAT(daemon_->calls(), Contains("StartProcess nightly digits=s:\"5\" list=av:[1] n=x:5 on=b:true "
                                         "word=s:\"daily\" x=d:1.5 priority=i:-3"));
}

TEST_F(ProgramTest, AStartThatWasSkippedSaysWhy) {
  FakeWorld skipped = world();
  skipped.descriptions[12]["State"] = std::string("skipped");
  skipped.descriptions[12]["Reason"] = std::string("execution 11 is running");
  start(std::move(skipped));
  const Ran ran = run({"start", "nightly"});
  EXPECT_EQ(ran.code, 12);
  EXPECT_EQ(ran.error, "taktctl: execution 12 of nightly was skipped: execution 11 is running\n");
}

TEST_F(ProgramTest, AWaitEndsWithTheOutcome) {
  FakeWorld ended = world();
  ended.outcomes[12] = "succeeded";
  ended.outcomes[13] = "timed-out";
  start(std::move(ended));
  const Ran good = run({"start", "nightly", "--wait"});
  EXPECT_EQ(good.code, 0);
  EXPECT_EQ(good.out + good.error, "");
  const Ran late = run({"wait", "13"});
  EXPECT_EQ(late.code, 10);
  EXPECT_EQ(late.error, "taktctl: execution 13 of nightly failed in step fetch: exit code 7\n");
  EXPECT_EQ(run({"wait", "14"}).code, 3);
  EXPECT_EQ(parse_value(run({"wait", "13", "--json=short"}).out).value()["id"], 13);
}

TEST_F(ProgramTest, AWaitGivesUpAtItsTimeOut) {
  start();
  const Ran ran = run({"wait", "12", "--timeout", "50ms"});
  EXPECT_EQ(ran.code, 124);
  EXPECT_EQ(ran.error, "taktctl: execution 12 has not ended in time\n");
}

TEST_F(ProgramTest, AWaitOutlivesTheDaemon) {
  start();
  auto waiting = std::async(std::launch::async, [&] { return run({"wait", "12", "--timeout", "10s"}); });
  daemon_->await_call("WaitExecution 12");
  daemon_.reset();
  FakeWorld again = world();
  again.outcomes[12] = "cancelled";
  start(std::move(again));
  EXPECT_EQ(waiting.get().code, 11);
}

TEST_F(ProgramTest, FollowingShowsStepsAndOutput) {
  FakeWorld lively = world();
  lively.outcomes[12] = "failed";
  lively.lively = true;
  start(std::move(lively));
  const Ran ran = run({"start", "nightly", "--follow"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr(" execution 12 of nightly started\n"));
  EXPECT_THAT(ran.out, HasSubstr(" fetch started\n"));
  EXPECT_THAT(ran.out, HasSubstr(" fetch: first\n"));
  EXPECT_THAT(ran.out, HasSubstr(" fetch failed: exit code 7\n"));
  EXPECT_THAT(ran.out, HasSubstr(" execution 12 of nightly failed\n"));
  EXPECT_THAT(ran.out, Not(HasSubstr("unrelated")));
  EXPECT_THAT(ran.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(daemon_->calls(), Contains("Subscribe"));
}

// What the program writes to a terminal of 60 columns.
std::string on_terminal(const std::vector<std::string>& arguments) {
  int terminal = -1;
  int device = -1;
  const winsize size{24, 60, 0, 0};
  EXPECT_EQ(::openpty(&terminal, &device, nullptr, nullptr, &size), 0);
  std::vector<const char*> argv{"taktctl"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  std::FILE* out = ::fdopen(device, "w");
  run_taktctl(static_cast<int>(argv.size()), argv.data(), out, out);
  std::fflush(out);
  char text[8192];  // more than a terminal holds before it is read
  const ssize_t got = ::read(terminal, text, sizeof text);
  std::fclose(out);
  ::close(terminal);
  return {text, got > 0 ? static_cast<std::size_t>(got) : 0};
}

TEST_F(ProgramTest, OnATerminalALineOfProgressIsDrawnAndColourIsUsed) {
  FakeWorld lively = world();
  lively.outcomes[12] = "failed";
  lively.lively = true;
  start(std::move(lively));
  ::setenv("TERM", "xterm", 1);
  ::unsetenv("NO_COLOR");
  ::unsetenv("COLUMNS");
  const std::string coloured = on_terminal({"start", "nightly", "--follow", "--bus", bus_.address()});
  EXPECT_THAT(coloured, HasSubstr("[##########          ] 1/2 "));
  EXPECT_THAT(coloured, HasSubstr("\r\x1b[K"));
  EXPECT_THAT(coloured, HasSubstr("\x1b[1;31mfailed\x1b[0m"));
  ::setenv("NO_COLOR", "1", 1);
  const std::string plain = on_terminal({"start", "nightly", "--follow", "--bus", bus_.address()});
  EXPECT_THAT(plain, HasSubstr("fetch failed: exit code 7"));
  EXPECT_THAT(plain, Not(HasSubstr("\x1b[1;31m")));
  ::unsetenv("NO_COLOR");
}

TEST_F(ProgramTest, LogsAreOfAnExecutionOrOfTheNewest) {
  FakeWorld ended = world();
  ended.outcomes[12] = "succeeded";
  start(std::move(ended));
  EXPECT_EQ(run({"logs", "13", "--raw"}).out, "first\nsecond\n");
  EXPECT_EQ(run({"logs", "nightly", "--raw", "--step", "store"}).out, "second\n");
  EXPECT_EQ(run({"logs", "nightly", "--raw", "-n", "1"}).out, "second\n");
  EXPECT_EQ(run({"logs", "12", "--raw", "-f"}).out, "first\nsecond\n");
  EXPECT_EQ(parse_value(run({"logs", "12", "--json=short", "-n", "1"}).out).value()["stream"], "err");
  EXPECT_THAT(daemon_->calls(), IsSupersetOf({"OpenLog 13", "OpenLog 12"}));
}

TEST_F(ProgramTest, WordsOfDigitsAreExecutionsAndNamesAreProcesses) {
  start();
  EXPECT_EQ(run({"pause", "12", "nightly", "--reason", "lunch"}).code, 0);
  EXPECT_EQ(run({"resume", "nightly", "12"}).code, 0);
  EXPECT_EQ(run({"retry", "12", "--step", "store", "--current"}).code, 0);
  EXPECT_THAT(daemon_->calls(),
              ElementsAre("PauseExecution 12 reason=s:\"lunch\"", "PauseProcess nightly", "ResumeProcess nightly",
                          "ResumeExecution 12", "RetryExecution 12 current=b:true step=s:\"store\""));
}

TEST_F(ProgramTest, CancellingANameCancelsAllThatIsLiveOfIt) {
  start();
  EXPECT_EQ(run({"cancel", "nightly"}).code, 0);
  EXPECT_THAT(daemon_->calls(), IsSupersetOf({"CancelExecution 13", "CancelExecution 12"}));
  EXPECT_THAT(daemon_->calls(), Contains(HasSubstr("process=s:\"nightly\" states=as:[\"queued\",\"running\"")));
  EXPECT_EQ(run({"cancel", "unknown"}).code, 3);
}

TEST_F(ProgramTest, WhatOneOfSeveralRefusesDoesNotStopTheRest) {
  FakeWorld refusing = world();
  refusing.refusals["PauseExecution"] = "org.taktd.Takt1.Error.NotRunning";
  start(std::move(refusing));
  const Ran ran = run({"pause", "12", "nightly"});
  EXPECT_EQ(ran.code, 3);
  EXPECT_EQ(ran.error, "taktctl: 12: refused PauseExecution\n");
  EXPECT_THAT(daemon_->calls(), Contains("PauseProcess nightly"));
}

TEST_F(ProgramTest, RefusalsHaveTheirExitCodes) {
  const std::map<std::string, int> codes{{"org.freedesktop.DBus.Error.AccessDenied", 4},
                                         {"org.taktd.Takt1.Error.InvalidInput", 2},
                                         {"org.taktd.Takt1.Error.Disabled", 3},
                                         {"org.taktd.Takt1.Error.LimitExceeded", 1},
                                         {"org.taktd.Takt1.Error.Unavailable", 5}};
  for (const auto& [name, code] : codes) {
    FakeWorld refusing = world();
    refusing.refusals["StartProcess"] = name;
    daemon_.reset();
    start(std::move(refusing));
    const Ran ran = run({"start", "nightly"});
    EXPECT_EQ(ran.code, code) << name;
    EXPECT_EQ(ran.error, "taktctl: refused StartProcess\n");
  }
}

TEST_F(ProgramTest, StatusShowsEverythingOrOneThing) {
  FakeWorld full = world();
  full.upcoming.push_back({t0, "nightly", "cron 30 7 * * *", "UTC", Variants{}});
  full.diagnostics.push_back(
      {"error", "/etc/takt/processes/broken.toml", std::uint32_t{3}, std::uint32_t{1}, "step", "is wrong", "step = 1"});
  start(std::move(full));
  const Ran all = run({});
  EXPECT_EQ(all.code, 0) << all.error;
  EXPECT_THAT(all.out, StartsWith("* taktd 9.8 - on the bus at "));
  EXPECT_THAT(all.out, HasSubstr("Processes: 1; 1 refused (below)"));
  EXPECT_THAT(all.out, HasSubstr("\nLive executions\n"));
  EXPECT_THAT(all.out, HasSubstr("\nNext firings\n"));
  EXPECT_THAT(all.out, HasSubstr("\nLast failures\n"));
  EXPECT_THAT(all.out, HasSubstr("/etc/takt/processes/broken.toml:3:1: error: step: is wrong\n"));
  EXPECT_THAT(run({"status", "nightly"}).out, StartsWith("* nightly - Every night\n"));
  EXPECT_THAT(run({"status", "12"}).out, StartsWith("* execution 12 of nightly\n"));
  EXPECT_THAT(run({"status", "12"}).out, HasSubstr("fetch failed        2        - exit code 7\n"));
  EXPECT_EQ(run({"status", "unknown"}).code, 3);
  const Value document = parse_value(run({"status", "--json=short"}).out).value();
  for (const char* key : {"bus", "daemon", "disabled", "executions", "next", "failures", "diagnostics"}) {
    EXPECT_TRUE(document.contains(key)) << key;
  }
}

TEST_F(ProgramTest, WhyOfARefusedDefinitionTellsItsDiagnostics) {
  FakeWorld refused = world();
  refused.diagnostics.push_back(
      {"error", "/etc/takt/processes/broken.toml", std::uint32_t{3}, std::uint32_t{1}, "step", "is wrong", "step = 1"});
  refused.executions.clear();
  start(std::move(refused));
  const Ran broken = run({"why", "broken"});
  EXPECT_EQ(broken.code, 3);
  EXPECT_THAT(broken.out, StartsWith("broken never ran: its definition is refused"));
  EXPECT_THAT(broken.out, HasSubstr("broken.toml:3:1: error: "));
  const Ran good = run({"why", "nightly"});
  EXPECT_EQ(good.code, 0);
  EXPECT_THAT(good.out, StartsWith("nightly is enabled.\n"));
  EXPECT_THAT(good.out, Not(HasSubstr("broken")));
  EXPECT_EQ(run({"why", "unknown"}).code, 3);
}

TEST_F(ProgramTest, ShowHasThePropertiesAndTheText) {
  start();
  const Ran ran = run({"show", "nightly"});
  EXPECT_THAT(ran.out, HasSubstr("overlap=skip\n"));
  EXPECT_THAT(ran.out, HasSubstr("\n\n[[step]]\n"));
  EXPECT_EQ(run({"show", "nightly", "--definition"}).out, "[[step]]\nname = \"fetch\"\n");
  FakeWorld closed = world();
  closed.refusals["GetDefinition"] = "org.freedesktop.DBus.Error.AccessDenied";
  daemon_.reset();
  start(std::move(closed));
  const Ran few = run({"show", "nightly"});
  EXPECT_EQ(few.code, 0);
  EXPECT_THAT(few.error, HasSubstr("not for you to read"));
  EXPECT_EQ(run({"show", "nightly", "--definition"}).code, 4);
}

TEST_F(ProgramTest, ReloadTellsWhatIsRefused) {
  FakeWorld refused = world();
  refused.diagnostics.push_back(
      {"error", "/x/broken.toml", std::uint32_t{0}, std::uint32_t{0}, "", "may be written by others", ""});
  start(std::move(refused));
  const Ran ran = run({"reload"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("may be written by others"));
}

TEST_F(ProgramTest, DefinitionsArePutAndDeleted) {
  start();
  const std::string path = std::filesystem::temp_directory_path() / "takt-cli-put.toml";
  std::ofstream(path) << "description = \"x\"\n";
  EXPECT_EQ(run({"put", path, "--name", "other", "--transient"}).code, 0);
  EXPECT_EQ(run({"put", path}).code, 0);
  std::filesystem::remove(path);
  EXPECT_EQ(run({"delete", "other"}).code, 0);
  EXPECT_EQ(run({"enable", "other"}).code, 0);
  EXPECT_EQ(run({"disable", "other"}).code, 0);
  EXPECT_THAT(daemon_->calls(), ElementsAre("PutDefinition other transient=b:true description = \"x\"\n",
                                            "PutDefinition takt-cli-put description = \"x\"\n",
                                            "DeleteDefinition other", "EnableProcess other", "DisableProcess other"));
}

TEST_F(ProgramTest, MonitorPrintsASignalALine) {
  FakeWorld lively = world();
  lively.outcomes[12] = "failed";
  lively.lively = true;
  start(std::move(lively));
  auto monitor = std::async(std::launch::async, [&] { return run({"monitor", "nightly", "-n", "2", "--json=short"}); });
  daemon_->await_call("Subscribe");
  EXPECT_EQ(run({"wait", "12"}).code, 1);
  const Ran ran = monitor.get();
  const std::size_t end = ran.out.find('\n');
  const Value first = parse_value(ran.out.substr(0, end)).value();
  EXPECT_EQ(first["event"], "execution-started");
  EXPECT_EQ(first["id"], 12);
  EXPECT_EQ(first["total_steps"], 2);
  EXPECT_TRUE(first.contains("at"));
  EXPECT_EQ(parse_value(ran.out.substr(end + 1)).value()["event"], "step-started");
}

TEST_F(ProgramTest, VersionNamesBoth) {
  EXPECT_THAT(run({"version"}).out, HasSubstr("taktd is not running"));
  start();
  EXPECT_THAT(run({"version"}).out, HasSubstr("\ntaktd 9.8 on the bus at "));
}

}  // namespace
}  // namespace takt
