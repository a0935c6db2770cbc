// The real program over a real socket; each test with a cgroup for each attempt, where this machine gives us one, and
// without. Past 500 lines, because the children that behave badly are many and share one fixture.
#include "runner/runner.h"

#include <gmock/gmock.h>
#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>

#include "runner/cgroup.h"
#include "support/runner_program.h"

namespace takt::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::vector<std::string> cgroup_modes() {
  std::vector<std::string> modes = {"no"};
  const auto tree = CgroupTree::open(CgroupMode::yes);
  if (tree && *tree) {
    modes.emplace_back("yes");
    (*tree)->leave();
  }
  return modes;
}

class RunnerTest : public ::testing::TestWithParam<std::string> {
 protected:
  explicit RunnerTest(std::vector<std::string> more = {})
      : runner(options(std::move(more))), client(runner.socket_path()) {}

  static std::vector<std::string> options(std::vector<std::string> more) {
    more.push_back("--cgroup=" + GetParam());
    return more;
  }
  EndedReport run(const StartOrder& order) {
    client.send(order);
    return client.next<EndedReport>(order.token);
  }
  // The number that a child has written to this file of its work directory, once it is there.
  pid_t written_pid(const std::string& name) const {
    const std::string path = runner.work_path(7) + "/" + name;
    EXPECT_TRUE(reaches([&path] { return file_text(path).ends_with('\n'); }));
    return std::atoi(file_text(path).c_str());
  }
  std::string log_texts() const {
    return std::regex_replace(runner.log(7), std::regex("(^|\n)[0-9]{16} work 1 (out|err) "), "$1");
  }

  RunnerProgram runner;
  RunnerClient client;
};
INSTANTIATE_TEST_SUITE_P(Cgroup, RunnerTest, ::testing::ValuesIn(cgroup_modes()),
                         [](const auto& one) { return one.param; });

// ---- Ends

