// The executor with the real runner behind it.
#include "executor/direct.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "base/limits.h"
#include "support/runner_program.h"
#include "support/turning.h"

namespace takt::test {
namespace {

using ::testing::HasSubstr;

class Heard : public ExecutorEvents, public Log {
 public:
  void attempt_ended(AttemptEnded one) override { ended.push_back(std::move(one)); }
  void attempt_lost(AttemptLost one) override { lost.push_back(one.token); }
  void executor_ready(std::string runner) override {
    ++ready;
    runners.insert(std::move(runner));
  }
  void write(const LogEntry& entry) override { log.push_back(entry.message); }

  std::vector<AttemptEnded> ended;
  std::vector<std::string> lost;
  std::vector<std::string> log;
  std::set<std::string> runners;
  int ready = 0;
};

class DirectTest : public ::testing::Test {
 protected:
  DirectTest() : loop(Loop::create().value()) {}

  std::unique_ptr<DirectExecutor> executor(DirectOptions options) {
    return DirectExecutor::create(*loop, heard, heard, std::move(options)).value();
  }
  bool turns_until(const std::function<bool()>& state) { return turn_until(*loop, state); }
  static AttemptSpec shell_spec(const std::string& token, const std::string& script) {
    AttemptSpec spec;
    spec.token = token;
    spec.execution = 7;
    spec.process = "nightly";
    spec.step = "work";
    spec.argv = {"/bin/sh", "-c", script};
    spec.context = "{}";
    spec.log_bytes = limits::log_bytes;
    return spec;
  }
  const AttemptEnded* ended(const std::string& token) {
    const auto is = [&token](const AttemptEnded& one) { return one.token == token; };
    if (!turns_until([&] { return std::any_of(heard.ended.begin(), heard.ended.end(), is); })) return nullptr;
    return &*std::find_if(heard.ended.begin(), heard.ended.end(), is);
  }

