// A daemon that dies between any two events goes on as if it had not: one workflow that has nearly everything, played
// once for each of its moments.
#include <deque>

#include <fmt/format.h>

#include "workflow_fixture.h"

namespace takt::test {
namespace {

const std::string outer = R"(
[[step]]
name = "first"
run = ["first"]
undo = ["undo first", "${steps.first.result}"]

[[step]]
name = "each"
for_each = "{'x', 'y', 'z', 'w'}"
max_parallel = 2
run = ["each", "${item}"]
undo = ["undo each", "${item}"]
retry = { limit = 1, delay = "1s" }

[[step]]
name = "left"
parallel_group = 1
run = ["left"]
undo = ["undo left"]

[[step]]
name = "nested"
parallel_group = 1
process = "inner"

[[step]]
name = "pause"
wait = "1s"

[[step]]
name = "plan"
generate = true
run = ["plan"]

[[step]]
name = "check"
max_visits = 3
run = ["check", "${steps.plan.attempts}"]
on_failure = "mend"

[[step]]
name = "late"
needs = ["plan"]
run = ["fail at last"]

[[step]]
name = "mend"
run = ["mend"]
on_success = "check"

[[finally]]
name = "tidy"
run = ["tidy", "${execution.outcome}"]
)";

const std::string inner = R"(
[[step]]
name = "deep"
run = ["deep"]
undo = ["undo deep"]
)";

class Restarts : public Workflow {
 protected:
  // Each command that was run, with how often. Restarts before event number `cut`; never with none.
  std::map<std::string, int> play(std::optional<std::size_t> cut) {
    with_all({{"p", outer}, {"inner", inner}});
    running_.clear();
    commands_.clear();
    events_ = 0;
    start();
    note();
    while (!ended_row(1) || !running_.empty()) {
      if (events_ > 200) {
        ADD_FAILURE() << "it does not end: " << states();
        break;
      }
      if (cut == events_) {
        harness->restart();
        note();
      }
      ++events_;
      if (running_.empty()) {
        harness->tick();
      } else {
        const auto [token, command] = running_.front();
        running_.pop_front();
        finish(token, command);
      }
      note();
    }
    return commands_;
  }

  [[nodiscard]] std::size_t events() const { return events_; }

 private:
  void note() {
    for (const Effect& effect : harness->last().effects)
      if (const auto* begun = std::get_if<StartAttempt>(&effect)) {
        const std::string command = fmt::format("{}", fmt::join(begun->spec.argv, " "));
        ++commands_[command];
        running_.emplace_back(begun->spec.token, command);
      }
  }
  void finish(const std::string& token, const std::string& command) {
    const bool first_time = commands_[command] == 1;
    const bool fails =
        command == "fail at last" || (first_time && (command == "each y" || command.starts_with("check")));
    Value result = command;
    if (command == "plan") result = {{{"name", "made"}, {"run", {"made"}}, {"undo", {"undo made"}}}};
    ended(token, fails ? 1 : 0, std::move(result));
  }

  std::deque<std::pair<std::string, std::string>> running_;
  std::map<std::string, int> commands_;
  std::size_t events_ = 0;
};

TEST_F(Restarts, AtAnyMomentChangeNothing) {
  const std::map<std::string, int> expected = play(std::nullopt);
  const std::string expected_outcome = outcome();
  const std::string expected_states = states();
  EXPECT_EQ(expected_outcome, "failed at late: step 'late' failed: exit status 1");
  for (const char* once : {"undo first first", "undo each x", "undo each y", "undo each z", "undo each w", "undo left",
                           "undo made", "tidy failed", "each x", "made", "deep"})
    EXPECT_EQ(expected.count(once) != 0 ? expected.at(once) : 0, 1) << once;
  EXPECT_EQ(expected.at("each y"), 2);
  const std::size_t all = events();
  for (std::size_t cut = 0; cut < all; ++cut) {
    SCOPED_TRACE(cut);
    EXPECT_EQ(play(cut), expected);
    EXPECT_EQ(outcome(), expected_outcome);
    EXPECT_EQ(states(), expected_states);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace takt::test