TEST_P(RunnerTest, TellsTheStartTheExitCodeAndTheUsage) {
  client.send(shell("a", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; exit 7"));
  EXPECT_GT(client.next<StartedReport>("a").pid, 0);
  const EndedReport end = client.next<EndedReport>("a");
  EXPECT_EQ(end.exit_code, 7);
  EXPECT_EQ(end.signal, std::nullopt);
  EXPECT_EQ(end.error, "");
  EXPECT_GT(end.cpu_user_us + end.cpu_system_us, 1000);
  EXPECT_GT(end.memory_peak_bytes, 100'000);
  EXPECT_GT(end.ended_at_us, 1'700'000'000'000'000);
  EXPECT_EQ(end.result, std::nullopt);
  EXPECT_EQ(end.result_error, "");
}

TEST_P(RunnerTest, TellsTheSignalThatEndedIt) {
  const EndedReport end = run(shell("a", "kill -SEGV $$"));
  EXPECT_EQ(end.exit_code, std::nullopt);
  EXPECT_EQ(end.signal, SIGSEGV);
}

struct WrongStart {
  void (*spoil)(StartOrder&);
  const char* error;
};

TEST_P(RunnerTest, SaysWhichCallFailed) {
  const WrongStart table[] = {
      {[](StartOrder& o) { o.argv = {"/usr/bin/x"}; }, "exec /usr/bin/x: No such file or directory"},
      {[](StartOrder& o) { o.argv = {"takt-no-such-command"}; },
       "exec takt-no-such-command: No such file or directory"},
      {[](StartOrder& o) { o.argv = {"/etc/passwd"}; }, "exec /etc/passwd: Permission denied"},
      {[](StartOrder& o) { o.user = "etl"; }, "user etl: no such user"},
      {[](StartOrder& o) { o.directory = "/x"; }, "directory /x: No such file or directory"},
  };
  int number = 0;
  for (const WrongStart& wrong : table) {
    StartOrder order = shell("wrong." + std::to_string(++number), "true");
    wrong.spoil(order);
    const EndedReport end = run(order);
    EXPECT_EQ(end.error, wrong.error);
    EXPECT_EQ(end.exit_code, std::nullopt);
    EXPECT_EQ(end.signal, std::nullopt);
    EXPECT_GT(end.ended_at_us, 0);
  }
}

TEST(RunnerAsUser, RunsNobodyElsesChildren) {
  const passwd* nobody = getpwnam("nobody");
  ASSERT_NE(nobody, nullptr);
  const RunnerProgram runner({"--cgroup=no"}, nobody->pw_uid);
  RunnerClient client(runner.socket_path());
  StartOrder order = shell("a", "true");
  order.user = "root";
  client.send(order);
  EXPECT_EQ(client.next<EndedReport>("a").error, "user root: only root can run children as another user");
  order = shell("b", "id -un; echo '{}' > $TAKT_RESULT");
  order.user = "nobody";
  client.send(order);
  const EndedReport end = client.next<EndedReport>("b");
  EXPECT_EQ(end.exit_code, 0) << end.error;
  EXPECT_EQ(end.result, "{}\n");
  EXPECT_EQ(end.output_tail, "nobody\n");
}

// ---- What a child is given

TEST_P(RunnerTest, GivesACleanEnvironment) {
  setenv("TAKT_STRANGER", "1", 1);
  StartOrder order = shell("a", "/usr/bin/env; umask; pwd; cat; cat $TAKT_CONTEXT");
  order.environment = {{"TAKT_PROCESS", "nightly"}, {"TAKT_RESULT", "/etc/passwd"}};
  order.standard_input = "input\n";
  const EndedReport end = run(order);
  const std::string state = runner.state_path();
  std::istringstream lines(end.output_tail);
  std::set<std::string> variables;
  for (std::string line; std::getline(lines, line) && line.find('=') != std::string::npos;)
    if (!line.starts_with("_=") && !line.starts_with("PWD=")) variables.insert(line);  // the shell's own
  EXPECT_THAT(variables,
              ::testing::UnorderedElementsAre(
                  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "USER=root",
                  "LOGNAME=root", ::testing::StartsWith("SHELL=/"), "LANG=C.UTF-8", "TAKT_PROCESS=nightly",
                  "TAKT_WORKDIR=" + state + "/work/7", "TAKT_CONTEXT=" + state + "/attempt/a/context",
                  "TAKT_RESULT=" + state + "/attempt/a/result"));
  EXPECT_THAT(end.output_tail, HasSubstr("0022\n" + state + "/work/7\ninput\n{\"inputs\":{}}"));
}

TEST_P(RunnerTest, LeavesNoDescriptorAndNoSignalSettingToTheChild) {
  StartOrder order = shell("fds", "");
  order.argv = {"ls", "/proc/self/fd"};
  EXPECT_EQ(run(order).output_tail, "0\n1\n2\n3\n");  // the last is that of the folder it reads
  order.token = "signals";
  order.argv = {"grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"};
  EXPECT_EQ(run(order).output_tail, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
  EXPECT_EQ(run(shell("input", "readlink /proc/self/fd/0")).output_tail, "/dev/null\n");
  EXPECT_EQ(run(shell("session", "[ $(cut -d' ' -f6 /proc/$$/stat) = $$ ] && echo own")).output_tail, "own\n");
}

TEST_P(RunnerTest, RunsAsTheUserItIsTold) {
  StartOrder order =
      shell("a", "id -un; id -Gn; stat -c '%U %a' . $TAKT_CONTEXT; echo again > /dev/stdout; echo 5 > $TAKT_RESULT");
  order.user = "nobody";
  const EndedReport end = run(order);
  EXPECT_EQ(end.exit_code, 0) << end.error;
  EXPECT_EQ(end.output_tail, "nobody\nnogroup\nnobody 700\nnobody 400\nagain\n");
  EXPECT_EQ(end.result, "5\n");
  // The next step of the same execution may be another user's.
  EXPECT_EQ(run(shell("b", "stat -c %U .")).output_tail, "root\n");
}

// ---- Results

TEST_P(RunnerTest, TakesTheResultFileAsItIs) {
  EXPECT_EQ(run(shell("a", "printf '{\"n\": 1}' > $TAKT_RESULT")).result, "{\"n\": 1}");
  EXPECT_FALSE(fs::exists(runner.state_path() + "/attempt/a"));
}

TEST_P(RunnerTest, RefusesAResultThatIsNoPlainFileOfTheChild) {
  const std::pair<const char*, const char*> table[] = {
      {"ln -s /etc/passwd $TAKT_RESULT", "the result file is no regular file"},
      {"mkfifo $TAKT_RESULT", "the result file is no regular file"},
      {"mkdir $TAKT_RESULT", "the result file is no regular file"},
      {"echo 1 > $TAKT_RESULT; chown nobody $TAKT_RESULT", "the result file belongs to another user"},
      {"head -c 1048577 /dev/zero > $TAKT_RESULT", "the result file: it holds more than 1048576 bytes"},
  };
  int number = 0;
  for (const auto& [script, error] : table) {
    const EndedReport end = run(shell("wrong." + std::to_string(++number), script));
    EXPECT_EQ(end.exit_code, 0) << script;
    EXPECT_EQ(end.result, std::nullopt) << script;
    EXPECT_EQ(end.result_error, error) << script;
  }
  EXPECT_TRUE(reaches([this] { return fs::is_empty(runner.state_path() + "/attempt"); }));
}

TEST_P(RunnerTest, CapturesStdout) {
  StartOrder order = shell("a", "echo '[1]'; echo noise >&2");
  order.capture = Capture::output;
  EXPECT_EQ(run(order).result, "[1]\n");
  order = shell("b", "head -c 1048577 /dev/zero");
  order.capture = Capture::lines;
  const EndedReport end = run(order);
  EXPECT_EQ(end.result, std::nullopt);
  EXPECT_EQ(end.result_error, "stdout: more than 1048576 bytes");
  EXPECT_EQ(end.capture, Capture::lines);
}

TEST_P(RunnerTest, SendsALargeResultWhole) {
  EXPECT_EQ(run(shell("a", "head -c 1000000 /dev/zero | tr '\\0' x > $TAKT_RESULT")).result,
            std::string(1'000'000, 'x'));
}

// ---- Output

TEST_P(RunnerTest, LogsEachLineWithItsTimeStepAttemptAndStream) {
  run(shell("a", "echo one; echo two >&2; printf three"));
  const std::string log = runner.log(7);
  EXPECT_TRUE(std::regex_search(log, std::regex("(^|\n)[0-9]{16} work 1 out one\n"))) << log;
  EXPECT_TRUE(std::regex_search(log, std::regex("(^|\n)[0-9]{16} work 1 err two\n"))) << log;
  EXPECT_TRUE(std::regex_search(log, std::regex("(^|\n)[0-9]{16} work 1 out three\n"))) << log;
}

std::size_t peak_rss(pid_t pid) {
  const std::string status = file_text("/proc/" + std::to_string(pid) + "/status");
  return std::strtoul(status.c_str() + status.find("VmHWM:") + 6, nullptr, 10) * 1024;
}

TEST_P(RunnerTest, DoesNotGrowWithAGigabyteOfOutput) {
  run(shell("warm", "true"));
  const std::size_t before = peak_rss(runner.pid());
  const EndedReport end = run(shell("a", "head -c 1073741824 /dev/zero; echo the end"));
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_EQ(end.output_bytes, 1073741824u + 8);
  EXPECT_TRUE(end.output_cut);
  EXPECT_TRUE(end.output_tail.ends_with("the end\n"));
  EXPECT_LT(runner.log(7).size(), std::size_t{1 << 20} + 4096);
  EXPECT_THAT(runner.log(7), HasSubstr("of 1073741832 bytes kept]\n"));
  EXPECT_LT(peak_rss(runner.pid()), before + 8 * 1024 * 1024);
}

TEST_P(RunnerTest, MindsNoClosedOutput) {
  EXPECT_EQ(run(shell("a", "exec >&- 2>&-; sleep 0.05; exit 3")).exit_code, 3);
}

// ---- Leftovers

TEST_P(RunnerTest, EndsWithItsChildThoughOutputIsHeldOpen) {
  const EndedReport end = run(shell("a", "sleep 1000 & echo $! > pid; echo said; exit 4"));
  EXPECT_EQ(end.exit_code, 4);
  EXPECT_EQ(end.output_tail, "said\n");
  EXPECT_FALSE(is_alive(written_pid("pid")));
}

TEST_P(RunnerTest, LeavesNoDaemonBehind) {
  const EndedReport end = run(shell("a",
                                    "(setsid sh -c 'echo $$ > pid; exec sleep 1000' &) ; "
                                    "while [ ! -s pid ]; do sleep 0.01; done"));
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_FALSE(is_alive(written_pid("pid")));
}

TEST_P(RunnerTest, LeavesNoDaemonBehindThatHidesItsOrigin) {
  run(shell("a",
            "(setsid env -i sh -c 'echo $$ > pid; sleep 1000 & wait' &) ; while [ ! -s pid ]; do sleep 0.01; done"));
  EXPECT_FALSE(is_alive(written_pid("pid")));
}

TEST_P(RunnerTest, EndsNobodyElsesDaemon) {
  client.send(shell("other", "(setsid sh -c 'echo $$ > other; exec sleep 1000' &) ; sleep 1000"));
  const pid_t other = written_pid("other");
  EXPECT_EQ(
      run(shell("a", "(setsid sh -c 'echo $$ > mine; exec sleep 1000' &) ; while [ ! -s mine ]; do sleep 0.01; done"))
          .exit_code,
      0);
  EXPECT_FALSE(is_alive(written_pid("mine")));
  EXPECT_TRUE(is_alive(other));
  client.send(KillOrder{"other"});
  client.next<EndedReport>("other");
  EXPECT_FALSE(is_alive(other));
}

TEST_P(RunnerTest, LetsLeftoversBeWhenToldTo) {
  StartOrder order = shell("a", "setsid env -i sleep 1000 & echo $! > pid");
  order.leftovers = true;
  EXPECT_EQ(run(order).exit_code, 0);
  const pid_t left = written_pid("pid");
  EXPECT_EQ(run(shell("b", "true")).exit_code, 0);
  EXPECT_TRUE(is_alive(left));
  ::kill(left, SIGKILL);
}

// ---- Signals

TEST_P(RunnerTest, KillsWhatIgnoresSignals) {
  client.send(shell("a", "trap '' TERM INT HUP; sh -c 'echo $$ > pid; while :; do sleep 1; done'; sleep 1000"));
  const pid_t grandchild = written_pid("pid");
  client.send(SignalOrder{"a", SIGTERM});
  client.send(KillOrder{"a"});
  EXPECT_EQ(client.next<EndedReport>("a").signal, SIGKILL);
  EXPECT_FALSE(is_alive(grandchild));
}

TEST_P(RunnerTest, SignalsAllChildren) {
  client.send(shell("a",
                    "sh -c 'trap \"echo got > got; exit\" TERM; echo $$ > pid; while :; do sleep 0.01; done' & "
                    "trap 'wait; exit 5' TERM; wait; wait"));
  written_pid("pid");
  client.send(SignalOrder{"a", SIGTERM});
  EXPECT_EQ(client.next<EndedReport>("a").exit_code, 5);
  EXPECT_EQ(file_text(runner.work_path(7) + "/got"), "got\n");
}

TEST_P(RunnerTest, EndsOneThatStoppedItself) {
  client.send(shell("a", "kill -STOP $$; sleep 1000"));
  const pid_t pid = client.next<StartedReport>("a").pid;
  ASSERT_TRUE(reaches([pid] { return process_state(pid) == 'T'; }));
  client.send(SignalOrder{"a", SIGTERM});
  EXPECT_EQ(client.next<EndedReport>("a").signal, SIGTERM);
}

TEST_P(RunnerTest, FreezesAndThawsTheWholeTree) {
  // No commands in the loop: one that is stopped between vfork and exec holds its shell in D, never in T.
  client.send(shell("a", "(while :; do echo x >> count; done) & echo $! > pid; wait"));
  const pid_t child = client.next<StartedReport>("a").pid;
  const pid_t counter = written_pid("pid");
  const std::string count = runner.work_path(7) + "/count";
  ASSERT_TRUE(reaches([&] { return fs::exists(count); }));
  client.send(FreezeOrder{"a"});
  const std::string group = file_text("/proc/" + std::to_string(child) + "/cgroup");
  ASSERT_TRUE(reaches([&] {
    if (GetParam() == "no") return process_state(counter) == 'T' && process_state(child) == 'T';
    const auto at = group.find("0::");
    const std::string path = group.substr(at + 3, group.find('\n', at) - at - 3);
    for (const char* mount : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"})
      if (file_text(mount + path + "/cgroup.events").find("frozen 1") != std::string::npos) return true;
    return false;
  }));
  const auto frozen_at = fs::file_size(count);
  EXPECT_EQ(run(shell("b", "sleep 0.3")).exit_code, 0);
  EXPECT_EQ(fs::file_size(count), frozen_at);
  client.send(ThawOrder{"a"});
  EXPECT_TRUE(reaches([&] { return fs::file_size(count) > frozen_at; }));
  client.send(FreezeOrder{"a"});
  client.send(KillOrder{"a"});
  EXPECT_EQ(client.next<EndedReport>("a").signal, SIGKILL);
  EXPECT_FALSE(is_alive(counter));
}

// ---- Keeping and forgetting

TEST_P(RunnerTest, StartsNothingTwice) {
  const StartOrder order = shell("a", "echo x >> runs; sleep 0.1; exit 6");
  client.send(order);
  client.send(order);
  EXPECT_GT(client.next<RunningReport>("a").pid, 0);
  EXPECT_EQ(client.next<EndedReport>("a").exit_code, 6);
  client.send(order);
  EXPECT_EQ(client.next<EndedReport>("a").exit_code, 6);
  EXPECT_EQ(file_text(runner.work_path(7) + "/runs"), "x\n");
}

TEST_P(RunnerTest, KeepsAnEndWhileNobodyIsConnected) {
  pid_t pid = -1;
  {
    RunnerClient gone = std::move(client);
    gone.send(shell("a", "while [ ! -e go ]; do sleep 0.01; done; exit 7"));
    pid = gone.next<StartedReport>("a").pid;
  }
  std::ofstream(runner.work_path(7) + "/go") << "\n";
  ASSERT_TRUE(reaches([pid] { return process_state(pid) == ' '; }));
  client = RunnerClient(runner.socket_path());
  client.send(ListOrder{{"a", "unknown"}});
  EXPECT_EQ(client.next<EndedReport>("a").exit_code, 7);
  EXPECT_EQ(client.next<LostReport>("unknown").token, "unknown");
  client.send(ListOrder{{"a"}});
  EXPECT_EQ(client.next<EndedReport>("a").exit_code, 7);
  client.send(AcknowledgeOrder{"a"});
  client.send(ListOrder{{"a"}});
  EXPECT_EQ(client.next<LostReport>("a").token, "a");
}

TEST_P(RunnerTest, TellsOfOneThatRuns) {
  client.send(shell("a", "sleep 1000"));
  const pid_t pid = client.next<StartedReport>("a").pid;
  client.send(ListOrder{{"a"}});
  EXPECT_EQ(client.next<RunningReport>("a").pid, pid);
  client.send(AcknowledgeOrder{"a"});  // of what has not ended: means nothing
  client.send(ListOrder{{"a"}});
  EXPECT_EQ(client.next<RunningReport>("a").pid, pid);
}

TEST_P(RunnerTest, LetsGoOfEndsThatNobodyAsksFor) {
  run(shell("a", "true"));
  client.send(ListOrder{{}});
  client.send(ListOrder{{"a"}});
  EXPECT_EQ(client.next<LostReport>("a").token, "a");
}

TEST_P(RunnerTest, TakesOnePeerAtATime) {
  run(shell("a", "true"));
  RunnerClient second(runner.socket_path());
  EXPECT_TRUE(second.closed());
  EXPECT_EQ(run(shell("b", "exit 2")).exit_code, 2);
}

TEST_P(RunnerTest, HandsTheLogOver) {
  run(shell("a", "echo hello"));
  client.send(OpenLogOrder{7});
  UniqueFd log;
  const auto any = [](const LogReport&) { return true; };
  EXPECT_EQ(client.next<LogReport>(any, &log).error, "");
  EXPECT_EQ(read_whole(log.get(), 1 << 20).value(), runner.log(7));
  client.send(OpenLogOrder{8});
  EXPECT_EQ(client.next<LogReport>(any, &log).error, "execution 8 has no log");
  EXPECT_FALSE(log.valid());
}

TEST_P(RunnerTest, ForgetsWhatAnExecutionLeft) {
  run(shell("a", "mkdir -p d/e/f; touch d/e/f/g; ln -s /etc d/link; echo x"));
  client.send(ForgetOrder{7});
  EXPECT_TRUE(reaches([this] { return !fs::exists(runner.work_path(7)); }));
  EXPECT_FALSE(fs::exists(runner.state_path() + "/log/7.log"));
  EXPECT_TRUE(fs::exists("/etc/passwd"));
}

TEST_P(RunnerTest, EndsTheConnectionOfOneWhoTalksNonsense) {
  ASSERT_EQ(run(shell("a", "exit 1")).exit_code, 1);
  StartOrder wrong = shell("x", "true");
  wrong.token = "../x";
  client.send(wrong);
  EXPECT_TRUE(client.closed());
  client = RunnerClient(runner.socket_path());
  client.send(ListOrder{{"a"}});
  EXPECT_EQ(client.next<EndedReport>("a").exit_code, 1);
}

// ---- The program's own life

TEST_P(RunnerTest, SaysWhoItIsToWhoeverConnectsAndStaysSoThroughAReExec) {
  const auto hello = [](RunnerClient& to) {
    return to.next<HelloReport>([](const HelloReport&) { return true; }).runner;
  };
  const std::string name = hello(client);
  EXPECT_NE(name, "");
  { const RunnerClient gone = std::move(client); }
  client = RunnerClient(runner.socket_path());
  EXPECT_EQ(hello(client), name);
  const std::string before = file_text("/proc/" + std::to_string(runner.pid()) + "/cmdline");
  ASSERT_EQ(::kill(runner.pid(), SIGHUP), 0);
  ASSERT_TRUE(reaches([&] { return file_text("/proc/" + std::to_string(runner.pid()) + "/cmdline") != before; }));
  { const RunnerClient gone = std::move(client); }
  client = RunnerClient(runner.socket_path());
  EXPECT_EQ(hello(client), name);
  const RunnerProgram other({"--cgroup=no"});
  RunnerClient to_other(other.socket_path());
  EXPECT_NE(hello(to_other), name);
}

TEST_P(RunnerTest, KeepsItsChildrenThroughAReExec) {
  run(shell("done", "exit 9"));
  StartOrder order =
      shell("a", "echo before; printf half; while [ ! -e go ]; do sleep 0.01; done; echo ' line'; exit 7");
  order.capture = Capture::output;
  client.send(order);
  const pid_t pid = client.next<StartedReport>("a").pid;
  ASSERT_TRUE(reaches([this] { return runner.log(7).ends_with("before\n"); }));
  const std::string before = file_text("/proc/" + std::to_string(runner.pid()) + "/cmdline");
  ASSERT_EQ(::kill(runner.pid(), SIGHUP), 0);
  ASSERT_TRUE(reaches([&] { return file_text("/proc/" + std::to_string(runner.pid()) + "/cmdline") != before; }));
  EXPECT_EQ(client.next<EndedReport>("done").exit_code, 9);
  client.send(ListOrder{{"a", "done"}});
  EXPECT_EQ(client.next<RunningReport>("a").pid, pid);
  ASSERT_EQ(::kill(runner.pid(), SIGHUP), 0);  // once more, and the child ends just then
  std::ofstream(runner.work_path(7) + "/go") << "\n";
  const EndedReport end = client.next<EndedReport>("a");
  EXPECT_EQ(end.exit_code, 7);
  EXPECT_EQ(end.result, "before\nhalf line\n");
  EXPECT_EQ(log_texts(), "before\nhalf line\n");
  order = shell("after", "");
  order.argv = {"ls", "/proc/self/fd"};
  EXPECT_EQ(run(order).output_tail, "0\n1\n2\n3\n");
}

TEST_P(RunnerTest, EndsItsChildrenWhenItIsTold) {
  client.send(shell("a", "trap 'echo told > told; exit' TERM; echo $$ > pid; while :; do sleep 0.01; done"));
  client.send(shell("b", "trap '' TERM; (setsid sh -c 'echo $$ > stubborn; sleep 1000' &) ; sleep 1000"));
  const pid_t child = written_pid("pid");
  const pid_t stubborn = written_pid("stubborn");
  ASSERT_EQ(::kill(runner.pid(), SIGTERM), 0);
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(runner.exit_status(), 0);
  EXPECT_FALSE(is_alive(child));
  EXPECT_FALSE(is_alive(stubborn));
  EXPECT_EQ(file_text(runner.work_path(7) + "/told"), "told\n");
}

class RunnerIdleTest : public RunnerTest {
 protected:
  RunnerIdleTest() : RunnerTest({"--exit-idle"}) {}
};
INSTANTIATE_TEST_SUITE_P(Cgroup, RunnerIdleTest, ::testing::ValuesIn(cgroup_modes()),
                         [](const auto& one) { return one.param; });

TEST_P(RunnerIdleTest, LeavesWhenThereIsNothingLeftToDo) {
  run(shell("a", "true"));
  client.send(AcknowledgeOrder{"a"});
  { const RunnerClient gone = std::move(client); }
  EXPECT_EQ(runner.exit_status(), 0);
}

TEST(RunnerProgramTest, SharesItsStateFolderWithNobody) {
  const RunnerProgram runner({"--cgroup=no"});
  RunnerClient client(runner.socket_path());
  client.send(shell("a", "true"));
  client.next<EndedReport>("a");
  const std::string command =
      TAKT_BINARY_DIR "/takt-runner --state " + runner.state_path() + " --socket " + runner.folder() + "/other 2>&1";
  FILE* second = popen(command.c_str(), "r");
  char line[512] = {};
  ASSERT_NE(fgets(line, sizeof line, second), nullptr);
  EXPECT_EQ(std::string(line),
            "takt-runner: state folder " + runner.state_path() + " is in use by another takt-runner\n");
  EXPECT_EQ(WEXITSTATUS(pclose(second)), 1);
}

}  // namespace
}  // namespace takt::test