  Heard heard;
  std::unique_ptr<Loop> loop;
};

TEST_F(DirectTest, RunsAnAttemptAndTakesItsResult) {
  const RunnerProgram runner({"--cgroup=no"});
  const auto direct = executor({runner.socket_path(), "", {}});
  direct->start(
      shell_spec("7.1.0.1", "echo '{\"count\": 3}' > $TAKT_RESULT; echo said; exit 4"));  // waits for the runner
  const AttemptEnded* end = ended("7.1.0.1");
  ASSERT_NE(end, nullptr);
  EXPECT_EQ(heard.ready, 1);
  EXPECT_EQ(end->exit_code, 4);
  EXPECT_EQ(end->result.value(), (Value{{"count", 3}}));
  EXPECT_EQ(end->output_tail, "said\n");
  EXPECT_EQ(end->output_bytes, 5u);
  EXPECT_GT(end->usage.memory_peak_bytes, 0);
  EXPECT_GT(to_us(end->ended_at), 1'700'000'000'000'000);
}

TEST_F(DirectTest, ReadsEachKindOfResult) {
  const RunnerProgram runner({"--cgroup=no"});
  const auto direct = executor({runner.socket_path(), "", {}});
  const auto result = [&](ResultSource source, const std::string& script) {
    AttemptSpec spec = shell_spec("r." + std::to_string(heard.ended.size()), script);
    spec.result = source;
    direct->start(spec);
    return ended(spec.token)->result;
  };
  EXPECT_EQ(result(ResultSource::standard_output, "echo '[1, 2]'").value(), Value({1, 2}));
  EXPECT_EQ(result(ResultSource::lines, "echo one; echo; echo two").value(), Value({"one", "", "two"}));
  EXPECT_EQ(result(ResultSource::lines, ":").value(), Value::array());
  EXPECT_EQ(result(ResultSource::none, "echo x; echo 5 > $TAKT_RESULT").value(), Value());
  EXPECT_EQ(result(ResultSource::file, ":").value(), Value());
  EXPECT_EQ(result(ResultSource::file, ": > $TAKT_RESULT").value(), Value());
  EXPECT_THAT(result(ResultSource::standard_output, "echo no").error().message,
              HasSubstr("result: stdout: not JSON: "));
  EXPECT_THAT(result(ResultSource::file, "echo { > $TAKT_RESULT").error().message,
              HasSubstr("result: the result file: not JSON: "));
  EXPECT_EQ(result(ResultSource::file, "ln -s /etc/passwd $TAKT_RESULT").error().message,
            "result: the result file is no regular file");
  EXPECT_THAT(result(ResultSource::lines, "yes '' | head -c 1000000").error().message, HasSubstr("bytes of JSON"));
}

TEST_F(DirectTest, EndsOneAttemptOverWhatTheRunnerWouldRefuse) {
  const RunnerProgram runner({"--cgroup=no"});
  const auto direct = executor({runner.socket_path(), "", {}});
  AttemptSpec spec = shell_spec("bad", "true");
  spec.argv.push_back(std::string("a\0b", 3));
  direct->start(spec);
  direct->start(shell_spec("good", "exit 2"));
  EXPECT_EQ(ended("good")->exit_code, 2);
  EXPECT_EQ(ended("bad")->error, "bad: an argument holds a NUL");
  EXPECT_EQ(heard.ready, 1);
}

TEST_F(DirectTest, FindsItsAttemptsAgain) {
  const RunnerProgram runner({"--cgroup=no"});
  auto first = executor({runner.socket_path(), "", {}});
  first->start(shell_spec("ends", "exit 7"));
  first->start(shell_spec("runs", "while [ ! -e go ]; do sleep 0.01; done; exit 8"));
  ASSERT_NE(ended("ends"), nullptr);
  first.reset();  // the daemon dies before it has recorded that
  heard.ended.clear();
  heard.ready = 0;
  const auto second = executor({runner.socket_path(), "", {}});
  ASSERT_TRUE(turns_until([this] { return heard.ready == 1; }));
  EXPECT_EQ(heard.runners.size(), 1u) << "it is the same one";
  second->readopt({"ends", "runs", "unknown"});
  EXPECT_EQ(ended("ends")->exit_code, 7);
  ASSERT_TRUE(turns_until([this] { return !heard.lost.empty(); }));
  EXPECT_EQ(heard.lost, std::vector<std::string>{"unknown"});
  second->acknowledge("ends");
  std::ofstream(runner.work_path(7) + "/go") << "\n";
  EXPECT_EQ(ended("runs")->exit_code, 8);
}

TEST_F(DirectTest, SignalsFreezesAndKills) {
  const RunnerProgram runner({"--cgroup=no"});
  const auto direct = executor({runner.socket_path(), "", {}});
  direct->start(shell_spec("a", "trap 'exit 5' TERM; echo $$ > pid; while :; do :; done"));
  const std::string pid_file = runner.work_path(7) + "/pid";
  ASSERT_TRUE(turns_until([&] { return file_text(pid_file).ends_with('\n'); }));
  const pid_t pid = std::atoi(file_text(pid_file).c_str());
  direct->freeze("a");
  ASSERT_TRUE(turns_until([&] { return process_state(pid) == 'T'; }));
  direct->thaw("a");
  ASSERT_TRUE(turns_until([&] { return process_state(pid) != 'T'; }));
  direct->signal("a", SIGTERM);
  EXPECT_EQ(ended("a")->exit_code, 5);
  direct->start(shell_spec("b", "trap '' TERM; while :; do sleep 0.01; done"));
  direct->kill_all("b");
  EXPECT_EQ(ended("b")->signal, SIGKILL);
}

TEST_F(DirectTest, OpensAndForgetsLogs) {
  const RunnerProgram runner({"--cgroup=no"});
  const auto direct = executor({runner.socket_path(), "", {}});
  direct->start(shell_spec("a", "echo hello"));
  ASSERT_NE(ended("a"), nullptr);
  std::vector<Result<UniqueFd>> replies;
  const auto open = [&] {
    direct->open_log(7, [&](Result<UniqueFd> reply) { replies.push_back(std::move(reply)); });
    const std::size_t wanted = replies.size() + 1;
    return turns_until([&] { return replies.size() == wanted; });
  };
  ASSERT_TRUE(open());
  ASSERT_TRUE(replies[0]) << replies[0].error().message;
  EXPECT_TRUE(read_whole(replies[0]->get(), 1 << 20).value().ends_with(" work 1 out hello\n"));
  direct->forget(7);
  ASSERT_TRUE(open());
  ASSERT_FALSE(replies[1]);
  EXPECT_EQ(replies[1].error().code, ErrorCode::no_such_execution);
}

// A runner that the executor started itself is nobody's child here.
class OwnRunner {
 public:
  OwnRunner() { std::filesystem::create_directories(folder_.path() + "/state"); }
  ~OwnRunner() {
    if (const pid_t one = pid(); one > 0) ::kill(one, SIGTERM), reaches([one] { return !is_alive(one); });
  }
  [[nodiscard]] DirectOptions options() const {
    return {folder_.path() + "/socket",
            TAKT_BINARY_DIR "/takt-runner",
            {"--state", folder_.path() + "/state", "--cgroup=no"}};
  }
  // The one that holds our state folder.
  [[nodiscard]] pid_t pid() const {
    for (const auto& entry : std::filesystem::directory_iterator("/proc"))
      if (const std::string line = file_text(entry.path().string() + "/cmdline");
          line.find("takt-runner") != std::string::npos && line.find(folder_.path() + "/state") != std::string::npos)
        return std::atoi(entry.path().filename().c_str());
    return -1;
  }

 private:
  TempFolder folder_;
};

TEST_F(DirectTest, StartsARunnerWhereThereIsNone) {
  const OwnRunner own;
  const auto direct = executor(own.options());
  direct->start(shell_spec("a", "echo $PPID; exit 3"));
  const AttemptEnded* end = ended("a");
  ASSERT_NE(end, nullptr);
  EXPECT_EQ(end->exit_code, 3);
  const pid_t runner = own.pid();
  EXPECT_EQ(end->output_tail, std::to_string(runner) + "\n");
  EXPECT_EQ(getsid(runner) == getsid(0), false);
  EXPECT_EQ(heard.log, std::vector<std::string>{});
}

TEST_F(DirectTest, GoesOnWithANewRunnerWhenOneIsKilled) {
  const OwnRunner own;
  const auto direct = executor(own.options());
  direct->start(shell_spec("a", "echo $$ > pid; sleep 1000"));
  const std::string pid_file = own.options().options[1] + "/work/7/pid";
  ASSERT_TRUE(turns_until([&] { return file_text(pid_file).ends_with('\n'); }));
  ASSERT_EQ(::kill(own.pid(), SIGKILL), 0);
  ASSERT_TRUE(turns_until([this] { return heard.ready == 2; }));
  EXPECT_EQ(heard.runners.size(), 2u);
  direct->readopt({"a"});
  ASSERT_TRUE(turns_until([this] { return !heard.lost.empty(); }));
  EXPECT_EQ(heard.lost, std::vector<std::string>{"a"});
  direct->start(shell_spec("b", "exit 4"));
  EXPECT_EQ(ended("b")->exit_code, 4);
  EXPECT_THAT(heard.log, ::testing::ElementsAre(HasSubstr("takt-runner is gone")));
  ::kill(std::atoi(file_text(pid_file).c_str()), SIGKILL);
}

TEST_F(DirectTest, SaysOnceThatARunnerCannotBeStarted) {
  const TempFolder folder;
  const auto direct = executor({folder.path() + "/socket", "/nonexistent/takt-runner", {}});
  ASSERT_TRUE(turns_until([this] { return !heard.log.empty(); }));
  EXPECT_EQ(heard.log.front(), "start /nonexistent/takt-runner: No such file or directory; trying on");
}

}  // namespace
}  // namespace takt::test
