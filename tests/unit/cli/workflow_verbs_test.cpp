// The verbs of workflows: what each asks of the daemon, what it prints, and its exit codes.
#include <gmock/gmock.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <future>

#include "base/value.h"
#include "program_run.h"

namespace takt {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::StartsWith;

class WorkflowVerbs : public ProgramTest {};

Variants described_step(const char* name, const char* state, const char* action, std::vector<std::string> after = {}) {
  return {{"Name", std::string(name)},
          {"State", std::string(state)},
          {"Action", std::string(action)},
          {"After", std::move(after)}};
}

FakeWorld with_steps(const std::vector<Variants>& steps) {
  FakeWorld what = world();
  what.descriptions[12]["State"] = std::string("running");
  what.descriptions[12]["Steps"] = steps;
  return what;
}

TEST_F(WorkflowVerbs, OptionsOfStartCancelRetryAndPauseAreSent) {
  start();
  EXPECT_EQ(run({"start", "nightly", "--version", "01ab", "--at", "@1797000000", "--key", "k 1"}).code, 0);
  EXPECT_EQ(run({"cancel", "12", "--no-undo", "--reason", "x"}).code, 0);
  EXPECT_EQ(run({"retry", "12", "--step", "each", "--item", "17"}).code, 0);
  EXPECT_EQ(run({"pause", "nightly", "--until", "2199-01-01T00:00:00Z"}).code, 0);
  EXPECT_THAT(
      daemon_->calls(),
      IsSupersetOf({"StartProcess nightly at_usec=t:1797000000000000 idempotency_key=s:\"k 1\" version=s:\"01ab\"",
                    "CancelExecution 12 reason=s:\"x\" undo=b:false", "RetryExecution 12 item=u:17 step=s:\"each\"",
                    "PauseProcess nightly until_usec=t:7226582400000000"}));
}

TEST_F(WorkflowVerbs, RollbackGoesBackAndTellsWhatCouldNotBeUndone) {
  FakeWorld what = with_steps({described_step("a", "undone", "run")});
  what.descriptions[13]["Steps"] = std::vector<Variants>{
      {{"Name", std::string("b")}, {"State", std::string("succeeded")}, {"Error", std::string("undo: exit code 1")}}};
  what.outcomes[12] = what.outcomes[13] = "succeeded";
  start(std::move(what));
  EXPECT_EQ(run({"rollback", "12", "--to", "a"}).code, 0);
  EXPECT_EQ(run({"rollback", "12", "--wait"}).code, 0);
  const Ran failed = run({"rollback", "13", "--wait"});
  EXPECT_EQ(failed.code, 1);
  EXPECT_EQ(failed.error, "taktctl: b: undo: exit code 1\n");
  EXPECT_THAT(daemon_->calls(), IsSupersetOf({"RollbackExecution 12 to=s:\"a\"", "RollbackExecution 12",
                                              "WaitExecution 12", "RollbackExecution 13"}));
}

TEST_F(WorkflowVerbs, AnAnswerGoesToTheOneStepThatWaits) {
  start(with_steps({described_step("sleep", "waiting", "wait"), described_step("release", "waiting", "approve")}));
  EXPECT_EQ(run({"approve", "12", "--comment", "go on"}).code, 0);
  EXPECT_EQ(run({"reject", "12", "other"}).code, 0);
  EXPECT_EQ(parse_value(run({"reject", "12", "-j"}).out).value(),
            Value({{"id", 12}, {"step", "release"}, {"approved", false}}));
  EXPECT_THAT(daemon_->calls(),
              IsSupersetOf({"Approve 12 release yes go on", "Approve 12 other no ", "Approve 12 release no "}));
}

TEST_F(WorkflowVerbs, AnAnswerNeedsAStepWhenSeveralOrNoneWait) {
  start(with_steps({described_step("one", "waiting", "approve"), described_step("two", "waiting", "approve")}));
  const Ran several = run({"approve", "12"});
  EXPECT_EQ(several.code, 2);
  EXPECT_EQ(several.error, "taktctl: several steps of execution 12 wait for an approval, name one: one, two\n");
  const Ran none = run({"approve", "13"});
  EXPECT_EQ(none.code, 3);
  EXPECT_EQ(none.error, "taktctl: execution 13 does not wait for an approval\n");
}

TEST_F(WorkflowVerbs, AnEventHasATypedPayload) {
  start();
  EXPECT_EQ(run({"emit", "arrived", "n=5", "where=eu"}).out, "heard by 2 steps and triggers\n");
  const Ran json = run({"emit", "arrived", "--payload", "{\"on\":true}", "-j"});
  EXPECT_EQ(parse_value(json.out).value(), Value({{"name", "arrived"}, {"payload", {{"on", true}}}, {"woken", 2}}));
  EXPECT_THAT(daemon_->calls(), ElementsAre("Emit arrived n=x:5 where=s:\"eu\"", "Emit arrived on=b:true"));
}

TEST_F(WorkflowVerbs, FiringsAreSkippedAndCachesCleared) {
  start();
  EXPECT_EQ(run({"skip", "nightly"}).out, "the next firing of nightly will be skipped\n");
  EXPECT_EQ(run({"skip", "nightly", "--count", "3"}).out, "the next 3 firings of nightly will be skipped\n");
  EXPECT_EQ(run({"skip", "nightly", "--count", "0"}).out, "no firing of nightly will be skipped\n");
  EXPECT_EQ(run({"cache", "clear"}).code, 0);
  EXPECT_EQ(run({"cache", "clear", "nightly", "fetch", "--key", "k"}).code, 0);
  EXPECT_THAT(daemon_->calls(),
              ElementsAre("SkipNext nightly 1", "SkipNext nightly 3", "SkipNext nightly 0", "ClearCache",
                          "ClearCache key=s:\"k\" process=s:\"nightly\" step=s:\"fetch\""));
}

FakeWorld with_versions() {
  FakeWorld what = world();
  what.versions.push_back({"bb22", t0, Variants{{"InForce", true}, {"User", std::string("root")}}});
  what.versions.push_back({"aa11", t0 - 1'000'000, Variants{}});
  what.versions.push_back({"aa12", t0 - 2'000'000, Variants{}});
  what.definitions = {{"bb22", "one\nnew\n"}, {"aa11", "one\nold\n"}, {"aa12", "one\nnew\n"}};
  return what;
}

TEST_F(WorkflowVerbs, VersionsAreListedAndCompared) {
  start(with_versions());
  EXPECT_THAT(run({"versions", "nightly", "--no-legend"}).out, StartsWith("bb22 "));
  EXPECT_EQ(parse_value(run({"versions", "nightly", "-j"}).out).value()[0]["in_force"], true);
  const Ran ran = run({"diff", "nightly", "aa11"});
  EXPECT_EQ(ran.code, 1) << ran.error;
  EXPECT_EQ(ran.out, "--- nightly@aa11\n+++ nightly@bb22\n@@ -1,2 +1,2 @@\n one\n-old\n+new\n");
  const Ran same = run({"diff", "nightly", "aa12", "bb"});
  EXPECT_EQ(same.code, 0);
  EXPECT_EQ(same.out, "");
  EXPECT_EQ(parse_value(run({"diff", "nightly", "aa11", "-j"}).out).value()["to"], "bb22");
  EXPECT_EQ(run({"diff", "nightly", "aa"}).code, 2);
  EXPECT_EQ(run({"diff", "nightly", "cc"}).code, 3);
}

TEST_F(WorkflowVerbs, StatisticsAreOfProcessesAndOfTheStepsOfOne) {
  using Counts = std::map<std::string, std::uint64_t>;
  const Variants spread{{"MedianUSec", std::uint64_t{1'000'000}},
                        {"P95USec", std::uint64_t{2'000'000}},
                        {"MaxUSec", std::uint64_t{3'000'000}}};
  const Variants row{{"Process", std::string("nightly")},
                     {"Outcomes", Counts{{"succeeded", 3}, {"failed", 1}}},
                     {"Duration", spread},
                     {"QueueTime", spread},
                     {"CPUUSec", std::uint64_t{500'000}},
                     {"MemoryPeak", std::uint64_t{2048}}};
  Variants of_step = row;
  of_step["Step"] = std::string("fetch");
  of_step["Variant"] = std::string("b");
  FakeWorld what = world();
  what.statistics = {{"Processes", std::vector<Variants>{row}}, {"Steps", std::vector<Variants>{of_step}}};
  start(std::move(what));
  EXPECT_EQ(run({"stats", "--no-legend"}).out, "nightly 4 75.0% 1s 2s 3s 1s 2s 3s 500ms 2.0K 1 failed\n");
  EXPECT_THAT(run({"stats", "nightly", "--since", "@1797000000"}).out, HasSubstr("\nfetch b "));
  EXPECT_THAT(daemon_->calls(), Contains("Statistics process=s:\"nightly\" since_usec=t:1797000000000000"));
  daemon_.reset();
  start();
  EXPECT_EQ(run({"stats"}).out, "No execution in this span.\n");
  EXPECT_EQ(run({"stats", "unknown"}).code, 3);
}

TEST_F(WorkflowVerbs, AGraphIsOfAProcessOrOfAnExecution) {
  FakeWorld what = with_steps({described_step("a", "succeeded", "run"), described_step("b", "running", "http", {"a"})});
  what.definition["Steps"] =
      std::vector<Variants>{{{"Name", std::string("a")}, {"Action", std::string("run")}},
                            {{"Name", std::string("b")}, {"After", std::vector<std::string>{"a"}}}};
  start(std::move(what));
  EXPECT_EQ(run({"graph", "nightly", "--format=mermaid"}).out,
            "flowchart TD\n  s0[\"a<br/>run\"]\n  s1[\"b\"]\n  s0 --> s1\n");
  EXPECT_THAT(run({"graph", "12", "--format", "dot"}).out, HasSubstr("s1 [label=\"b\\nhttp\\nrunning\"];"));
  EXPECT_THAT(run({"graph", "12"}).out, StartsWith("execution 12 of nightly: running"));
  const Value document = parse_value(run({"graph", "12", "-j"}).out).value();
  EXPECT_EQ(document["execution"], 12);
  EXPECT_EQ(document["edges"][0], Value({{"from", "a"}, {"to", "b"}, {"kind", "after"}, {"loop", false}}));
  EXPECT_EQ(run({"graph", "unknown"}).code, 3);
  EXPECT_EQ(run({"graph", "99"}).code, 3);
}

TEST_F(WorkflowVerbs, TheGraphOfAnOldVersionIsReadFromItsText) {
  FakeWorld what = world();
  what.descriptions[12]["Version"] = std::string("aa11");
  what.descriptions[12]["Steps"] =
      std::vector<Variants>{{{"Name", std::string("a")}, {"State", std::string("succeeded")}},
                            {{"Name", std::string("b")}, {"State", std::string("failed")}}};
  what.definitions["aa11"] = "[[step]]\nname = \"a\"\nrun = [\"true\"]\n[[step]]\nname = \"b\"\nshell = \"false\"\n";
  start(std::move(what));
  const Ran ran = run({"graph", "12", "--format=dot"});
  EXPECT_EQ(ran.code, 0) << ran.error;
  EXPECT_THAT(ran.out, HasSubstr("label=\"b\\nshell\\nfailed\""));
  EXPECT_THAT(ran.out, HasSubstr("s0 -> s1;"));
}

TEST_F(WorkflowVerbs, StatusOfAnExecutionShowsWhatItWaitsFor) {
  start(with_steps({described_step("release", "waiting", "approve")}));
  EXPECT_THAT(run({"status", "12"}).out, HasSubstr("waits for an approval\n"));
  const Value document = parse_value(run({"status", "nightly", "-j"}).out).value();
  EXPECT_EQ(document["process"]["skip_next"], 3);
  EXPECT_EQ(document["process"]["pool"], "heavy");
  EXPECT_TRUE(document["process"]["paused_until_at"].is_null());
}

TEST_F(WorkflowVerbs, MonitorShowsApprovalsEventsAndPauses) {
  FakeWorld lively = world();
  lively.outcomes[12] = "failed";
  lively.lively = true;
  start(std::move(lively));
  auto monitor = std::async(std::launch::async, [&] { return run({"monitor", "nightly", "-n", "6"}); });
  daemon_->await_call("Subscribe");
  EXPECT_EQ(run({"wait", "12"}).code, 1);
  const Ran ran = monitor.get();
  EXPECT_THAT(ran.out, HasSubstr(" step-waiting       id=12 message=Ship it? process=nightly step=release\n"));
  EXPECT_THAT(ran.out, HasSubstr(" emitted            id=12 name=shipped payload={\"to\":\"eu\"} process=nightly\n"));
  EXPECT_THAT(ran.out, HasSubstr(" process-paused     process=nightly\n"));
}

// ---- top

TEST_F(WorkflowVerbs, TopIsOneSnapshotWithoutATerminal) {
  start();
  const Ran ran = run({"top"});
  EXPECT_EQ(ran.code, 0) << ran.error;
  EXPECT_THAT(ran.out, StartsWith("taktd 9.8  1 running, 0 queued, 1 processes  "));
  EXPECT_THAT(ran.out, HasSubstr("12 nightly failed "));
  EXPECT_EQ(parse_value(run({"top", "-j"}).out).value()["daemon"]["version"], "9.8");
}

TEST_F(WorkflowVerbs, TopOnATerminalQuitsAtAKeyAndGivesItBack) {
  start();
  int terminal = -1;
  int device = -1;
  const winsize size{24, 100, 0, 0};
  ASSERT_EQ(::openpty(&terminal, &device, nullptr, nullptr, &size), 0);
  const int input = ::dup(STDIN_FILENO);
  ASSERT_EQ(::dup2(device, STDIN_FILENO), STDIN_FILENO);
  termios before{};
  ::tcgetattr(device, &before);
  std::FILE* out = ::fdopen(device, "w");
  const std::string bus = bus_.address();
  auto running = std::async(std::launch::async, [&] {
    const char* argv[] = {"taktctl", "top", "--bus", bus.c_str()};
    return run_taktctl(4, argv, out, out);
  });
  std::string shown;
  char text[4096];
  while (shown.find("taktd 9.8") == std::string::npos) {  // drawn
    const ssize_t got = ::read(terminal, text, sizeof text);
    ASSERT_GT(got, 0);
    shown.append(text, static_cast<std::size_t>(got));
  }
  ASSERT_EQ(::write(terminal, "q", 1), 1);
  while (shown.find("\x1b[?1049l") == std::string::npos) {
    const ssize_t got = ::read(terminal, text, sizeof text);
    ASSERT_GT(got, 0);
    shown.append(text, static_cast<std::size_t>(got));
  }
  EXPECT_EQ(running.get(), 0);
  EXPECT_THAT(shown, StartsWith("\x1b[?1049h"));
  termios after{};
  ::tcgetattr(::fileno(out), &after);
  EXPECT_EQ(after.c_lflag, before.c_lflag);
  ::dup2(input, STDIN_FILENO);
  ::close(input);
  std::fclose(out);
  ::close(terminal);
}

}  // namespace
}  // namespace takt
